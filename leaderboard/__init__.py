"""The old name of the program, for ``python -m leaderboard``; the code is in ``classroom``."""
