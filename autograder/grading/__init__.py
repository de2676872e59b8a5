"""Grade one notebook of one student."""
