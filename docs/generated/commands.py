"""The reference of a program's commands, from typer."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import typer

from docs.generated.markdown import code, joined, plain, table

# Options of nearly every command are explained once, above the commands.
COMMON = ("--course", "--verbose", "--help", "--db")


def autograder() -> str:
    """The commands of ``autograder``."""
    from autograder.cli.app import app

    return markdown("autograder", app)


def classroom() -> str:
    """The commands of ``classroom``."""
    from classroom.cli import app

    return markdown("classroom", app)


def commands_of(program: str, app: typer.Typer) -> Iterator[tuple[str, Any]]:
    """Full name and command of each command that can be run, in alphabetical order."""
    yield from _below(program, typer.main.get_command(app))


def _below(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    parts = getattr(command, "commands", None)
    if parts is None:
        yield name, command
        return
    for part in sorted(parts):
        if not parts[part].hidden:
            yield from _below(f"{name} {part}", parts[part])


def markdown(program: str, app: typer.Typer) -> str:
    """A section for each command: how it is called, its effect, its arguments and options."""
    found = list(commands_of(program, app))
    common = {
        option.opts[0]: option
        for _, command in found
        for option in _options(command)
        if option.opts[0] in COMMON
    }
    return joined(
        "## Options of most commands",  # a text without a heading would come after all sections
        table(("option", "meaning"), map(_row, common.values())),
        *(_section(name, command) for name, command in found),
    )


def _section(name: str, command: Any) -> str:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in _options(command) if one.opts[0] not in COMMON]
    explained = [one for one in arguments if one.help]
    return joined(
        f"## {name}",
        f"```text\n{_call(name, arguments, options)}\n```",
        *map(plain, (command.help or "").split("\n\n")),
        table(("argument or option", "meaning"), map(_row, [*explained, *options])),
        plain(command.epilog or ""),
    )


def _options(command: Any) -> list[Any]:
    return [
        one
        for one in command.params
        if one.param_type_name == "option" and not one.hidden and "--help" not in one.opts
    ]


def _call(name: str, arguments: list[Any], options: list[Any]) -> str:
    """How the command is called, in the manner of manuals."""
    words = [_argument(one) for one in arguments]
    words += [_spelled(one) for one in options if one.required]
    words += ["[OPTIONS]"] if any(not one.required for one in options) else []
    return " ".join([name, *words])


def _argument(argument: Any) -> str:
    word = argument.metavar or argument.name.upper()
    word = f"{word}..." if argument.nargs != 1 else word
    return word if argument.required else f"[{word}]"


def _spelled(option: Any) -> str:
    """The option with the kind of its value: ``--by DURATION``."""
    if option.is_flag or getattr(option, "count", False):
        return str(option.opts[0])
    return f"{option.opts[0]} {_value(option)}"


def _value(option: Any) -> str:
    """The value of an option in capitals, or its choices."""
    annotation = option.type_descriptor.annotation
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return "|".join(str(one.value) for one in annotation)
    if option.metavar:
        return str(option.metavar)
    name = str(option.opts[0]).lstrip("-").upper()
    if annotation is Path:
        return "DIR" if name == "COURSE" else "FILE"
    return name


def _row(one: Any) -> tuple[str, str]:
    """An argument or option, and its meaning with default and variable of the environment."""
    if one.param_type_name == "argument":
        return code(_argument(one)), plain(one.help or "")
    short = [opt for opt in one.opts[1:] if not opt.startswith("--")]
    spelled = ", ".join(map(code, [*short, _spelled(one), *one.secondary_opts]))
    meaning = [plain(one.help or "")]
    if one.default not in (None, "", False, 0, ()) and not callable(one.default):
        default = getattr(one.default, "value", one.default)
        meaning.append(f"Default: {code(str(default))}.")
    if one.multiple and "repeat" not in (one.help or ""):
        meaning.append("May be repeated.")
    if one.required:
        meaning.append("Required.")
    if one.envvar:
        meaning.append(f"Variable of the environment: {code(str(one.envvar))}.")
    return spelled, " ".join(filter(None, meaning))
