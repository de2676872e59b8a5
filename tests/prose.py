"""A check of the English in docs, docstrings, comments and lessons.

    python -m tests.prose             # exit code 1 if a room has too many hits
    python -m tests.prose --list      # also print each hit with its file and line

The rules are a table of patterns for sentences that are hard to read (see RULES). A text is one
docstring, one comment, or one paragraph, list item or table row of a page. A room is a folder, or a
page at the top of the repository. In each room at most LIMIT of the texts, or one text, may match a
rule. Rooms that are not rewritten yet have a higher limit, in percent, under
``[tool.prose.allowed]`` in pyproject.toml. That table only shrinks.

proselint was tried first. It looks for clichés and typography and found 40 such places in 2,900
texts here, but none of these sentences. Its configuration cannot add rules, and it does not know
docstrings and comments.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import sys
import tokenize
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CODE = ("autograder", "leaderboard", "classroom", "benchmarks", "docs", "tests")
PAGES = ("*.md", "docs/**/*.md", ".github/**/*.md")
LESSONS = "source"
FROZEN = "tests/fixtures/before_rooms"  # files of an older version, which stay as they were
LIMIT = 0.02  # of the texts of a room


@dataclass(frozen=True)
class Rule:
    """A pattern, and the advice for a text that matches it.

    ``lessons`` is true if the rule also holds for the notebooks. They explain in whole paragraphs,
    where a pronoun or a clause with "what" has its noun nearby.
    """

    name: str
    pattern: str
    advice: str
    bad: tuple[str, ...]
    good: tuple[str, ...]
    lessons: bool = False


SENTENCE = r"(?:^|(?<=[.!?:;] ))"
# After these verbs a clause with "what" is a reported question: "says what is wrong".
REPORTING = (
    "say|says|said|tell|tells|told|know|knows|ask|asks|asked|show|shows|decide|decides|"
    "explain|explains|see|sees|matter|name|names"
).split("|")
REPORTED = "".join(rf"(?<!\b{verb} )" for verb in REPORTING)

RULES = (
    Rule(
        "clause for a noun",
        rf"{REPORTED}\bwhat\b(?! to\b|'s\b)",
        "use the noun: 'settings', not 'what a server can be told'",
        (
            "What a server can be told, and what holds when it is not.",
            "what is freed is kept",
            "Only a tampered process fails at what no honest one fails at.",
            "A list of what was handed in.",
        ),
        (
            "Server settings and their defaults.",
            "The message says what is wrong.",
            "The last line says what to do.",
            "What has she forgotten?",
        ),
    ),
    Rule(
        "whatever",
        r"\b(?:whatever|whoever|whichever|whatsoever)\b",
        "name the thing or the person",
        ("It deletes whatever it finds.", "Whoever signs in sees it."),
        ("Deletes every file.", "Each user who signs in sees it."),
    ),
    Rule(
        "all that",
        r"\ball (?:that|who|which|of (?:them|those) that)\b",
        "write 'every NOUN that', or only the noun",
        ("Raises all that damaged archives raise.", "The sum of all that was spent."),
        ("Raises every error of a damaged archive.", "The sum of all costs."),
        lessons=True,
    ),
    Rule(
        "one that",
        r"\bones? (?:that|which|whose)\b|\bthe ones?\b(?=[,.;]| (?:in|of|from|with)\b)",
        "repeat the noun",
        (
            "one that finds no room in the sandbox keeps no other from arriving",
            "The cells, without the ones that failed.",
        ),
        ("If one file does not fit, the others still arrive.", "One of the options."),
    ),
    Rule(
        "those that",
        r"\bthose (?:that|who|which|of|in|from|with|without)\b|\bthat of\b",
        "repeat the noun",
        ("Files and those that came later.", "Its time is that of the archive."),
        ("Files, and later files.", "The file has the archive's time.", "Those cells stay."),
    ),
    Rule(
        "fronted negative",
        rf"{SENTENCE}(?:Nobody|Neither (?:of|is|are|do|does)\b|Nor|No sooner|Nothing (?:but|here|in it|of)"
        r"|None (?:at|that|is|are|of|has|can)|Not (?:even|only|all)\b)",
        "start with the subject",
        (
            "None at all is right.",
            "Not even a page could be made.",
            "Nobody else changes the row.",
            "Nothing of the file stays.",
        ),
        ("A missing file is fine.", "None if the file is missing.", "No other process changes it."),
    ),
    Rule(
        "inversion",
        r"\b(?:nor|neither) (?:is|are|do|does|did|has|have|can|was|were|may|must)\b"
        r"|, (?:should|were|had) (?:it|they|there|he|she|we|the|a|an|one)\b"
        r"|\bso (?:is|are|do|does|did) (?:a|an|the|it|they|its)\b"
        rf"|{SENTENCE}Only (?:then|there|here|now|when|where|after|if)\b[^.,;]*"
        r"\b(?:is|are|do|does|can|may|must|has|have) (?:a|an|the|it|they|this)\b",
        "subject first, then the verb",
        (
            "It is not copied, nor is the folder.",
            "The rest is for the plain page, should it fail.",
            "Only then is the file written.",
            "The page is stale, and so is the table.",
        ),
        ("The file is written after the check.", "If the page fails, a plain page is written."),
        lessons=True,
    ),
    Rule(
        "none as a noun",
        r"(?<!there )\b(?:is|are|was|were|be) (?-i:none)\b"
        r"|(?-i:\b(?:and|or|to|for|of|at|in|by|with) none\b)",
        "write 'if there is no NOUN', or say what it is instead",
        ("Raises UsageError when it is none, or too old.", "one file or none", "0 for none"),
        ("Raises UsageError if it is not a CSV.", "None if there is none.", "One of `None`."),
    ),
    Rule(
        "nobody's own",
        r"\bnobody's\b|\bof (?:[\w-]+ )?(?:[\w-]+'s|one's|ours|theirs) own\b"
        r"(?=$|[.,;:)]| (?:that|which|and|or|in|on|to|by|has|have|is|are|was|were|may|can|must"
        r"|count|stand|take|took|further|below|above)\b)",
        "put the owner first: 'the student's own cells'",
        (
            "A board, line by line, as nobody's own.",
            "Cells of a student's own.",
            "In a scope of one's own.",
        ),
        ("The board's rows, with no team highlighted.", "Seconds of the student's own cells."),
        lessons=True,
    ),
    Rule(
        "pronoun without a noun",
        r"^(?:its?|they|theirs?|them|he|she|his|her"
        r"|(?:this|these|that) (?:is|are|was|were|can|may|must|would|has|have|do|does|holds?|makes?))\b",
        "start with the noun that the pronoun stands for",
        ("It keeps all results.", "Its path in the folder.", "This is the fast way."),
        ("The cache keeps all results.", "This module reads notebooks.", "The path of the file."),
    ),
    Rule(
        "aphorism",
        r"[,;:] for (?:it|they|he|there|that|this|these|nothing|none|no|nobody"
        r"|[\w-]+s (?:are|have|can|may|do|lie))\b"
        r"|\b(?:anything|everything)\b[^.;:]{0,30}\bnothing\b|\bnothing\b[^.;:]{0,20}\beverything\b"
        r"|\bfor ever\b",
        "say the fact and its reason: 'because'",
        (
            "The kind is what the bytes say, for labels lie.",
            "Text may say anything and do nothing.",
            "It is left out, for it is slow.",
        ),
        ("Trust the bytes, because labels may be wrong.", "Each label has one line, for example."),
    ),
)

COMPILED = {rule.name: re.compile(rule.pattern, re.IGNORECASE) for rule in RULES}


# ------------------------------------------------------------------------------------- the texts


@dataclass(frozen=True)
class Text:
    """A docstring, a comment or a paragraph, and its place."""

    path: Path
    line: int
    words: str
    lesson: bool = False


@dataclass(frozen=True)
class Hit:
    """A text that matches a rule, with the words that match."""

    text: Text
    rule: Rule
    words: str

    def __str__(self) -> str:
        where = f"{self.text.path}:{self.text.line}"
        return f"{where}: {self.rule.name}: “{self.words}”: {self.rule.advice}"


def hits_in(text: Text) -> list[Hit]:
    """Every rule that a text breaks, once each."""
    plain = _without_quotes(text.words)
    plain = " ".join(s for s in re.split(r"(?<=[.!?]) ", plain) if not s.endswith("?"))
    found = []
    for rule in RULES:
        match = COMPILED[rule.name].search(plain)
        if match and (rule.lessons or not text.lesson):
            around = plain[max(0, match.start() - 15) : match.end() + 20]
            found.append(Hit(text, rule, around.strip()))
    return found


def _without_quotes(words: str) -> str:
    """The words without code, formulas and quoted messages."""
    for pattern in (
        r"``.+?``",
        r"`[^`]+`",
        r"\$[^$]+\$",
        r'"[^"]+"',
        r"“[^”]+”",
        r"(?<!\w)'[^']+'(?!\w)",
    ):
        words = re.sub(pattern, "X", words)
    return " ".join(words.split())


def texts_of(path: Path, *, root: Path = ROOT) -> Iterator[Text]:
    """The texts of a Python file, a lesson or a Markdown page."""
    content = path.read_text(encoding="utf-8")
    name = path.relative_to(root)
    if path.suffix == ".md":
        yield from _markdown(name, content, first_line=1)
    elif name.parts[0] == LESSONS:
        for line, cell in _lesson_cells(content):
            yield from _markdown(name, cell, first_line=line, lesson=True)
    else:
        yield from _docstrings(name, content)
        yield from _comments(name, content)


def _docstrings(path: Path, content: str) -> Iterator[Text]:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(content)):
        if isinstance(node, kinds) and (docstring := ast.get_docstring(node)):
            line = node.body[0].lineno
            yield Text(path, line, _without_examples(docstring))


def _without_examples(docstring: str) -> str:
    """A docstring without its doctests and indented examples."""
    kept = []
    example = False
    for line in docstring.splitlines():
        if not line.strip():
            example = False
        elif line.startswith(">>>"):
            example = True
        elif not example and not line.startswith("    "):
            kept.append(line.strip())
    return " ".join(kept)


def _comments(path: Path, content: str) -> Iterator[Text]:
    """Comments; lines of comment that follow each other are one text."""
    first, last, words = 0, -1, ""
    for token in tokenize.generate_tokens(io.StringIO(content).readline):
        if token.type != tokenize.COMMENT:
            continue
        line, column = token.start
        alone = not token.line[:column].strip()
        said = token.string.lstrip("#! ").strip("- ")
        if re.match(r"type: |noqa|fmt: |pragma|pyright", said):
            continue
        if alone and line == last + 1:
            words += " " + said
        else:
            if words:
                yield Text(path, first, words)
            first, words = line, said
        last = line if alone else -1
    if words:
        yield Text(path, first, words)


def _lesson_cells(content: str) -> Iterator[tuple[int, str]]:
    """The text cells of a notebook in jupytext's percent format, with their first lines."""
    first = 0
    lines: list[str] | None = None
    for number, line in enumerate(content.splitlines(), 1):
        if line.startswith("# %%"):
            if lines:
                yield first, "\n".join(lines)
            first, lines = number + 1, [] if "[markdown]" in line else None
        elif lines is not None:
            lines.append(re.sub(r"^# ?", "", line))
    if lines:
        yield first, "\n".join(lines)


