"""The board: competitions, scoring, submissions, standings."""
