"""``python -m leaderboard``."""

from classroom.cli import main

if __name__ == "__main__":
    main()