def _markdown(path: Path, content: str, first_line: int, lesson: bool = False) -> Iterator[Text]:
    """Paragraphs, list items, table rows and headings; code blocks are left out."""
    start, words = 0, ""
    fence = False
    after_blank = True
    for number, line in enumerate(content.splitlines(), first_line):
        bare = line.strip()
        if bare.startswith(("```", "~~~")):
            fence = not fence
            bare = ""
        elif fence or (line.startswith("    ") and after_blank and not words):
            continue
        new = re.match(r"[-*+] |\d+\. |#+ |\||<!--", bare)
        if (not bare or new) and words:
            yield Text(path, start, words, lesson)
            words = ""
        after_blank = not bare
        if bare and not re.match(r"<!--|\|[ :|-]+$", bare):
            if not words:
                start = number
            words = f"{words} {re.sub(r'^(?:[-*+] |[0-9]+[.] |#+ |[|] ?)', '', bare)}".strip()
    if words:
        yield Text(path, start, words, lesson)


# ------------------------------------------------------------------------------------- the rooms


@dataclass
class Room:
    """The number of texts in a room, and the hits among them."""

    texts: int
    hits: list[Hit]

    @property
    def bad(self) -> int:
        """The number of texts that match at least one rule."""
        return len({(hit.text.path, hit.text.line) for hit in self.hits})

    def fits(self, limit: float) -> bool:
        """Whether the bad texts are within a limit (a share); one bad text always is."""
        return self.bad <= max(1, limit * self.texts)


