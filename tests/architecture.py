"""The picture of the rooms in docs/architecture.md, made from the import contract.

    python -m tests.architecture    # write it anew

The contract is the table ``[tool.importlinter]`` in pyproject.toml. Each contract of the type
``layers`` becomes one stack: a room imports only rooms below it. A room's sentence is the first
sentence of its docstring.
"""

from __future__ import annotations

import ast
import re
import textwrap
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "architecture.md"
BEGIN = "<!-- rooms: made by python -m tests.architecture -->"
END = "<!-- end of rooms -->"
WIDTH = 78  # characters of a sentence in the picture


@dataclass(frozen=True)
class Stack:
    """The rooms of one package, the highest layer first."""

    package: str
    layers: tuple[tuple[str, ...], ...]

    @property
    def rooms(self) -> set[str]:
        """The dotted names of all rooms."""
        return {f"{self.package}.{room}" for layer in self.layers for room in layer}


def stacks(settings: dict[str, Any]) -> Iterator[Stack]:
    """The stacks that the contracts in a parsed pyproject.toml describe."""
    for contract in settings["tool"].get("importlinter", {}).get("contracts", []):
        if contract["type"] != "layers":
            continue
        layers = [re.split(r"\s*[|:]\s*", layer) for layer in contract["layers"]]
        named = [tuple(name.strip("() ") for name in layer) for layer in layers]
        for container in contract.get("containers", []):
            yield Stack(container, tuple(named))
        if "containers" not in contract:
            package = named[0][0].split(".")[0]
            short = (tuple(n.removeprefix(f"{package}.") for n in layer) for layer in named)
            yield Stack(package, tuple(short))


def path_of(dotted: str, root: Path = ROOT) -> Path:
    """The file of a module, or the folder of a package."""
    path = root.joinpath(*dotted.split("."))
    return path if path.is_dir() else path.with_suffix(".py")


def sentence_of(dotted: str, root: Path = ROOT) -> str:
    """The first sentence of a room's docstring, without the full stop."""
    path = path_of(dotted, root)
    file = path / "__init__.py" if path.is_dir() else path
    docstring = ast.get_docstring(ast.parse(file.read_text())) or ""
    return re.split(r"(?<=[^.])\.(?:\s|$)", " ".join(docstring.split()))[0]


def picture(stack: Stack, root: Path = ROOT) -> str:
    """A stack of boxes, one for each layer."""
    width = max(len(room) for layer in stack.layers for room in layer)
    rule = "─" * (width + WIDTH + 4)
    boxes = []
    for layer in stack.layers:
        lines = []
        for room in layer:
            text = textwrap.wrap(sentence_of(f"{stack.package}.{room}", root), WIDTH) or [""]
            names = [room, *[""] * (len(text) - 1)]
            lines += [
                f"│ {name:{width}}  {line:{WIDTH}} │"
                for name, line in zip(names, text, strict=True)
            ]
        boxes.append("\n".join(lines))
    body = f"\n├{rule}┤\n".join(boxes)
    folder = stack.package.replace(".", "/")
    return f"{folder}/\n┌{rule}┐\n{body}\n└{rule}┘"


def filled(page: str, settings: dict[str, Any], root: Path = ROOT) -> str:
    """The page with its pictures made anew."""
    made = "\n\n".join(f"```text\n{picture(stack, root)}\n```" for stack in stacks(settings))
    pattern = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    return pattern.sub(lambda _: f"{BEGIN}\n{made}\n{END}", page)


def settings_of(root: Path = ROOT) -> dict[str, Any]:
    """The parsed pyproject.toml."""
    return tomllib.loads((root / "pyproject.toml").read_text())


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(), settings_of()))
