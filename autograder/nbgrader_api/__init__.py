"""The parts of nbgrader that the engine uses, and its changes to them."""
