"""The student's own line of a traceback, and facts that its code determines."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.trials.redaction import without_foreign_numbers

MAX_LINE = 70  # characters of a quoted line
_FRAME = re.compile(r'  File "[^"]*", line \d+, in .*')
_MARKS = re.compile(r"[\s~^]*")
_CODE = 4  # spaces before a line of code
_TAKES_SIZES = frozenset(
    "empty expand full new_empty new_full new_ones new_zeros ones rand randn range repeat reshape"
    " view xrange zeros".split()
)
_MAKES_WHOLE = frozenset({"int", "len", "ord"})
# functions that never complain about an index
_HARMLESS = frozenset(
    "abs amax amin clip dot exp float flatten int len log max maximum mean min minimum range ravel"
    " sqrt square sum".split()
)


@dataclass(frozen=True)
class OwnLine:
    """A line of the student's code; ``code`` is empty if the traceback has none."""

    code: str = ""

    @property
    def quoted(self) -> str:
        """The line as inert text: short, printable, without long numbers."""
        return inert(self.code, MAX_LINE)

    @property
    def raises(self) -> bool:
        """Whether the line holds a raise statement."""
        return re.search(r"(^|[:;] *)raise\b", self.code) is not None

    @property
    def asserts(self) -> bool:
        """Whether the line holds an assertion."""
        return re.search(r"(^|[:;] *)assert\b", self.code) is not None

    def has_word(self, word: str) -> bool:
        """Whether a name stands in the line."""
        return re.search(rf"\b{re.escape(word)}\b", self.code) is not None

    @property
    def divides_into_a_size(self) -> bool:
        """Whether a size or an index in this line is a quotient with ``/``."""
        return any(map(_is_quotient, _sizes(self._tree)))

    def arrays_indexed_at(self, axis: int) -> tuple[str, ...]:
        """The names of the arrays that this line indexes with a position along an axis.

        () if the line also calls functions, or indexes unnamed arrays, that could fail as well.
        """
        names: dict[str, None] = {}
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Call) and _last_name(node.func) not in _HARMLESS:
                return ()
            if isinstance(node, ast.Subscript) and _has_position(node, axis):
                if not isinstance(node.value, ast.Name):
                    return ()
                names[node.value.id] = None
        return tuple(names)

    def assigns_to(self, name: str) -> bool:
        """Whether the line assigns to an entry of the array."""
        return any(
            isinstance(node, ast.Subscript)
            and isinstance(node.ctx, ast.Store)
            and isinstance(node.value, ast.Name)
            and node.value.id == name
            for node in ast.walk(self._tree)
        )

    @property
    def asserts_no_remainder(self) -> bool:
        """Whether the line asserts that a division leaves no remainder, and nothing else."""
        tests = [node.test for node in ast.walk(self._tree) if isinstance(node, ast.Assert)]
        return (
            len(tests) == 1 and ast.unparse(tests[0]).endswith(" == 0") and _is_remainder(tests[0])
        )

    @property
    def cuts_to_minus(self) -> bool:
        """Whether a slice in this line ends at minus a variable, such as ``[pad:-pad]``."""
        return any(
            isinstance(node, ast.Slice)
            and isinstance(node.upper, ast.UnaryOp)
            and isinstance(node.upper.op, ast.USub)
            and not isinstance(node.upper.operand, ast.Constant)
            for node in ast.walk(self._tree)
        )

    @property
    def _tree(self) -> ast.AST:
        """The syntax of the line; an empty module if it is only a part of a statement."""
        head = self.code.removeprefix("el") if self.code.startswith("elif ") else self.code
        for text in (head, f"{head} pass", f"def f():\n {head}"):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    return ast.parse(text)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
        return ast.Module([], [])


def deepest_own_line(traceback_lines: Sequence[str]) -> OwnLine:
    """The last line of code in a traceback that holds only the student's own frames.

    The text of an exception may look like a traceback; everything behind the frames is ignored.
    """
    code = ""
    for line in traceback_lines[1:]:
        if not line.startswith("  "):
            break
        if _FRAME.fullmatch(line):
            code = ""
        elif line.startswith(" " * _CODE) and not code and not _MARKS.fullmatch(line):
            code = line.strip()
    return OwnLine(code if code != "..." else "")


def inert(text: str, most: int) -> str:
    """A text of a student as one short line: printable, without numbers of hidden inputs."""
    plain = "".join(c if c.isprintable() and c not in "“”" else " " for c in text[: 20 * most])
    plain = without_foreign_numbers(" ".join(plain.split()), "")
    return plain if len(plain) <= most else plain[: most - 4].rstrip() + " ..."


def _sizes(tree: ast.AST) -> Iterator[ast.expr]:
    """The sizes and indices in a line: arguments of zeros, range, ..., and subscripts."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _last_name(node.func) in _TAKES_SIZES:
            for argument in node.args[: 1 if "full" in _last_name(node.func) else None]:
                yield from _items(argument)
        elif isinstance(node, ast.Subscript):
            for index in _items(node.slice):
                if isinstance(index, ast.Slice):
                    yield from filter(None, (index.lower, index.upper, index.step))
                else:
                    yield index


def _items(node: ast.expr) -> Sequence[ast.expr]:
    return node.elts if isinstance(node, (ast.Tuple, ast.List)) else [node]


def _is_quotient(node: ast.expr) -> bool:
    """Whether an expression is a float because of a ``/`` in it."""
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Div) or _is_quotient(node.left) or _is_quotient(node.right)
    return isinstance(node, ast.UnaryOp) and _is_quotient(node.operand)


def _is_remainder(test: ast.expr) -> bool:
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return False
    return isinstance(test.left, ast.BinOp) and isinstance(test.left.op, ast.Mod)


def _has_position(node: ast.Subscript, axis: int) -> bool:
    """Whether a subscript has a position, not a slice, for an axis."""
    indices = _items(node.slice) if isinstance(node.slice, ast.Tuple) else [node.slice]
    if any(_is_none_or_dots(index) for index in indices):
        return True  # the axis is not known: count it
    return axis < len(indices) and not isinstance(indices[axis], ast.Slice)


def _is_none_or_dots(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value in (None, ...)


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
