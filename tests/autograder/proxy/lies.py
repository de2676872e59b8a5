"""Code for a student's process that lies: its handlers may return dictionaries as replies."""

SAY_ANYTHING = """
from autograder.student import server
from autograder.student.server import Objects, Server
class Said(dict):
    def fields(self): return self
def _saying(self, name):
    found = object.__getattribute__(self, name)
    if not name.startswith('_do_'): return found
    def handler(asked):
        reply = found(asked)
        return Said(reply) if type(reply) is dict else reply
    return handler
Server.__getattribute__ = _saying
"""
