"""The wall between the trusted world and a student's process: frames and plain values.

Both sides import this package; nothing in it executes, imports or unpickles what it reads.
"""
