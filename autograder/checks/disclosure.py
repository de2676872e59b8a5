"""The part of a cell's output that a student may see after hidden tests have run.

A function can keep the inputs of hidden cases, and a later cell can print or raise them. Therefore
the output of such a cell keeps only text of the notebook itself: lines of its code, and errors in
Python's words about names in its code. Other text may be a hidden input.
"""

from __future__ import annotations

import builtins
import re

from autograder.results import CellOutput

MIN_LINE = 8  # characters of a printed line; shorter lines could spell anything
MAX_NUMBERS = 2  # numbers in an error's text, each of one or two digits
NOT_SHOWN = "[... not shown, because it was printed after hidden tests had run ...]\n"
_WORD = re.compile(r"\w+")
_FRAME = re.compile(
    r'\s*File "?[\w<>./-]{1,80}"?, line \d{1,4}(, in [\w<>]{1,80})?\s*|\s*[\^~]+\s*'
)
_PLACE = re.compile(r" \([<>\w./-]{1,80}, line \d{1,4}\)$")  # behind the text of a SyntaxError
_OWN_LINES = ("Traceback (most recent call last):", "...")
_PYTHONS_WORDS = frozenset(
    "name is not defined no module named cannot import from has attribute object type invalid"
    " syntax expected an a the indented block after unexpected indent unindent does match any"
    " outer level takes positional argument arguments but was were given missing required"
    " keyword only got multiple values for unsupported operand operands and or did you mean"
    " forget to forgot perhaps comma unterminated string literal detected at line unmatched"
    " never closed eof while scanning parsing in of on with must be it its should list tuple"
    " dict index indices out range too many unpack enough value int float str bool nonetype"
    " tensor ndarray function method class callable iterable subscriptable support item"
    " assignment division by zero local variable referenced before where associated access"
    " partially initialized most likely due circular file directory such statement return"
    " outside break continue loop maximum recursion depth exceeded colon parenthesis character"
    " parentheses call print indentation".split()
)


def kind_of_error(name: str) -> str:
    """The name of a built-in exception; for another class "an exception"."""
    found = getattr(builtins, name, None) if name.isidentifier() else None
    is_known = isinstance(found, type) and issubclass(found, BaseException)
    return name if is_known else "an exception"


class Words:
    """The code of a notebook, and the words in it."""

    def __init__(self) -> None:
        self._words: set[str] = set()
        self._lines: set[str] = set()
        self._code: list[str] = []

    def add(self, source: str) -> None:
        """Learn a cell's code."""
        self._words.update(_WORD.findall(source))
        self._lines.update(line.strip() for line in source.splitlines())
        self._code.append(source)

    def tellable(self, output: CellOutput) -> CellOutput:
        """The output without text that hidden inputs may have caused."""
        error = output.error
        if error is not None:
            name, text, lines = error
            kind = kind_of_error(name)
            text = _PLACE.sub("", text)
            text = text if kind == name and self._are_known(text) else ""
            kept = [line for line in lines if self._is_own_line(line)]
            error = kind, text, [*kept, f"{kind}: {text}" if text else kind]
        return CellOutput(
            self._printed(output.stdout), self._printed(output.stderr), error, output.truncated
        )

    def _printed(self, text: str) -> str:
        """The lines that are in the code; one remark for each run of other lines."""
        code = "\n".join(self._code)
        kept: list[str] = []
        for line in text.splitlines(keepends=True):
            plain = line.strip()
            if not plain or (len(plain) >= MIN_LINE and plain in code):
                kept.append(line)
            elif not kept or kept[-1] != NOT_SHOWN:
                kept.append(NOT_SHOWN)
        return "".join(kept)

    def _are_known(self, text: str) -> bool:
        words = _WORD.findall(text)
        numbers = [word for word in words if word.isdigit()]
        if len(numbers) > MAX_NUMBERS or any(len(number) > 2 for number in numbers):
            return False
        return all(
            word in self._words or word.lower() in _PYTHONS_WORDS or word.isdigit()
            for word in words
        )

    def _is_own_line(self, line: str) -> bool:
        plain = line.strip()
        return plain in self._lines or plain in _OWN_LINES or _FRAME.fullmatch(line) is not None
