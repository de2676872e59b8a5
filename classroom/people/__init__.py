"""People: the roster, tokens, sessions, teams and their handles."""
