from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.utils import compute_checksum

from autograder.course.source import NotebookBundle
from autograder.errors import UnreadableSubmission
from autograder.notebooks import alignment
from autograder.notebooks import notebook as submission_module
from autograder.notebooks.alignment import align, definitions
from autograder.notebooks.notebook import MAX_BYTES, MAX_TEXT, is_as_released, read_notebook
from autograder.submission.submission import read_submission
from tests.courses.handed_in import CODE, as_bytes, as_handed_in, cell_of, code, notebook


def placed(tiny: NotebookBundle, given: NotebookNode) -> dict[str, int]:
    """Where things of the source are found in a notebook that went through a file."""
    return align(tiny, read_notebook(as_bytes(given)))[0]


# -- bytes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (b"\x00\xff\xfe binary \x80", "not JSON"),
        (b"PK\x03\x04 a zip file", "not JSON"),
        (b"<html>Sign in to download</html>", "not JSON"),
        (notebook(CODE)[:-20], "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"a":' * 100_000, "not JSON"),
        (b"[]", "not a notebook"),
        (b"3", "not a notebook"),
        (b"null", "not a notebook"),
        (b'"text"', "not a notebook"),
        (b"{}", "no list of cells"),
        (b'{"cells": {"a": 1}}', "no list of cells"),
        (b'{"cells": null, "worksheets": []}', "no list of cells"),
        (b'{"cells": [5]}', "cell 1 is not a cell"),
        (b'{"worksheets": 5, "nbformat": 3}', "old notebook format"),
        (b'{"worksheets": [{"cells": [{}]}], "nbformat": 3, "nbformat_minor": 0}', "old notebook"),
        (b'{"worksheets": [], "nbformat": "three"}', "old notebook format"),
        (notebook(*[CODE] * 5001), "more than 5000 cells"),
        (b" " * (MAX_BYTES + 1), "larger than 64 MB"),
        (
            notebook({**CODE, "source": "x" * (MAX_TEXT + 1)}),
            "more than 8 million characters of code and text",
        ),
    ],
)
def test_what_is_no_notebook_is_unreadable_with_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableSubmission, match=reason):
        read_notebook(data)


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_junk_bytes_are_unreadable_and_nothing_worse(data: bytes) -> None:
    with pytest.raises(UnreadableSubmission):
        read_notebook(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
CELLS = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw", "heading", "sql"]) | JSON,
        "source": st.lists(st.text(max_size=5)) | JSON,
        "metadata": st.fixed_dictionaries(
            {},
            optional={
                "nbgrader": JSON,
                "tags": JSON,
                "name": JSON,
                "collapsed": JSON,
                "jupyter": JSON,
            },
        )
        | JSON,
        "outputs": st.lists(
            st.fixed_dictionaries(
                {},
                optional={
                    "output_type": st.sampled_from(
                        ["stream", "error", "display_data", "execute_result"]
                    )
                    | JSON,
                    "data": JSON,
                    "text": JSON,
                    "name": JSON,
                    "traceback": JSON,
                    "metadata": JSON,
                },
            ),
            max_size=2,
        )
        | JSON,
        "id": JSON,
        "execution_count": JSON,
        "attachments": JSON,
        "input": JSON,
    },
)


@settings(max_examples=300, deadline=None)
@given(st.lists(CELLS, max_size=4), JSON, JSON)
def test_a_notebook_of_odd_cells_is_read_and_can_be_written_again(
    cells: list[Any], metadata: Any, version: Any
) -> None:
    data = json.dumps({"cells": cells, "metadata": metadata, "nbformat": version}).encode()
    read = read_notebook(data)
    assert len(read.cells) == len(cells)
    nbformat.validate(read)
    for cell in read.cells:
        assert isinstance(cell.source, str)
        assert cell.cell_type in ("code", "markdown", "raw")


def test_pictures_are_kept_and_all_other_outputs_are_not() -> None:
    outputs = [
        {"output_type": "display_data", "data": {"image/png": ["aGk", "="], "text/html": "<b>"}},
        {"output_type": "stream", "name": "stdout", "text": "hello"},
        {"data": {"image/png": {"a": 1}}},
    ]
    png = "iVBORw0KGgo="
    pasted = {"a.png": {"image/png": png, "text/html": "<b>"}, "b": 5}
    text = {"cell_type": "markdown", "source": "![](attachment:a.png)", "attachments": pasted}
    read = read_notebook(notebook({**CODE, "outputs": outputs}, text))
    assert [dict(output.data) for output in read.cells[0].outputs] == [{"image/png": "aGk="}]
    assert read.cells[1].attachments == {"picture-1.png": {"image/png": png}}
    assert read.cells[1].source == "![](attachment:picture-1.png)"


