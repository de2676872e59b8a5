"""The walls around a student process: namespaces, limits, and filters."""
