"""The commands of the programs, with their options."""

from __future__ import annotations

import functools
from typing import Any

from docs.generated.commands import commands_of


@functools.cache
def programs() -> dict[str, dict[str, set[str]]]:
    """The options of each command, by program and by full name."""
    from autograder.cli.app import app as autograder
    from classroom.cli import app as classroom

    return {
        "autograder": _options("autograder", autograder),
        "classroom": _options("classroom", classroom),
        "leaderboard": _options("leaderboard", classroom),
    }


def _options(program: str, app: Any) -> dict[str, set[str]]:
    found = {program: {"--version", "--help"}}
    for name, command in commands_of(program, app):
        spelled = [opt for one in command.params for opt in (*one.opts, *one.secondary_opts)]
        found[name] = {one for one in spelled if one.startswith("-")} | {"--help"}
    return found


def options_of(said: str) -> set[str] | None:
    """The options of the command that a text names; None if there is no such command.

    An option of settings, ``--Autograder``, belongs to every command. A group of commands, such as
    ``autograder roster``, has only --help.
    """
    words = said.split()
    known = programs()[words[0]]
    for length in range(len(words), 0, -1):
        name = " ".join(words[:length])
        if name in known and (length > 1 or len(words) == 1 or words[1].startswith("-")):
            return known[name] | {"--Autograder", "-vv"}
        if length > 1 and any(one.startswith(f"{name} ") for one in known):
            return {"--help"}
    return {"--help"} if "COMMAND" in words else None
