"""The statement of a cell that failed, and the lines below it."""

from __future__ import annotations

import ast
import sys
import traceback


def failed_statement(cell: str, error: BaseException) -> tuple[ast.stmt | None, str]:
    """The statement at which a cell ended, and the cell below it at the same line numbers.

    None and an empty text where that cannot be told.
    """
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.name == "<module>" and "ipython-input" in frame.filename
    ]
    try:
        statements = ast.parse(cell).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None, ""
    failed = (lines[0] if lines else None) or sys.maxsize
    reached: ast.stmt | None = None
    for statement in statements:
        decorators = getattr(statement, "decorator_list", [])
        start = min(node.lineno for node in (statement, *decorators))
        if start > failed:
            return reached, "\n" * (start - 1) + "\n".join(cell.split("\n")[start - 1 :])
        reached = statement
    return reached, ""
