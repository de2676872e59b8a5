"""Cells run as they do in a notebook."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from unittest import mock

import pytest
from IPython.core.compilerop import CachingCompiler
from IPython.core.interactiveshell import InteractiveShell

from autograder.course.source import load_bundle
from autograder.shell.shell import CellShell, create_shell
from tests.course.conftest import NOTEBOOKS

ODD = [
    "",
    "1",
    "%%time\nf(1)",
    "%time f(1)\nx = 2",
    "!ls\nx = !ls",
    "f?",
    "x = (1\n% 2)\n",
    "'''\n%time\n!ls\n'''",
    ">>> f(1)\n1",
    "    x = 1\n    y = 2",
    "await f()",
    "async def f():\n    await g()",
    "x = [y async for y in f()]",
    "async with f() as g:\n    pass",
    "for await_x in f():\n    pass",
    "def f(:",
    "x = 1\\",
    "print('\\d')",
    "# %% [markdown]\nx = f'{1!r}' % 2",
    "\x00",
    "x = " + "(" * 300,
]


@pytest.fixture(scope="module")
def shell() -> Iterator[CellShell]:
    yield create_shell()
    CellShell.clear_instance()  # others ask whether they are in a notebook


@pytest.mark.parametrize("cell", ODD)
def test_a_cell_is_translated_as_in_a_notebook(shell: CellShell, cell: str) -> None:
    assert shell.transform_cell(cell).strip("\n") == by_ipython(shell, cell).strip("\n")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_cells_of_a_notebook_are_translated_as_in_a_notebook(shell, path) -> None:
    for cell in load_bundle(path).cells:
        if cell.kind == "code":
            assert shell.transform_cell(cell.source) == by_ipython(shell, cell.source)


@pytest.mark.parametrize("cell", ODD)
def test_a_cell_waits_where_it_does_in_a_notebook(shell: CellShell, cell: str) -> None:
    try:
        python = shell.transform_cell(cell)
    except SyntaxError:
        return
    expected = InteractiveShell.should_run_async(shell, cell, transformed_cell=python)
    assert shell.should_run_async(cell, transformed_cell=python) == expected
    assert expected == (cell in ODD[10:11] + ODD[12:14])


def test_a_cell_is_parsed_once(shell: CellShell) -> None:
    cell = shell.transform_cell("x = 1")
    with mock.patch.object(CachingCompiler, "ast_parse") as parse:
        tree = shell.compile.ast_parse(cell)
        assert not parse.called
    assert ast.unparse(tree) == "x = 1"
    assert shell.compile.ast_parse(cell) is not tree  # every holder may change it
    shell.transform_cell("y = 2")
    assert ast.unparse(shell.compile.ast_parse("z = 3")) == "z = 3"


def test_a_warning_about_a_cell_comes_when_it_is_run_and_once(shell: CellShell) -> None:
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        cell = shell.transform_cell("x = '\\d'")
        assert not warned
        shell.run_cell(cell)
    assert len([one for one in warned if "invalid escape" in str(one.message)]) == 1


def test_a_transformer_that_somebody_has_added_is_asked(shell: CellShell) -> None:
    shell.input_transformers_post.append(lambda lines: [line.upper() for line in lines])
    assert shell.transform_cell("x = 1") == "X = 1\n"
    shell.input_transformers_post.clear()


def by_ipython(shell: CellShell, cell: str) -> str:
    return str(InteractiveShell.transform_cell(shell, cell))
