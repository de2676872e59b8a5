"""A student's process and its objects, as the trusted world sees them."""