def room_of(path: Path) -> str:
    """The room of a file: its folder, at most two levels deep, or the page at the top."""
    return "/".join(path.parts[:-1][:2]) or path.name


def rooms_of(root: Path = ROOT) -> dict[str, Room]:
    """All rooms of a repository, by name."""
    files = [p for folder in CODE for p in (root / folder).rglob("*.py")]
    files += (root / LESSONS).rglob("*.py")
    files += (p for pattern in PAGES for p in root.glob(pattern))
    rooms: dict[str, Room] = {}
    for path in sorted(files):
        if path.is_relative_to(root / FROZEN):
            continue
        for text in texts_of(path, root=root):
            room = rooms.setdefault(room_of(text.path), Room(0, []))
            room.texts += 1
            room.hits += hits_in(text)
    return dict(sorted(rooms.items()))


def allowed(room: str, table: dict[str, float]) -> float:
    """The share that a room may have: its own entry, else its parent's, else LIMIT."""
    percent = table.get(room, table.get(room.split("/")[0]))
    return LIMIT if percent is None else percent / 100


def complaints(rooms: dict[str, Room], table: dict[str, float]) -> list[str]:
    """A line for each room over its limit, and for each entry that can go."""
    lines = []
    for name, room in rooms.items():
        limit = allowed(name, table)
        if not room.fits(limit):
            share = f"{room.bad} of {room.texts} texts ({room.bad / room.texts:.1%})"
            lines.append(f"{name}: {share} have hits, at most {limit:.0%} may")
    for name in table:
        held = [r for n, r in rooms.items() if n == name or n.startswith(f"{name}/")]
        if all(room.fits(LIMIT) for room in held):  # also without such a room
            lines.append(f"{name}: remove its entry in [tool.prose.allowed], it is not needed")
    return lines


def main(argv: list[str] | None = None) -> int:
    """Print the counts per room; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.prose")
    parser.add_argument("--list", action="store_true", help="print each hit")
    parser.add_argument("rooms", nargs="*", help="names of rooms (default: all)")
    options = parser.parse_args(argv)
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    table = settings["tool"].get("prose", {}).get("allowed", {})
    rooms = rooms_of()
    wrong = complaints(rooms, table)
    over = {line.split(":")[0] for line in wrong}
    for name, room in rooms.items():
        if options.rooms and name not in options.rooms:
            continue
        if options.list or options.rooms or name in over:
            print(f"{name}: {room.bad} of {room.texts} texts have hits")
            for hit in room.hits:
                print(f"  {hit}")
    code = [room for name, room in rooms.items() if name.split("/")[0] in CODE]
    texts = sum(room.texts for room in code)
    bad = sum(room.bad for room in code)
    print(f"prose: {bad} of {texts} docstrings and comments have hits ({bad / texts:.1%})")
    for line in wrong:
        print(f"prose: {line}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
