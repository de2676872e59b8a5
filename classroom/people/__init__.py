"""Who takes part: the roster, tokens, sessions, teams and their handles."""
