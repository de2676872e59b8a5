"""The grammar of a lesson's headers, both ways."""

from __future__ import annotations

import pytest

from autograder.lesson.headers import HeaderError, header_of, read_header

GRADED = {"grade": True, "locked": True, "schema_version": 3, "solution": False, "task": False}
GIVEN = {**GRADED, "grade": False}
FOLDED = {"cellView": "form", "jupyter": {"source_hidden": True}}

HEADERS = {
    "# %% setup": {"tags": ["setup"], "nbgrader": {**GIVEN, "grade_id": "setup"}},
    '# %% setup setup_tests "How tests compare"': {
        "tags": ["setup"],
        **FOLDED,
        "nbgrader": {**GIVEN, "grade_id": "setup_tests"},
    },
    "# %% given helper_blocks": {"nbgrader": {**GIVEN, "grade_id": "helper_blocks"}},
    '# %% given weight_files "Weight files"': {
        **FOLDED,
        "nbgrader": {**GIVEN, "grade_id": "weight_files"},
    },
    '# %% figure "What you will build"': {"tags": ["figure"], **FOLDED},
    "# %% figure": {"tags": ["figure"]},
    "# %% train": {"tags": ["train"]},
    '# %% train figure "A run: 10 seconds (at most)"': {"tags": ["train", "figure"], **FOLDED},
    '# %% hand-in "Pack it"': {"tags": ["hand-in", "skip-execution"], **FOLDED},
    "# %% train figure id=experiment": {
        "tags": ["train", "figure"],
        "nbgrader": {**GIVEN, "locked": False, "grade_id": "experiment"},
    },
    "# %% answer corr2d": {
        "exercise": "corr2d",
        "nbgrader": {**GIVEN, "locked": False, "solution": True, "grade_id": "corr2d"},
    },
    "# %% answer corr2d minutes=15 level=easy": {
        "exercise": "corr2d",
        "minutes": 15,
        "level": "easy",
        "nbgrader": {**GIVEN, "locked": False, "solution": True, "grade_id": "corr2d"},
    },
    '# %% answer pool lecture="Max Pooling, and more"': {
        "exercise": "pool",
        "lecture": "Max Pooling, and more",
        "nbgrader": {**GIVEN, "locked": False, "solution": True, "grade_id": "pool"},
    },
    '# %% answer pool lecture=""': {
        "exercise": "pool",
        "lecture": "",
        "nbgrader": {**GIVEN, "locked": False, "solution": True, "grade_id": "pool"},
    },
    "# %% try corr2d": {
        "exercise": "corr2d",
        "nbgrader": {**GRADED, "grade_id": "try_corr2d", "points": 0},
    },
    "# %% try corr2d id=try_again": {
        "exercise": "corr2d",
        "nbgrader": {**GRADED, "grade_id": "try_again", "points": 0},
    },
    "# %% check corr2d points=2.5": {
        "exercise": "corr2d",
        "nbgrader": {**GRADED, "grade_id": "test_corr2d", "points": 2.5},
    },
    '# %% check weights points=2 "the file `a.safetensors`"': {
        "exercise": "weights",
        "label": "the file `a.safetensors`",
        "nbgrader": {**GRADED, "grade_id": "test_weights", "points": 2},
    },
    "# %% [markdown] hint corr2d": {"exercise": "corr2d", "tags": ["hint"]},
    "# %% [markdown] question why points=1.5": {
        "nbgrader": {
            **GRADED,
            "grade_id": "why",
            "locked": False,
            "points": 1.5,
            "solution": True,
        },
    },
    '# %% answer corr2d slideshow={"slide_type": "slide"}': {
        "exercise": "corr2d",
        "nbgrader": {**GIVEN, "locked": False, "solution": True, "grade_id": "corr2d"},
        "slideshow": {"slide_type": "slide"},
    },
}


@pytest.mark.parametrize("line", HEADERS)
def test_a_header_stands_for_metadata(line: str) -> None:
    header = read_header(line)
    assert header is not None
    assert header.metadata == HEADERS[line]
    assert header.text == line


@pytest.mark.parametrize("line", HEADERS)
def test_metadata_give_their_header_back(line: str) -> None:
    header = read_header(line)
    assert header is not None
    kind = "markdown" if header.is_text else "code"
    metadata = {**HEADERS[line], "lines_to_next_cell": 2}
    assert header_of(kind, metadata, f"{header.first_line}\nx = 1").text == line


def test_a_checksum_of_nbgrader_is_not_kept() -> None:
    metadata = HEADERS["# %% try corr2d"] | {
        "nbgrader": {**GRADED, "grade_id": "try_corr2d", "points": 0, "checksum": "1234"}
    }
    assert header_of("code", metadata, "").text == "# %% try corr2d"


def test_metadata_outside_the_grammar_are_kept_whole() -> None:
    odd = {"nbgrader": {**GRADED, "grade_id": "odd", "points": 1, "solution": True}}
    header = header_of("code", odd, "x = 1")
    assert read_header(header.text) is None  # jupytext's own format
    assert header.text.startswith('# %% nbgrader={"grade": true')


@pytest.mark.parametrize(
    "line",
    ["# %%", "# %% [markdown]", '# %% tags=["figure"]', '# %% {"tags": ["figure"]}', "# %% [raw]"],
)
def test_a_line_without_a_kind_is_jupytexts(line: str) -> None:
    assert read_header(line) is None


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("# %% solve corr2d", "'solve' is no kind of cell. Kinds of code: answer, try, check,"),
        ("# %% answer", "a cell of kind answer needs a name"),
        ("# %% answer corr2d conv2d", "'conv2d' is too much: a cell has one name"),
        ("# %% check corr2d", "a cell of kind check needs points, such as points=2"),
        ("# %% check corr2d points=two", "points=two: points are a number greater than 0"),
        ("# %% check corr2d points=-1", "points=-1: points are a number greater than 0"),
        ("# %% check corr2d points=true", "points are a number greater than 0"),
        ("# %% check corr2d point=2", "point= is no option. Did you mean points=?"),
        ("# %% answer corr2d minute=5", "minute= is no option. Did you mean minutes=?"),
        ("# %% try corr2d points=1", "a cell of kind try has no points"),
        ("# %% answer corr2d level=insane", "level=insane: levels are easy, medium, hard"),
        ("# %% answer corr2d minutes=0", "minutes=0: minutes are a number greater than 0"),
        ("# %% answer corr2d lecture=7", "lecture=7: a lecture is text, such as"),
        ("# %% check corr2d points=2 lecture=A", "a cell of kind check has no lecture"),
        ("# %% answer corr2d points=2", "a cell of kind answer has no points"),
        ("# %% figure lines", 'a cell of kind figure has no name; write a title as "lines"'),
        ("# %% question why points=1", "'question' is a kind of text: write [markdown] before it"),
        ("# %% [markdown] answer why", "'answer' is a kind of code"),
        ("# %% check corr2d points=", "points= has no value that can be read"),
        ('# %% figure "open', "cannot be read"),
    ],
)
def test_a_bad_header_says_the_problem(line: str, words: str) -> None:
    with pytest.raises(HeaderError) as caught:
        read_header(line)
    assert words in str(caught.value)


def test_a_title_of_jupytext_is_read_where_titles_are_allowed() -> None:
    assert read_header("# %% My title", allow_titles=True) is None
