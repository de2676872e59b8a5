"""The free names of code."""

from __future__ import annotations

import builtins
import dis
import functools
import symtable
from collections.abc import Iterator
from dataclasses import dataclass
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
    """Names that code reads and neither it nor Python defines.

    A function has no source text, so this reads the instructions.
    """
    found = names_of_code(code)
    return {*found.read} - found.defined - vars(builtins).keys()


@dataclass(frozen=True)
class CodeNames:
    """The names in a function's instructions, functions and classes inside it included."""

    read: tuple[str, ...]  # not its own variables; in their order
    defined: frozenset[str]  # in the bodies of its classes
    written: tuple[str, ...]  # global names that it sets or deletes
    imported: tuple[str, ...]  # modules


@functools.cache
def names_of_code(code: CodeType) -> CodeNames:
    """The names in the instructions of ``code``."""
    found: dict[str, list[str]] = {operation: [] for operation in _OPERATIONS}
    for instruction in _instructions(code):
        if instruction.opname in found:
            found[instruction.opname].append(str(instruction.argval))
    return CodeNames(
        tuple(dict.fromkeys(name for operation in _READS for name in found[operation])),
        frozenset(found["STORE_NAME"]),
        tuple(dict.fromkeys(found["STORE_GLOBAL"] + found["DELETE_GLOBAL"])),
        tuple(dict.fromkeys(found["IMPORT_NAME"])),
    )


_READS = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS")  # the last from Python 3.12 on
_OPERATIONS = (*_READS, "STORE_NAME", "STORE_GLOBAL", "DELETE_GLOBAL", "IMPORT_NAME")


def _instructions(code: CodeType) -> Iterator[dis.Instruction]:
    yield from dis.get_instructions(code)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _instructions(constant)
