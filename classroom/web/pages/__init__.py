"""The pages for browsers, rendered on the server. They also work without scripts."""
