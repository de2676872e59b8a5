"""The wall between the trusted world and a student's process: frames and plain values.

Both sides import this package. It never executes, imports or unpickles data.
"""
