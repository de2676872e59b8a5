"""docs/architecture.md shows the rooms of the import contract and names only paths that exist."""

from __future__ import annotations

import re
from pathlib import Path

from tests import architecture

CONTRACT = {
    "tool": {
        "importlinter": {
            "contracts": [
                {"type": "forbidden", "source_modules": ["a"], "forbidden_modules": ["b"]},
                {"type": "layers", "containers": ["house"], "layers": ["top", "a | b", "(cellar)"]},
            ]
        }
    }
}


def house(root: Path) -> Path:
    for name in ("top", "a", "b"):
        (root / "house" / name).mkdir(parents=True)
        (root / "house" / name / "__init__.py").write_text(f'"""The room {name}.\n\nMore.\n"""\n')
    (root / "house" / "cellar.py").write_text('"""A file, v0.1 of it. More."""\n')
    return root


def test_the_picture_shows_each_layer_in_the_order_of_the_contract(tmp_path: Path) -> None:
    (stack,) = architecture.stacks(CONTRACT)
    assert stack.layers == (("top",), ("a", "b"), ("cellar",))
    lines = architecture.picture(stack, house(tmp_path)).splitlines()
    shown = [re.sub(r"\s+", " ", line.strip("│ ")) for line in lines if line.startswith("│")]
    assert shown == [
        "top The room top",
        "a The room a",
        "b The room b",
        "cellar A file, v0.1 of it",
    ]
    assert [line[0] for line in lines] == list("h┌│├││├│└")
    assert len({len(line) for line in lines[1:]}) == 1


def test_layers_may_be_named_without_a_container() -> None:
    contract = {"type": "layers", "layers": ["house.top", "house.a"]}
    (stack,) = architecture.stacks({"tool": {"importlinter": {"contracts": [contract]}}})
    assert stack.rooms == {"house.top", "house.a"}


def test_the_page_shows_the_contract_of_today() -> None:
    page = architecture.PAGE.read_text()
    assert page == architecture.filled(page, architecture.settings_of()), (
        "run: python -m tests.architecture"
    )


def test_every_room_of_a_package_is_in_the_picture() -> None:
    for stack in architecture.stacks(architecture.settings_of()):
        folders = (architecture.ROOT / stack.package).glob("*/__init__.py")
        there = {f"{stack.package}.{path.parent.name}" for path in folders}
        shown = {".".join(name.split(".")[:2]) for name in stack.rooms}
        assert there <= shown


def test_every_path_that_the_page_names_exists() -> None:
    text = re.sub(r"```.*?```", "", architecture.PAGE.read_text(), flags=re.DOTALL)
    named = re.findall(r"`((?:autograder|classroom|leaderboard|tests|source|docs)/[^`]*)`", text)
    assert len(named) > 20
    paths = [name.partition("::")[0] for name in named]
    assert [path for path in paths if not (architecture.ROOT / path).exists()] == []


def test_every_function_that_the_page_names_exists() -> None:
    text = architecture.PAGE.read_text()
    named = re.findall(r"`((?:autograder|classroom|leaderboard)/[^`]*)::(\w+)`", text)
    assert named
    for path, name in named:
        found = re.search(
            rf"^ *(?:async )?(?:def|class) {name}\b", (architecture.ROOT / path).read_text(), re.M
        )
        assert found, f"{path} defines no {name}"
