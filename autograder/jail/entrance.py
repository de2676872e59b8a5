"""The first program in the sandbox: makes the view private, gives up root, starts the fork server.

Python is started anew after that, so that the fork server and its children have loaded every
library from the private view.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, NoReturn

from autograder.jail import jail
from autograder.jail.overlays import cover_shown_files


def main() -> NoReturn:
    """Enter, and become the program whose Python text is ``boot`` in the configuration."""
    config: dict[str, Any] = json.loads(sys.argv[1])
    if os.getuid() == 0:
        jail.mount_fresh_proc()  # bubblewrap's is partly covered: no child could mount its own
        cover_shown_files()
        jail.become_unprivileged(int(config["user_id"]))
    else:
        try:
            jail.enter_mount_namespace()
        except OSError:
            pass  # the students' processes say what is wrong
        else:
            cover_shown_files()
    os.execv(sys.executable, [sys.executable, "-s", "-P", "-c", config["boot"], sys.argv[1]])
