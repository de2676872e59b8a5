"""Delay Ctrl-C until a piece of work is done."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def ctrl_c_waits() -> Iterator[None]:
    """Within the block, Ctrl-C waits; after it, Ctrl-C works as before.

    Some libraries would swallow a KeyboardInterrupt or break: SQLAlchemy when it closes a
    connection, torch when it is imported. A second Ctrl-C does not wait. Outside of the main
    thread, which no signal interrupts, this has no effect.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT) or signal.SIG_DFL
    pressed = False

    def wait(number: int, frame: object) -> None:
        nonlocal pressed
        pressed = True
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, wait)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if pressed:
            signal.raise_signal(signal.SIGINT)
