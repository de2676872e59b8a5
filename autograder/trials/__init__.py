"""One call of an answer: arguments, reply, and comparison with the reference."""
