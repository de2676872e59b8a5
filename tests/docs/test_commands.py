"""Every command on a page runs, and prints the output that the page shows."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.docs.blocks import Block, blocks_of
from tests.docs.follow import NotAsShown, follow
from tests.docs.pages import FOLLOWED_ELSEWHERE, NOT_RUN, PAGES, ROOT, name_of
from tests.docs.programs import options_of, programs
from tests.docs.scratch import Scratch

SHELL = re.compile(
    r"^\$ |^(?:\.venv/bin/)?(?:autograder|classroom|leaderboard|nbgrader|make|pip|python\S*|git|cd"
    r"|curl|sudo|conda|cp|mkdir|unzip|export) ",
    re.MULTILINE,
)
BLOCKS = [block for page in PAGES for block in blocks_of(page)]


def has_commands(page: Path) -> bool:
    return any(
        block.language == "console" and "not run" not in block.marks for block in blocks_of(page)
    )


FOLLOWED = [page for page in PAGES if has_commands(page) and page.name not in FOLLOWED_ELSEWHERE]


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    return Scratch(tmp_path_factory.mktemp("docs"))


@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.parametrize("page", FOLLOWED, ids=name_of)
def test_the_commands_of_a_page_do_what_the_page_shows(page: Path, scratch: Scratch) -> None:
    assert follow(blocks_of(page), scratch.fresh)


def test_commands_stand_in_console_blocks_and_nowhere_else() -> None:
    """Only blocks of the language console are run, so commands hide in no other block."""
    hidden = [
        f"{block.place}: {match[0]}"
        for block in BLOCKS
        if block.language in {"", "text", "bash", "sh", "shell"}
        and not {"not run", "file", "append"} & block.marks.keys()
        and (match := SHELL.search(block.text))
    ]
    assert hidden == []


def test_console_blocks_hold_commands() -> None:
    assert [one.place for one in BLOCKS if one.language == "console" and not one.commands()] == []


def test_commands_that_do_not_run_have_one_of_a_few_reasons() -> None:
    reasons = Counter(block.marks["not run"] for block in BLOCKS if "not run" in block.marks)
    assert reasons.keys() <= NOT_RUN.keys()
    assert {reason: n for reason, n in reasons.items() if n > NOT_RUN[reason]} == {}


def test_a_block_that_does_not_run_has_a_command_that_explains_it() -> None:
    """An ordinary command is not skipped for convenience."""
    fits = {
        "installs programs": r"\b(?:apt|apt-get|make setup|conda|pip)\b",
        "runs until it is stopped": r"\b(?:serve|edit|questions|formgrader|jupyter|systemctl)\b",
        "needs the network": r"\bgit clone\b|\bgh \b|https?://",
        "takes minutes": r"^\$ make ",
    }
    assert fits.keys() == NOT_RUN.keys()
    wrong = [
        block.place
        for block in BLOCKS
        if (reason := block.marks.get("not run")) and not re.search(fits[reason], block.text)
    ]
    assert wrong == []


def test_a_page_that_another_test_follows_is_followed_there() -> None:
    for page, test in FOLLOWED_ELSEWHERE.items():
        assert page.removesuffix(".md") in (ROOT / test).read_text()


def test_commands_in_the_text_exist_with_their_options() -> None:
    """Also commands that a page only mentions, such as `autograder grade --force`."""
    wrong = []
    for page in PAGES:
        text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
        for said in re.findall(r"`((?:autograder|classroom|leaderboard) [^`\n]+)`", text):
            known = options_of(said)
            if known is None:
                wrong.append(f"{page.name}: no command: {said}")
                continue
            given = set(re.findall(r"(?<!\S)(--?[A-Za-z][\w-]*)", said))
            wrong += [f"{page.name}: no option {one}: {said}" for one in given - known]
    assert wrong == []


def test_every_command_of_the_engine_is_shown_on_a_page() -> None:
    ran = "\n".join(
        command.text
        for block in BLOCKS
        if block.language == "console"
        for command in block.commands()
    )
    absent = [name for name in programs()["autograder"] if name not in ran]
    assert absent == []


# ------------------------------------------------------------------------------------ the runner


def page_of(folder: Path, text: str) -> list[Block]:
    path = folder / "page.md"
    path.write_text(text)
    return list(blocks_of(path))


def fresh_in(folder: Path) -> object:
    def fresh(name: str) -> Path:
        (folder / name).mkdir(exist_ok=True)
        return folder / name

    return fresh


@pytest.mark.parametrize(
    ("block", "complaint"),
    [
        ("$ echo one\none\n", ""),
        ("$ echo one\ntwo\n", "the page shows"),
        ("$ echo one\n", ""),
        ("$ printf 'one\\ntwo\\n'\none\n", "the page shows"),
        ("$ printf 'one\\ntwo\\n'\none\n...\n", ""),
        ("$ printf 'one\\ntwo\\nthree\\n'\n...\nthree\n", ""),
        ("$ printf 'one\\ntwo\\n'\n...\nthree\n", "the page shows"),
        ("$ echo in 12.3 s\nin ... s\n", ""),
        ("$ echo in 12.3 m\nin ... s\n", "the page shows"),
        ("$ false\n", "exit code 1, not 0"),
        ("$ autograder grad conv\n", "exit code 2, not 0"),
        ("$ for i in 1 2; do\n>   echo $i\n> done\n1\n2\n", ""),
        ("$ echo >&2 trouble\ntrouble\n", ""),
        ("$ echo one\n$ echo two\none\n", "the page shows"),
    ],
)
def test_a_wrong_command_or_output_is_told(tmp_path: Path, block: str, complaint: str) -> None:
    blocks = page_of(tmp_path, f"<!-- course: empty -->\n```console\n{block}```\n")
    if not complaint:
        assert follow(blocks, fresh_in(tmp_path))  # type: ignore[arg-type]
        return
    with pytest.raises(NotAsShown, match=complaint):
        follow(blocks, fresh_in(tmp_path))  # type: ignore[arg-type]


def test_marks_write_files_expect_exit_codes_and_skip_blocks(tmp_path: Path) -> None:
    text = """\
<!-- course: one -->
<!-- file: a/b.txt -->
```text
first
```
<!-- append: a/b.txt -->
```python
second
```
<!-- exit: 3 -->
```console
$ cat a/b.txt
first
second
$ exit 3
```
<!-- not run: needs the network -->
```console
$ git clone https://example.edu/course
```
<!-- course: two -->
```console
$ ls
```
"""
    ran = follow(page_of(tmp_path, text), fresh_in(tmp_path))  # type: ignore[arg-type]
    assert ran == ["cat a/b.txt", "exit 3", "ls"]


@pytest.mark.parametrize(
    "text",
    [
        "```console\n$ ls\n```\n",  # no course
        "<!-- course: one -->\n```console\noutput\n$ ls\n```\n",
        "<!-- course: one -->\nWords.\n\n```console\n$ ls\n```\n",
        "<!-- file: ../outside -->\n<!-- course: one -->\n```text\nx\n```\n",
        "<!-- file: a.txt -->\n",
    ],
)
def test_a_page_with_a_mistake_in_its_marks_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises((NotAsShown, ValueError, AssertionError)):
        follow(page_of(tmp_path, text), fresh_in(tmp_path))  # type: ignore[arg-type]


def test_indented_blocks_are_seen(tmp_path: Path) -> None:
    (block,) = page_of(tmp_path, "Run:\n\n    autograder grade conv\n\n    more\n\nText.\n")
    assert (block.language, block.text) == ("", "autograder grade conv\n\nmore\n")
    assert SHELL.search(block.text)
