"""Handed-in weights beside the notebook, for a test that judges them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch

from autograder.checks.context import current
from autograder.files.weights import (
    MAX_FILE_MB,
    UnusableWeights,
    Weights,
    fit_weights,
    read_weights,
)

_KIND = ".safetensors"


@dataclass(frozen=True)
class HandedInWeights:
    """The chosen file and its tensors.

    If there is nothing to judge, ``problem`` gives the reason and ``state`` is empty. ``notes``
    describe the other files of weights.
    """

    state: Weights = field(default_factory=dict)
    file: str = ""
    size: int = 0  # bytes
    problem: str = ""
    notes: tuple[str, ...] = ()


def handed_in_weights(network: torch.nn.Module, name: str) -> HandedInWeights:
    """The newest file of weights that fits ``network``, under any name.

    ``name`` is the file's name in the notebook. The grader reads the files that were handed in;
    without a grader, files of weights in the working folder are read. No student code runs.
    """
    wanted = network.state_dict()
    chosen: HandedInWeights | None = None
    notes: list[str] = []
    for file, data in _files(name):
        try:
            read = read_weights(data)
        except UnusableWeights as error:
            notes.append(f"{file}: {error}")
            continue
        try:
            found = HandedInWeights(fit_weights(read, wanted), file, len(data))
        except UnusableWeights as error:
            notes.append(f"{file}: {error}")
            continue
        if chosen is None:
            chosen = found
        else:
            notes.append(f"{file}: fits as well; {chosen.file} is newer and was taken")
    if chosen is not None:
        return HandedInWeights(chosen.state, chosen.file, chosen.size, "", tuple(notes))
    problem = "; ".join(notes[:5])
    if not notes:
        problem = f"{name} is not there: run the training cell and the cell that writes the file"
    return HandedInWeights(problem=problem, notes=tuple(notes))


def _files(name: str) -> Iterator[tuple[str, bytes]]:
    """Files of weights with their bytes, the newest first."""
    given: Mapping[str, bytes] | None = current().files
    if given is not None:
        # a file that is not a module was recognised as weights, perhaps under another name
        yield from ((file, data) for file, data in given.items() if not _is_module(file))
        return
    there = (path for depth in ("*", "*/*", "*/*/*") for path in Path().glob(depth))
    paths = [path for path in there if _KIND in path.name.lower() and path.is_file()]
    paths.sort(key=lambda path: (-path.stat().st_mtime, path.name != name, path.name))
    for path in paths:
        with path.open("rb") as file_object:
            yield path.name, file_object.read((MAX_FILE_MB << 20) + 1)


def _is_module(file: str) -> bool:
    return file.lower().endswith(".py")
