"""How often the mistake in a wrong answer is named, and how often rightly. See README.md."""
