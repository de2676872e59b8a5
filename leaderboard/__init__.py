"""A leaderboard that nobody can overfit: scoring, standings, web service, command line."""
