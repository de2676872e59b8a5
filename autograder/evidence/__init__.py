"""Evidence for the mistakes of a wrong answer, strongest first."""
