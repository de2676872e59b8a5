"""Renders one page from an autograded notebook, in a process with limits."""
