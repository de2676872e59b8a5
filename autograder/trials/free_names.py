"""The free names of code."""

from __future__ import annotations

import builtins
import dis
import symtable
from collections.abc import Iterator
from types import CodeType


def names_of_source(source: str, file_name: str) -> set[str]:
    """Names that a cell, or a function or class inside it, reads and neither it nor Python defines.

    Raises SyntaxError.
    """
    module = symtable.symtable(source, file_name, "exec")
    defined = {symbol.get_name() for symbol in module.get_symbols() if _is_defined(symbol)}
    return {*_global_reads(module)} - defined - vars(builtins).keys()


def _global_reads(table: symtable.SymbolTable) -> Iterator[str]:
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (symbol.is_global() or table.get_type() == "module"):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _global_reads(child)


def _is_defined(symbol: symtable.Symbol) -> bool:
    return symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()


def global_names(code: CodeType) -> set[str]:
    """Names that a function's code reads and neither it nor Python defines.

    A probe has no source text, so this reads the instructions.
    """
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
