"""A probe as bytes: its code, the code of the functions that it uses, and their names.

The trusted world packs a probe (``autograder.trials.packing``), and the student's process makes
functions of it (``autograder.student.probes``). Functions of one module share a scope, so that
equal names of different modules do not mix. No object of the course is packed: a library's module
or object crosses as its name, a constant as data.
"""

from __future__ import annotations

import marshal
from typing import Any, Literal, NamedTuple

# version 2 writes equal data as equal bytes; later versions depend on the counts of references
_DATA = 2


class Function(NamedTuple):
    """A function: its code and its defaults as ``as_data`` writes them."""

    code: bytes
    scope: int  # the scope that it reads names from
    defaults: bytes  # the pair of ``__defaults__`` and ``__kwdefaults__``


# A name's meaning: the number of a function, the name of a module, the module and the qualified
# name of a library's object, or a constant as ``as_data`` writes it.
Meaning = (
    tuple[Literal["function"], int]
    | tuple[Literal["module"], str]
    | tuple[Literal["object"], str, str]
    | tuple[Literal["constant"], bytes]
)


class Packed(NamedTuple):
    """A probe, which is the first of the functions, and the names of each scope."""

    functions: list[Function]
    scopes: list[dict[str, Meaning]]

    def as_bytes(self) -> bytes:
        """The bytes that cross the wall."""
        return as_data(([tuple(function) for function in self.functions], self.scopes))

    @classmethod
    def read(cls, data: bytes) -> Packed:
        """The probe in the bytes of ``as_bytes``."""
        functions, scopes = marshal.loads(data)
        return cls([Function(*function) for function in functions], scopes)


def as_data(value: Any) -> bytes:
    """Plain data as bytes; the same data gives the same bytes. Raises ValueError otherwise."""
    return marshal.dumps(value, _DATA)