def test_deep_metadata_and_outputs_are_survived() -> None:
    for depth in (100, 400, 900):
        deep: Any = {}
        for _ in range(depth):
            deep = {"a": deep}
        try:
            read = read_notebook(notebook({**CODE, "metadata": deep, "outputs": [deep]}))
        except UnreadableSubmission:
            continue
        assert read.cells[0].source == "x = 1"


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", b"\xef\xbb\xbf"),
        ("utf-16", b""),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("latin-1", b""),
    ],
)
def test_any_usual_encoding_is_read(encoding: str, mark: bytes) -> None:
    text = json.dumps({"cells": [{**CODE, "source": "'é'"}]}, ensure_ascii=False)
    assert read_notebook(mark + text.encode(encoding)).cells[0].source == "'é'"


def test_the_previous_format_is_read(tiny: NotebookBundle) -> None:
    cells = [
        {
            "cell_type": "code",
            "input": ["def add(a, b):\n", "    return a + b"],
            "outputs": [],
            "language": "python",
            "collapsed": False,
            "metadata": {},
            "prompt_number": 1,
        },
        {"cell_type": "heading", "level": 2, "source": "A heading", "metadata": {}},
        {"cell_type": "markdown", "source": ["some ", "text"], "metadata": {}},
    ]
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}
    read = read_notebook(json.dumps(old).encode())
    assert [cell.cell_type for cell in read.cells] == ["code", "markdown", "markdown"]
    assert align(tiny, read)[0]["add"] == 0


def test_a_kernelspec_of_nothing_and_an_odd_version_do_not_matter(tiny: NotebookBundle) -> None:
    for metadata in (None, {"kernelspec": None}, {"kernelspec": {"name": "julia"}}, "x"):
        for version in (None, 4, 99, "4"):
            data = notebook(CODE, metadata=metadata, nbformat=version)
            assert read_notebook(data).cells[0].source == "x = 1"


# -- where the answers are -----------------------------------------------------------------------


def test_everything_is_found_at_its_place_without_notes(tiny: NotebookBundle) -> None:
    given = as_handed_in(tiny)
    placement, notes = align(tiny, read_notebook(as_bytes(given)))
    assert placement == {
        name: cell_of(given, name) for name in ("add", "test_add", "scale", "test_scale", "why")
    }
    assert notes == []


def test_an_answer_is_found_by_its_definition_where_the_id_is_lost_or_wrong(
    tiny: NotebookBundle,
) -> None:
    given = as_handed_in(tiny)
    given.cells[cell_of(given, "scale")].metadata = {}
    place = next(i for i, c in enumerate(given.cells) if c.source.startswith("def scale"))
    placement, notes = align(tiny, read_notebook(as_bytes(given)))
    assert placement["scale"] == place
    assert "scale: the cell lost its id; found by its definition" in notes


def test_two_cells_with_one_id_are_reported_and_the_written_one_counts(
    tiny: NotebookBundle,
) -> None:
    given = as_handed_in(tiny)
    copy = nbformat.from_dict(given.cells[cell_of(given, "scale")])
    copy.source = "def scale(x, k):\n    raise NotImplementedError()"
    given.cells.append(copy)
    placement, notes = align(tiny, read_notebook(as_bytes(given)))
    assert placement["scale"] == cell_of(given, "scale")
    assert "scale: 2 cells have this id" in notes


@pytest.mark.parametrize(
    "source",
    [
        "def scale(x, k):\n    return (",
        "%%time\ndef scale(x, k):\n    return x",
        "!ls\n%matplotlib inline\ndef scale(x, k):\n    return x",
        "async def scale(x, k):\n    return x",
        "class scale:\n    pass",
        "@decorated\ndef scale(x, k): return x",
        "def scale(x, k):\n\treturn x\n  indented badly",
    ],
)
def test_a_definition_is_seen_in_code_that_is_not_plain_or_broken(
    tiny: NotebookBundle, source: str
) -> None:
    given = as_handed_in(tiny, {"scale": ""})
    given.cells.append(code(source))
    assert placed(tiny, given)["scale"] == len(given.cells) - 1


@pytest.mark.parametrize(
    "source", ["(" * 5000, "\x00", "\ud800", "x = " + "-" * 100_000 + "1", "'" * 7, "\\"]
)
def test_code_that_breaks_the_parser_is_survived(tiny: NotebookBundle, source: str) -> None:
    given = as_handed_in(tiny)
    given.cells.append(code(source))
    assert placed(tiny, given)["scale"] == cell_of(given, "scale")


def test_an_id_on_a_cell_of_another_kind_is_not_believed(tiny: NotebookBundle) -> None:
    given = as_handed_in(tiny)
    text = nbformat.v4.new_markdown_cell("def scale")
    text.metadata = {"nbgrader": {"grade_id": "scale"}}
    given.cells.insert(0, text)
    assert placed(tiny, given)["scale"] == cell_of(given, "scale") or (
        given.cells[placed(tiny, given)["scale"]].cell_type == "code"
    )


