"""The parts of nbgrader that the engine uses, and what it changes in them."""
