"""The pages that people see in a browser, made on the server; they work without scripts too."""
