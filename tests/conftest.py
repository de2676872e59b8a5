"""Tests run side by side: each computes on one thread, as grading does.

Threads that wait for each other spin; with more of them than cores, tests take ten times as long.
"""

from __future__ import annotations

import os

import torch

pytest_plugins = ["tests.courses.fixtures", "tests.needs"]

os.environ["OMP_NUM_THREADS"] = "1"  # of what tests start
torch.set_num_threads(1)
