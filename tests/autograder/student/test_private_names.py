"""Private names of IPython and torch: all are there, and a missing one is told by its name."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import autograder
from autograder.errors import SandboxUnavailable
from autograder.sandbox import launcher
from autograder.student.private_names import NAMES, PrivateNameMissing, check_private_names
from tests.courses.tiny import SMALL

ENGINE = Path(autograder.__file__).parent
LISTED = {name.replace(":", ".") for name in NAMES}


def test_all_private_names_are_there() -> None:
    check_private_names()


def test_missing_names_are_told_with_the_versions() -> None:
    names = ("torch:_gone", "torch._no_module:x", "torch:nn.Module", "IPython:InteractiveShell._x")
    with pytest.raises(PrivateNameMissing) as caught:
        check_private_names(names)
    text = str(caught.value)
    assert text.startswith("torch:_gone, torch._no_module:x, IPython:InteractiveShell._x cannot")
    assert "torch 2" in text


def test_the_fork_server_does_not_start_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = "from autograder.student import private_names as p; p.check_private_names.__defaults__ = (('torch:_gone',),); "
    boot = launcher._BOOT.replace("from autograder", f"{gone}from autograder", 1)
    monkeypatch.setattr(launcher, "_BOOT", boot)
    with pytest.raises(SandboxUnavailable, match="torch:_gone cannot be found in IPython"):
        launcher.ForkServer(SMALL, "process").start()


def private_uses(path: Path) -> set[str]:
    """Dotted names of torch with a private part, as a module of the engine uses them."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.insert(0, node.attr)
            node = node.value
        if isinstance(node, ast.Name) and node.id == "torch":
            if any(part.startswith("_") and not part.startswith("__") for part in parts):
                found.add(".".join(("torch", *parts)))
    return found


@pytest.mark.parametrize("room", ["shell", "torch_watch"])
def test_every_private_name_of_torch_that_is_used_is_listed(room: str) -> None:
    uses = {name for path in (ENGINE / room).glob("*.py") for name in private_uses(path)}
    assert uses
    for use in uses:
        assert any(
            f"{listed}.".startswith(f"{use}.") or use.startswith(listed) for listed in LISTED
        )
