"""Evidence: what the outputs of a wrong answer say about its mistakes, strongest first."""
