"""The web server: the API, the pages, and the limits of requests."""