def test_a_test_cell_that_is_gone_is_noted(tiny: NotebookBundle) -> None:
    given = as_handed_in(tiny)
    del given.cells[cell_of(given, "test_add")]
    _, notes = align(tiny, read_notebook(as_bytes(given)))
    assert notes == ["test_add: the test cell is not there; the original was used"]


def test_notes_of_the_files_come_before_notes_of_the_cells(tiny: NotebookBundle) -> None:
    submission = read_submission(notebook(CODE), tiny, {}, ("a note",))
    assert submission.notes[0] == "a note"
    assert "add: no such cell in the notebook" in submission.notes
    assert submission.text_of(tiny.answers[0]) is None


def test_a_cell_that_is_too_long_to_be_parsed_is_read_by_its_lines() -> None:
    source = "def early(a):\n    return [" + "0," * 200_000 + "]\nclass Late:\n    pass\n"
    assert definitions(source) == {"early", "Late"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_notebook_of_nested_nothing_is_refused_before_it_is_read(
    monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    def refuse(*args: Any, **more: Any) -> Any:
        raise AssertionError("it was read")

    monkeypatch.setattr(submission_module, "MAX_VALUES", 1000)
    monkeypatch.setattr(submission_module.json, "loads", refuse)
    text = '{"cells": [], "a": "\\"", "x": [' + "[]," * 1000 + "[]]}"
    with pytest.raises(UnreadableSubmission, match="more than 1000 values"):
        read_notebook(text.encode(encoding))


def test_an_old_format_takes_longer_and_may_hold_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submission_module, "MAX_OLD_VALUES", 10)
    old = b'{"nbformat": 3, "metadata": {}, "worksheets": [' + b'{"cells": []},' * 10 + b"{}]}"
    with pytest.raises(UnreadableSubmission, match="old format and holds more than 10 values"):
        read_notebook(old)


def test_a_number_of_many_digits_is_no_fault() -> None:
    data = b'{"cells": [], "metadata": {"x": ' + b"9" * 5000 + b', "y": 1e999999}}'
    assert read_notebook(data).cells == []


def test_the_pictures_of_a_cell_are_limited() -> None:
    outputs = [{"data": {"image/png": "a"}}] * 200
    found = read_notebook(notebook({**CODE, "outputs": outputs}))
    assert len(found.cells[0].outputs) == 50


def test_of_much_code_only_a_part_is_parsed(
    monkeypatch: pytest.MonkeyPatch, tiny: NotebookBundle
) -> None:
    parsed: list[int] = []
    parse = alignment.ast.parse

    def counting(source: str, *args: Any, **more: Any) -> Any:
        parsed.append(len(source))
        return parse(source, *args, **more)

    monkeypatch.setattr(alignment.ast, "parse", counting)
    long = [{**CODE, "source": f"x = {n}\n" + "y = 1\n" * 40_000} for n in range(8)]
    answer = {**CODE, "source": "def add(a, b):\n    return a + b"}
    placement, _ = align(tiny, read_notebook(notebook(*long, answer)))
    assert sum(parsed) < 600_000
    assert placement["add"] == 8


@pytest.mark.parametrize(
    "facts",
    [
        {"checksum": 3, "grade": True},
        {"checksum": "0", "grade": True, "grade_id": 7},
        {"checksum": "0", "grade": True, "grade_id": "a", "points": "many"},
        {"checksum": "0", "grade": True, "grade_id": "a", "points": []},
        {"checksum": None, "grade": [], "grade_id": "a"},
    ],
    ids=str,
)
def test_junk_about_a_cell_s_release_is_no_proof_of_it(facts: dict[str, object]) -> None:
    cell = {"cell_type": "markdown", "source": "x", "metadata": {"id": [], "nbgrader": facts}}
    notebook = read_notebook(json.dumps({"cells": [cell], "nbformat": 4}).encode())
    assert not is_as_released(notebook.cells[0])


@pytest.mark.parametrize("solution", [True, False])
@pytest.mark.parametrize("points", [0, 1.5, 2])
def test_the_checksum_of_a_graded_cell_is_the_one_that_nbgrader_writes(
    solution: bool, points: float
) -> None:
    facts = {"grade": True, "grade_id": "why", "points": points, "solution": solution}
    facts |= {"locked": not solution, "schema_version": 3, "task": False}
    cell = new_markdown_cell("Gründe?\n", metadata={"nbgrader": facts})
    cell.metadata["nbgrader"]["checksum"] = compute_checksum(cell)
    data = json.dumps({"cells": [cell], "nbformat": 4}).encode()
    assert is_as_released(read_notebook(data).cells[0])
    data = data.replace(b"Gr\\u00fcnde?", b"Answer")
    assert not is_as_released(read_notebook(data).cells[0])
