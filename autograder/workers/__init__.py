"""Worker processes that grade."""
