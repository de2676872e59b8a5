"""The names that code looks up outside itself."""

from __future__ import annotations

import builtins
import dis
from collections.abc import Iterator
from types import CodeType


def global_names(code: CodeType) -> set[str]:
    """Names that this code, or a function inside it, reads and neither it nor Python defines."""
    return {*_names(code, "LOAD_GLOBAL", "LOAD_NAME")} - {
        *_names(code, "STORE_NAME"),
        *vars(builtins),
    }


def _names(code: CodeType, *operations: str) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname in operations:
            yield str(instruction.argval)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant, *operations)
