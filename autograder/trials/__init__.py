"""One call of an answer: its arguments, what came back, and the comparison with the reference."""
