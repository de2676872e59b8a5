"""HTTP itself: limits, bodies, connections, and the answers to what is refused."""
