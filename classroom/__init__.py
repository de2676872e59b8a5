"""The site of a course: people, sign-in, and the leaderboard."""
