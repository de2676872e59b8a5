"""Every mistake of an author, with its message: a release tells file, cell and next step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.course.layout import Course
from autograder.errors import SourceError
from autograder.release.release import release, stale
from tests.courses.adding import BANK as SUBTRACTS
from tests.courses.adding import CHECK, write_course

LESSON = "01_adding.py"
BANK = "exercises/add/misconceptions.toml"
TEST = "exercises/add/check.py"
PATCHES = 'patches = [{ find = "a + b", put = "a - b" }]'
NOTHING = ""
Edit = Callable[[Course], None]


def edit(file: str, old: str, new: str) -> Edit:
    """Replace a text of a file that occurs once."""

    def apply(course: Course) -> None:
        path = course.source / "sums" / file
        assert path.read_text().count(old) == 1, (file, old)
        path.write_text(path.read_text().replace(old, new))

    return apply


def append(file: str, text: str) -> Edit:
    """Add text to the end of a file."""

    def apply(course: Course) -> None:
        path = course.source / "sums" / file
        path.write_text(f"{path.read_text()}\n{text}")

    return apply


def write(file: str, text: str | bytes) -> Edit:
    """Write a file beside the lesson."""

    def apply(course: Course) -> None:
        path = course.source / "sums" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    return apply


def rename(old: str, new: str) -> Edit:
    def apply(course: Course) -> None:
        (course.source / "sums" / old).rename(course.source / "sums" / new)

    return apply


def add_cell(text: str) -> Edit:
    """Add cells before the question."""
    return edit(LESSON, "# %% [markdown] question", f"{text}\n# %% [markdown] question")


# The edits that make the mistake, and the whole message.
TABLE: dict[str, tuple[list[Edit], str]] = {
    "a header with an unknown kind": (
        [edit(LESSON, "# %% try add", "# %% attempt add")],
        (
            "source/sums/01_adding.py, line 23: 'attempt' is no kind of cell. Kinds of code: "
            "answer, try, check, setup, given, figure, train, hand-in; of text: hint, question, "
            "after [markdown]\n"
            "  # %% attempt add"
        ),
    ),
    "an answer without a test": (
        [
            edit(
                LESSON, "# %% try add\nassert add(1, 2) == 3\n\n# %% check add points=2\n", NOTHING
            ),
            rename("exercises/add", "exercises/_add"),
        ],
        (
            "source/sums/01_adding.py, line 15 (answer add): add has no test. Write a header # "
            "%% check add points=1 and the file source/sums/exercises/add/check.py, or a visible "
            "test # %% try add if it is optional."
        ),
    ),
    "an answer whose check is not run": (
        [edit(LESSON, "# %% check add points=2\n", NOTHING)],
        (
            "source/sums/01_adding.py, line 15 (answer add): add scores nothing: "
            "source/sums/exercises/add/check.py is there, but no cell runs it. Write a header # "
            "%% check add points=1 below the answer"
        ),
    ),
    "a check without its module": (
        [rename(TEST, "exercises/add/checks.py")],
        (
            "source/sums/01_adding.py, line 26 (check add): source/sums/exercises/add/check.py "
            "is missing. Write it, with a function test(add) that returns check(...), or correct "
            "the name."
        ),
    ),
    "a check of no exercise": (
        [edit(LESSON, "# %% check add", "# %% check ad")],
        (
            "2 mistakes in source/sums. Nothing is released.\n"
            "- source/sums/01_adding.py, line 15 (answer add): add scores nothing: "
            "source/sums/exercises/add/check.py is there, but no cell runs it. Write a header # "
            "%% check add points=1 below the answer\n"
            "- source/sums/01_adding.py, line 26 (check ad): source/sums/exercises/ad/check.py "
            "is missing. Write it, with a function test(ad) that returns check(...), or correct "
            "the name. Did you mean add?"
        ),
    ),
    "a try of no exercise": (
        [edit(LESSON, "# %% try add", "# %% try ad")],
        (
            "source/sums/01_adding.py, line 23 (try ad): there is no exercise ad. No answer and "
            "no check of this notebook has the name. Did you mean add?"
        ),
    ),
    "a hint of no exercise": (
        [edit(LESSON, "hint add", "hint sub")],
        (
            "source/sums/01_adding.py, line 28 (hint sub): there is no exercise sub. No answer "
            "and no check of this notebook has the name."
        ),
    ),
    "a folder of no exercise": (
        [write("exercises/adds/check.py", CHECK)],
        (
            "source/sums/exercises/adds: no notebook of sums has an exercise adds. Rename the "
            "folder, or remove it. Did you mean add?"
        ),
    ),
    "files beside the folders of exercises": (
        [write("exercises/add.py", CHECK)],
        (
            "source/sums/exercises/add.py: files of an exercise stand in a folder with its name, "
            "such as exercises/corr2d/check.py. Move it"
        ),
    ),
    "a placeholder of no exercise": (
        [edit(LESSON, "# ## 1 Add", "# ## 1 Add: @ABOUT:ad@")],
        (
            "source/sums/01_adding.py, line 6 (text): @ABOUT:ad@: this notebook has no exercise "
            "or question ad. Did you mean add?"
        ),
    ),
    "a placeholder that does not exist": (
        [edit(LESSON, "@EXERCISES@", "@EXERCISE@")],
        (
            "source/sums/01_adding.py, line 4 (text): @EXERCISE@ is no placeholder; known are "
            "@EXERCISES@, @POINTS@, @ABOUT@, @HELP@, @COLAB_URL@, @GRADED_CELLS@, @SECTIONS@, "
            "@ASSIGNMENT@, @NOTEBOOKS@. Did you mean EXERCISES?"
        ),
    ),
    "a table without rows": (
        [edit(LESSON, "# ## 1 Add", "# ## Add")],
        (
            "source/sums/01_adding.py, line 4 (text): @EXERCISES@ would be a table without rows. "
            "Number the headings of the exercises, such as ## 1 Slide a kernel"
        ),
    ),
    "a solution without an end": (
        [edit(LESSON, "    ### END SOLUTION\n", NOTHING)],
        (
            "source/sums/01_adding.py, line 18 (answer add): ### BEGIN SOLUTION without ### END "
            "SOLUTION. Write ### END SOLUTION below the region, in the same cell"
        ),
    ),
    "a solution without a beginning": (
        [edit(LESSON, "    ### BEGIN SOLUTION\n", NOTHING)],
        (
            "source/sums/01_adding.py, line 19 (answer add): ### END SOLUTION without a ### "
            "BEGIN SOLUTION above it in this cell. Add it, or remove this line"
        ),
    ),
    "a solution in a solution": (
        [edit(LESSON, "    return a + b", "    ### BEGIN SOLUTION\n    return a + b")],
        (
            "source/sums/01_adding.py, line 19 (answer add): a second ### BEGIN SOLUTION before "
            "the ### END SOLUTION of the first. Close each region before the next begins"
        ),
    ),
    "a solution in a cell for no answer": (
        [edit(LESSON, "assert add(1", "### BEGIN SOLUTION\n### END SOLUTION\nassert add(1")],
        (
            "source/sums/01_adding.py, line 24 (try add): BEGIN SOLUTION stands in a cell that "
            "is no answer and no question"
        ),
    ),
    "a marker with too few signs": (
        [edit(LESSON, "    ### BEGIN SOLUTION", "    ## BEGIN SOLUTION")],
        (
            "source/sums/01_adding.py, line 18 (answer add): '## BEGIN SOLUTION' is no marker. "
            "Write ### BEGIN SOLUTION"
        ),
    ),
    "a marker that is spelled otherwise": (
        [edit(LESSON, "    ### BEGIN SOLUTION", "    ### Begin solutions")],
        (
            "2 mistakes in source/sums. Nothing is released.\n"
            "- source/sums/01_adding.py, line 18 (answer add): '### Begin solutions' is no "
            "marker. Write ### BEGIN SOLUTION\n"
            "- source/sums/01_adding.py, line 20 (answer add): ### END SOLUTION without a ### "
            "BEGIN SOLUTION above it in this cell. Add it, or remove this line"
        ),
    ),
    "hidden tests without an end": (
        [
            edit(
                LESSON, "# %% check add points=2", "# %% check add points=2\n### BEGIN HIDDEN TESTS"
            )
        ],
        (
            "source/sums/01_adding.py, line 27 (check add): ### BEGIN HIDDEN TESTS without ### "
            "END HIDDEN TESTS. Write ### END HIDDEN TESTS below the region, in the same cell"
        ),
    ),
    "a mark scheme without an end": (
        [edit(LESSON, "# Because.", "# Because.\n# ### BEGIN MARK SCHEME")],
        (
            "2 mistakes in source/sums. Nothing is released.\n"
            "- source/sums/01_adding.py, line 36 (question why): ### BEGIN MARK SCHEME without "
            "### END MARK SCHEME. Write ### END MARK SCHEME below the region, in the same cell\n"
            "- source/sums/01_adding.py, line 36 (question why): BEGIN MARK SCHEME stands in a "
            "cell that is no task of nbgrader's"
        ),
    ),
    "an unknown name in a check": (
        [edit(TEST, "        make,", "        mak,")],
        (
            "source/sums/exercises/add/check.py, line 15: mak is not defined in this file. "
            "Import it here, or make it a parameter of test if it is the student's."
        ),
    ),
    "an unknown parameter of a check": (
        [edit(TEST, "def test(add)", "def test(ad)"), edit(TEST, "        add,", "        ad,")],
        (
            "source/sums/exercises/add/check.py, line 11: test takes ad, which no cell of "
            "01_adding defines. Did you mean add?"
        ),
    ),
    "a check without a function test": (
        [edit(TEST, "def test(", "def tests(")],
        (
            "source/sums/exercises/add/check.py: there is no function test. Write def test(add): "
            "that returns check(...). Did you mean tests?"
        ),
    ),
    "a check that returns nothing": (
        [edit(TEST, "    return check(", "    check(")],
        (
            "source/sums/exercises/add/check.py, line 11: test returns nothing, so every answer "
            "would pass. Write return before check(...)"
        ),
    ),
    "an unknown name in a visible test": (
        [edit(LESSON, "assert add(1", "assert ad(1")],
        (
            "source/sums/01_adding.py, line 24 (try add): ad is not defined in this notebook. "
            "Did you mean add?"
        ),
    ),
    "a visible test that the reference fails": (
        [edit(LESSON, "2) == 3", "2) == 4")],
        (
            "source/sums/01_adding.py, line 23 (try add): the reference fails this visible test: "
            "AssertionError\n"
            "  assert add(1, 2) == 4"
        ),
    ),
    "an answer that raises": (
        [edit(LESSON, "# %% try add", "# %% figure\nadd(1)\n\n# %% try add")],
        (
            "source/sums/01_adding.py, line 23 (figure): the figure raises: TypeError: add() "
            "missing 1 required positional argument: 'b'\n"
            "  add(1)"
        ),
    ),
    "a figure that raises": (
        [edit(LESSON, "math.pi)", "math.tau / 0)")],
        (
            'source/sums/01_adding.py, line 11 (figure "A picture"): the figure raises: '
            "ZeroDivisionError: float division by zero\n"
            '  print("a picture of", math.tau / 0)'
        ),
    ),
    "a check that gives the reference too little": (
        [edit(TEST, "reference.add,", "lambda a, b: a + b + (a > 9),")],
        (
            "a mistake of the course, in source/sums/exercises/add/check.py: the reference earns "
            "1 of 2 points. Correct the check, or the answer add. The check says:\n"
            "  <lambda> is right in 1 of 2 groups of cases.\n"
            "  This mistake is not recognised. The case below shows it.\n"
            "  Smallest failing case: the output is 127, expected 128.\n"
            "  <lambda>(58, 69)  # a, b\n"
            "  Not yet: large numbers.\n"
            "  Right: small numbers."
        ),
    ),
    "a check that raises": (
        [edit(TEST, "size=10**9", "sizes=10**9")],
        (
            "a mistake of the course, in source/sums/exercises/add/check.py: it raised "
            "TypeError: make() got an unexpected keyword argument 'sizes'\n"
            "  line 12: return check("
        ),
    ),
    "a check that returns a number": (
        [edit(TEST, "return check(", "return 3, check(")],
        (
            "a mistake of the course, in source/sums/exercises/add/check.py: the reference earns "
            "0 of 2 points. Correct the check, or the answer add. The check says:\n"
            "  The test could not use what add returned (AttributeError)."
        ),
    ),
    "a misconception that breaks nothing": (
        [edit(BANK, "a - b", "b + a")],
        (
            "source/sums/exercises/add/misconceptions.toml (add.subtracts): it breaks nothing: "
            "its answer earns all points. Change its patch, or add a group of cases to the check "
            "that shows the mistake"
        ),
    ),
    "a misconception that is the reference": (
        [edit(BANK, "a - b", "a + b  # so")],
        (
            "source/sums/exercises/add/misconceptions.toml, line 1 (subtracts): its code is the "
            "reference itself. Change the patch, so that the answer is wrong"
        ),
    ),
    "a misconception whose text is not there": (
        [edit(BANK, '"a + b"', '"a+b"')],
        (
            "source/sums/exercises/add/misconceptions.toml, line 1 (subtracts): 'a+b' occurs 0 "
            "times in the body of the reference, expected 1. Copy the text from the answer add"
        ),
    ),
    "a misconception that is not Python": (
        [edit(BANK, "a - b", "a - ")],
        (
            "source/sums/exercises/add/misconceptions.toml, line 1 (subtracts): its code is not "
            "Python: invalid syntax\n"
            "  return a -"
        ),
    ),
    "a misconception that cannot be defined": (
        [edit(BANK, PATCHES, 'code = "def add(a, b=c): return a"')],
        (
            "source/sums/exercises/add/misconceptions.toml (add.subtracts): its code cannot be "
            "run: source/sums/01_adding.py (add): it raises NameError: name 'c' is not defined"
        ),
    ),
    "a misconception with a name that does not exist": (
        [edit(BANK, "a - b", "a - bb")],
        (
            "source/sums/exercises/add/misconceptions.toml (add.subtracts): its answer uses bb, "
            "which nothing defines, so it shows no mistake of a student. Correct its code or the "
            "text that its patch puts in"
        ),
    ),
    "a misconception of another name": (
        [edit(BANK, PATCHES, 'code = "def sub(a, b): return a - b"')],
        (
            "source/sums/exercises/add/misconceptions.toml, line 1 (subtracts): its code does "
            "not define add"
        ),
    ),
    "patches and code": (
        [edit(BANK, PATCHES, f'{PATCHES}\ncode = "add = 1"')],
        (
            "source/sums/exercises/add/misconceptions.toml, line 1 (subtracts): patches and code "
            "exclude each other. Keep one"
        ),
    ),
    "a misconception with a long sentence": (
        [edit(BANK, 'sentence = "', 'sentence = "' + "really " * 60)],
        (
            "source/sums/exercises/add/misconceptions.toml, line 1 (subtracts): its sentence has "
            "62 words; 60 are the most"
        ),
    ),
    "a misconception twice": (
        [append(BANK, SUBTRACTS)],
        (
            "source/sums/exercises/add/misconceptions.toml, line 6 (subtracts): the id subtracts "
            "is used twice. Give one of them another name"
        ),
    ),
    "an unknown key": (
        [edit(BANK, "sentence =", "sentences =")],
        (
            "2 mistakes in source/sums. Nothing is released.\n"
            "- source/sums/exercises/add/misconceptions.toml, line 1 (subtracts): there is no "
            "key sentences; known are id, sentence, patches, code. Did you mean sentence?\n"
            "- source/sums/exercises/add/misconceptions.toml, line 1 (subtracts): sentence is "
            "missing"
        ),
    ),
    "an unknown key of a patch": (
        [edit(BANK, "put =", "puts =")],
        (
            "2 mistakes in source/sums. Nothing is released.\n"
            "- source/sums/exercises/add/misconceptions.toml, line 1 (subtracts), patch: there "
            "is no key puts; known are find, put, count. Did you mean put?\n"
            "- source/sums/exercises/add/misconceptions.toml, line 1 (subtracts), patch: put is "
            "missing"
        ),
    ),
    "a key with a wrong type": (
        [edit(BANK, '"You subtract."', "3")],
        (
            "source/sums/exercises/add/misconceptions.toml, line 1 (subtracts): sentence is 3, "
            "expected text"
        ),
    ),
    "a misconception without a patch": (
        [edit(BANK, PATCHES, NOTHING)],
        (
            "source/sums/exercises/add/misconceptions.toml, line 1 (subtracts): patches is "
            'missing. Write patches = [{ find = "...", put = "..." }], which turns the reference '
            "into the wrong answer"
        ),
    ),
    "a bank that is not TOML": (
        [edit(BANK, 'id = "', "id = ")],
        (
            "source/sums/exercises/add/misconceptions.toml: not TOML: Invalid value (at line 2, "
            "column 6)"
        ),
    ),
    "a bank of no notebook": (
        [write("misconceptions/add.toml", 'notebook = "01_ading"\n')],
        (
            "source/sums/misconceptions/add.toml: there is no notebook '01_ading'. Did you mean "
            "01_adding?"
        ),
    ),
    "a bank of no exercise": (
        [write("misconceptions/add.toml", 'notebook = "01_adding"\nexercise = "ad"\n')],
        ("source/sums/misconceptions/add.toml: 01_adding has no exercise 'ad'. Did you mean add?"),
    ),
    "an id twice": (
        [add_cell("# %% given why\nx = 1\n")],
        (
            "source/sums/01_adding.py, line 34 (question why): the id why is used twice, first "
            "in source/sums/01_adding.py, line 31 (given why). Give one of the cells another name"
        ),
    ),
    "an id that nbgrader refuses": (
        [add_cell("# %% given why.so\nx = 1\n")],
        (
            "source/sums/01_adding.py, line 31 (given why.so): 'why.so' is no name for nbgrader. "
            "Names have letters, digits, _ and -"
        ),
    ),
    "an exercise in two notebooks": (
        [write("02_more.py", "# %% answer add\n### BEGIN SOLUTION\nadd = 1\n### END SOLUTION\n")],
        (
            "3 mistakes in source/sums. Nothing is released.\n"
            "- source/sums/02_more.py, line 1 (answer add): add scores nothing: "
            "source/sums/exercises/add/check.py is there, but no cell runs it. Write a header # "
            "%% check add points=1 below the answer\n"
            "- source/sums/exercises/add/misconceptions.toml, line 1 (subtracts): 'a + b' occurs "
            "0 times in the body of the reference, expected 1. Copy the text from the answer add\n"
            "- source/sums/02_more.py, line 1 (answer add): the exercise add is in two "
            "notebooks, first in source/sums/01_adding.py, line 15 (answer add). exercises/add "
            "can serve one: rename the other"
        ),
    ),
    "a cell that is not Python": (
        [edit(LESSON, "print(", "print((")],
        (
            "source/sums/01_adding.py, line 12 (figure \"A picture\"): not Python: '(' was never "
            "closed\n"
            '  print(("a picture of", math.pi)'
        ),
    ),
    "a check that is not Python": (
        [edit(TEST, "def test(add):", "def test(add)")],
        ("source/sums/exercises/add/check.py, line 11: not Python: expected ':'\n  def test(add)"),
    ),
    "a right answer that is not Python": (
        [write("exercises/add/right.py", "def add(a, b)")],
        ("source/sums/exercises/add/right.py, line 1: not Python: expected ':'\n  def add(a, b)"),
    ),
    "a released import of solutions": (
        [add_cell("# %%\nfrom solutions.sums import adding\n")],
        (
            "source/sums/01_adding.py, line 31 (code): students would get the line\n"
            "  from solutions.sums import adding\n"
            "  They have no solutions to import. Import them in exercises/NAME/check.py"
        ),
    ),
    "a released import of autograder": (
        [add_cell("# %%\nimport autograder\n")],
        (
            "source/sums/01_adding.py, line 31 (code): students would get the line\n"
            "  import autograder\n"
            "  They have no autograder to import. Import it in exercises/NAME/check.py"
        ),
    ),
    "a released path of a private file": (
        [add_cell('# %%\nopen("private/key.npz")\n')],
        (
            "source/sums/01_adding.py, line 31 (code): students would get the line\n"
            '  open("private/key.npz")\n'
            "  It names private/, which no student gets. Remove it"
        ),
    ),
    "a lesson that is not UTF-8": (
        [write(LESSON, b"# %%\n# \xe4\n")],
        ("source/sums/01_adding.py: not UTF-8: invalid continuation byte. Save it as UTF-8"),
    ),
    "two bad headers": (
        [edit(LESSON, "check add points=2", "check add"), edit(LESSON, "level=easy", "level=low")],
        (
            "source/sums/01_adding.py, line 15: level=low: levels are easy, medium, hard\n"
            "  # %% answer add minutes=5 level=low\n"
            "source/sums/01_adding.py, line 26: a cell of kind check needs points, such as "
            "points=2\n"
            "  # %% check add"
        ),
    ),
    "several at once": (
        [edit(LESSON, "hint add", "hint sub"), edit(BANK, "put =", "puts =")],
        (
            "3 mistakes in source/sums. Nothing is released.\n"
            "- source/sums/01_adding.py, line 28 (hint sub): there is no exercise sub. No answer "
            "and no check of this notebook has the name.\n"
            "- source/sums/exercises/add/misconceptions.toml, line 1 (subtracts), patch: there "
            "is no key puts; known are find, put, count. Did you mean put?\n"
            "- source/sums/exercises/add/misconceptions.toml, line 1 (subtracts), patch: put is "
            "missing"
        ),
    ),
}


@pytest.mark.parametrize(("edits", "said"), TABLE.values(), ids=TABLE)
def test_each_mistake_is_told_by_release_which_then_changes_nothing(
    tmp_path: Path, edits: list[Edit], said: str
) -> None:
    course = write_course(tmp_path)
    for apply in edits:
        apply(course)
    with pytest.raises(SourceError) as caught:
        release(course, "sums")
    assert str(caught.value) == said
    assert not course.assignments.exists() and not course.solutions.exists()


def test_the_course_without_a_mistake_is_released_and_an_optional_exercise_too(
    tmp_path: Path,
) -> None:
    course = write_course(tmp_path)
    optional = (
        "# %% answer sub\n### BEGIN SOLUTION\nsub = 1\n### END SOLUTION\n\n# %% try sub\nsub\n"
    )
    add_cell(optional)(course)
    assert release(course, "sums").max_points == 3
    assert stale(course, "sums") == []


def test_freshness_tells_the_mistakes_that_text_shows(tmp_path: Path) -> None:
    course = write_course(tmp_path)
    edit(LESSON, "hint add", "hint ad")(course)
    with pytest.raises(SourceError, match="there is no exercise ad"):
        stale(course, "sums")


def test_secrets_and_the_path_of_the_course_are_told(tmp_path: Path) -> None:
    course = write_course(tmp_path)
    course.state.mkdir()
    secret = b"\x01" * 32
    (course.state / "secret").write_bytes(secret)
    add_cell(f"# %%\nwhere = '{course.root}/data'\nkey = '{secret.hex()}'\n")(course)
    with pytest.raises(SourceError) as caught:
        release(course, "sums")
    assert "It holds the path of the course on this machine. Remove it" in str(caught.value)
    assert "It holds the secret of the course. Remove it" in str(caught.value)
