"""The threads of a process, and a garbage collection at the wrong moment."""

from __future__ import annotations

import subprocess
import sys

GARBAGE = """
import gc, threading
from autograder.torch_watch.frames import own_threads

class Node:
    pass

def deep(levels, reached, go):
    if levels:
        deep(levels - 1, reached, go)
    else:
        reached.set()
        go.wait()

go = threading.Event()
for _ in range(20):  # of each thread a frame is made, and to make one can start a collection
    reached = threading.Event()
    threading.Thread(target=deep, args=(5, reached, go)).start()
    reached.wait()
for later in range(15):  # objects that are made before it
    gc.collect()
    gc.disable()
    for _ in range(100):  # cycles that hold thread-local data
        node = Node()
        node.own = node
        node.local = threading.local()
        node.local.value = 1
    del node
    gc.set_threshold(gc.get_count()[0] + later, 1, 1)
    gc.enable()
    found = own_threads()
print(found, gc.isenabled())
gc.disable()
go.set()
"""


def test_a_collection_of_thread_local_data_does_not_hold_up_the_look_at_threads() -> None:
    run = subprocess.run(
        [sys.executable, "-c", GARBAGE], capture_output=True, text=True, check=True, timeout=30
    )
    assert run.stdout == "True True\n"
