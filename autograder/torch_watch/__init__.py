"""What a call runs: torch's operations, functions of libraries, steps of Python."""
