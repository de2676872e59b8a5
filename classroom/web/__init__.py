"""The web server: the API, the pages, and limits for requests."""
