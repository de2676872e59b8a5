"""The generated pages agree with the code."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest
import typer

from autograder import checks
from autograder.config.settings import Settings
from autograder.rendering.verdicts import WORDS
from docs.generated import PARTS, http_api, markdown
from docs.generated.checks import names
from docs.generated.commands import commands_of
from docs.generated.commands import markdown as commands_markdown
from docs.generated.pages import SHOWN, TAKEN, relinked
from tests.classroom.operations import OPERATIONS
from tests.docs.pages import DOCS, ROOT
from tests.docs.programs import programs


def test_every_part_has_its_page() -> None:
    asked = [
        line.removeprefix("```{generated} ")
        for page in (DOCS / "reference").glob("*.md")
        for line in page.read_text().splitlines()
        if line.startswith("```{generated} ")
    ]
    assert sorted(asked) == sorted(PARTS)


@pytest.mark.parametrize("program", ["autograder", "classroom"])
def test_every_command_is_explained_with_its_options(program: str) -> None:
    text = PARTS[f"commands {program}"]()
    for name, options in programs()[program].items():
        if name == program:
            continue
        assert f"\n## {name}\n" in text
        section = text.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        head = text.partition("## Options of most commands\n")[2].partition("\n## ")[0]
        assert all(f"`{one}" in section + head for one in options - {"--help"})


def test_a_command_is_written_as_it_is_called() -> None:
    app = typer.Typer()

    @app.command("first")
    def first(name: str, more: list[str] | None = None, by: str = "2d", why: str = "") -> None:
        """Do it | now.

        With `code` and a_name.
        """

    @app.command("second", hidden=True)
    def second() -> None:
        """Stay hidden."""

    @app.command("third")
    def third(wanted: bool = typer.Option(..., "--wanted", help="Say <yes>.")) -> None:
        """Ask."""

    text = commands_markdown("prog", app)
    assert "prog first NAME [OPTIONS]\n" in text
    assert "Do it \\| now.\n\nWith `code` and a\\_name." in text
    assert "Default: `2d`." in text
    assert "hidden" not in text
    assert "| `--wanted` | Say \\<yes\\>. Required. |" in text
    assert [name for name, _ in commands_of("prog", app)] == ["prog first", "prog third"]


def test_every_setting_is_explained() -> None:
    text = PARTS["settings"]()
    for name, _, help in Settings.table():
        assert f"| `{name}` |" in text
        assert markdown.plain(help) in text


def test_every_field_of_out_json_is_explained() -> None:
    text = PARTS["out.json"]()
    schema = json.loads((DOCS / "out.schema.json").read_text())
    for name, one in schema["$defs"].items():
        assert f"## {name}\n" in text
        assert all(f"| `{field}` |" in text for field in one.get("properties", {}))
        assert all(f"`{word}`" in text for word in one.get("enum", ()))


def test_every_name_for_checks_is_explained_with_its_parameters() -> None:
    text = PARTS["checks"]()
    for name in names():
        section = text.partition(f"## {name}\n")[2].partition("\n## ")[0]
        assert section.startswith(f"\n```python\n{name}(")
        parameters = set(inspect.signature(getattr(checks, name)).parameters) - {"self"}
        assert all(one in section.partition("\n```\n")[0] for one in parameters)
        assert section.partition("\n```\n")[2].strip(), f"{name} has no docstring"
    assert "0x" not in text


def test_every_request_of_the_site_is_explained() -> None:
    text = PARTS["http api"]()
    for path, method in OPERATIONS:
        assert f"## {method} {path}\n" in text
    answers = http_api.document()["components"]["schemas"]
    assert "public_score" in text and answers


def test_the_page_for_students_explains_every_word_of_their_pages() -> None:
    text = (DOCS / "students.md").read_text()
    table = text.partition("| the page says |")[2].partition("\n\n")[0]
    said = [word.strip() for row in table.splitlines()[2:] for word in row.split("|")[1].split(",")]
    assert sorted(said) == sorted(WORDS.values())


@pytest.mark.parametrize(
    ("text", "place", "page", "expected"),
    [
        ("[a](../SECURITY.md)", "docs", "security", "[a](reporting.md)"),
        ("[a](../README.md#demo)", "docs", "faq", "[a](index.md#demo)"),
        ("[a](../Makefile)", "docs", "faq", "a"),
        ("[a](docs/files.md#archives)", "", "contributing", "[a](files.md#archives)"),
        ("![p](docs/board.png)", "", "changes", "![p](board.png)"),
        ("[a](../files.md)", "docs/reference", "reference/checks", "[a](../files.md)"),
        ("[a](https://example.edu/x.md)", "docs", "faq", "[a](https://example.edu/x.md)"),
        ("[a](#here)", "docs", "faq", "[a](#here)"),
        ("`[a](../Makefile)`", "docs", "faq", "`[a](../Makefile)`"),
        ("```text\n[a](../Makefile)\n```\n", "docs", "faq", "```text\n[a](../Makefile)\n```\n"),
    ],
)
def test_links_are_made_to_fit_the_site(text: str, place: str, page: str, expected: str) -> None:
    assert relinked(text, place, page) == expected


def test_pages_that_stand_elsewhere_have_a_place() -> None:
    assert all((ROOT / file).is_file() for file in SHOWN)
    assert all((DOCS / f"{page}.md").is_file() for page in TAKEN)
    assert all(Path(file).suffix == ".md" for file in TAKEN.values())
