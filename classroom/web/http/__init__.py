"""HTTP: connections, bodies, limits, and answers to refused requests."""
