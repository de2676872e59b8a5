"""Rows 17 to 21: test cells, files, names, neighbours and pages that were tampered with."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

from nbformat import NotebookNode, v4

from autograder.results import Outcome
from tests.attacks.kinds import FILE, FULL, WRONG, Attack, answer, handed_in

FAILED, ERROR, UNREADABLE, MISSING = (
    Outcome.FAILED,
    Outcome.ERROR,
    Outcome.UNREADABLE,
    Outcome.MISSING,
)
SOURCE = "tests come from the source; the student's copies are never run"
READER = "a reader that repairs damage if possible, and else names it"
BY_CELLS = "a notebook is recognised by its cells"
BESIDE = "only modules that shadow no other, in the student's own sandbox"
INERT = "all text from outside is sanitised before it enters a page"
NONE = dict.fromkeys(FULL, 0.0)


def cell(notebook: NotebookNode, grade_id: str) -> Any:
    return next(
        c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )


def forged(
    row: int,
    name: str,
    change: Callable[[NotebookNode], Any],
    says: str = "got 0, expected 3",
    **more: Any,
) -> Attack:
    """Wrong answers everywhere in a notebook whose cells were changed."""
    return Attack(row, name, SOURCE, WRONG, NONE, (FAILED,), says, change, **more)


def every_test(edit: Callable[[Any], Any]) -> Callable[[NotebookNode], Any]:
    def change(notebook: NotebookNode) -> None:
        for name in FULL:
            edit(cell(notebook, name))

    return change


def facts(**values: Any) -> Callable[[Any], Any]:
    return lambda one: one.metadata.nbgrader.update(values)


def raw(row: int, name: str, data: bytes, says: str, **more: Any) -> Attack:
    """Bytes that are no notebook."""
    more.setdefault("outcomes", (UNREADABLE,))
    return Attack(row, name, READER, {}, NONE, says=says, change=lambda _: data, **more)


def whole(
    row: int,
    name: str,
    change: Callable[[dict[str, Any]], Any],
    says: str = "",
    stops: str = READER,
    **more: Any,
) -> Attack:
    """A right notebook whose JSON was changed as plain data."""

    def as_bytes(notebook: NotebookNode) -> bytes:
        plain = json.loads(json.dumps(notebook))
        changed = change(plain)
        return changed if isinstance(changed, bytes) else json.dumps(plain).encode()

    return handed_in(row, name, as_bytes, stops, says, **more)


def zipped(*members: tuple[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return file.getvalue()


def packed(
    name: str,
    files: dict[str, bytes],
    says: str,
    earns: dict[str, float] = NONE,
    outcomes: tuple[Outcome, ...] = (MISSING,),
    **more: Any,
) -> Attack:
    return Attack(
        20,
        name,
        "only notebooks, modules, weights and pictures are unpacked, into folders of the grader's, within a budget",
        {},
        earns,
        outcomes,
        says,
        files=files,
        file_name="",
        **more,
    )


SCRIPT = "<script>document.title='owned'</script><img src=x onerror=alert(1)>"
BOMB = zipped(("01_small.ipynb", b"0" * (200 << 20)))
MINE = b"def add(a, b):\n    return a + b\n"


def renamed(name: str, stored: str, says: str) -> Attack:
    return Attack(
        19, name, BY_CELLS, {}, FULL, (Outcome.NEEDS_MANUAL_GRADE,), says, file_name=stored
    )


def deep(_: NotebookNode) -> bytes:
    return b'{"cells":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


def shadow(name: str, files: dict[str, bytes], says: str, **more: Any) -> Attack:
    more.setdefault("earns", FULL)
    more.setdefault("outcomes", (Outcome.NEEDS_MANUAL_GRADE,))
    return Attack(20, name, BESIDE, {}, says=says, files=files, **more)


EVIL = b"import os\nos._exit(0)\n"


ATTACKS: list[Attack] = [
    # -- 17
    forged(17, "tests edited to give points", every_test(lambda c: c.update(source="100.0"))),
    forged(17, "tests made worth a million points", every_test(facts(points=10**6))),
    forged(17, "tests marked as solutions", every_test(facts(solution=True, locked=False, grade=True))),
    forged(17, "tests marked as manual, so that nobody runs them", every_test(facts(solution=True, task=True))),
    forged(17, "tests deleted", lambda n: n.update(cells=[c for c in n.cells if not c.metadata.get("nbgrader", {}).get("grade_id", "").startswith("test_")])),
    forged(17, "tests duplicated, the copies edited", lambda n: n.cells.extend(v4.new_code_cell("2.0", metadata={"nbgrader": {"grade": True, "grade_id": name, "points": 9, "solution": False}}) for name in FULL for _ in range(3))),
    forged(17, "ids of two tests exchanged", lambda n: (cell(n, "test_add").metadata.nbgrader.update(grade_id="x"), cell(n, "test_scale").metadata.nbgrader.update(grade_id="test_add"))),
    forged(17, "a new graded cell that is worth points", lambda n: n.cells.append(v4.new_code_cell("50.0", metadata={"nbgrader": {"grade": True, "grade_id": "bonus", "points": 50, "solution": False, "locked": True, "schema_version": 3}}))),
    forged(17, "odd schema versions", every_test(facts(schema_version=99))),
    forged(17, "a schema version that is no number", every_test(facts(schema_version=[{"$ref": "#"}]))),
    forged(17, "outputs with full marks kept in the file", every_test(lambda c: c.update(outputs=[v4.new_output("execute_result", data={"text/plain": "2.0"})], execution_count=1))),
    forged(17, "tests turned into text", every_test(lambda c: c.update(cell_type="markdown"))),
    forged(17, "`grade: false` on every test", every_test(facts(grade=False, points=0))),
    # -- 18
    raw(18, "invalid JSON", b'{"cells": [', "is not JSON"),
    raw(18, "an empty file", b"", "the file is empty"),
    raw(18, "blanks", b" \n\t\n", "the file is empty"),
    raw(18, "a binary file", bytes(range(256)) * 400, "is not JSON"),
    raw(18, "a page of HTML", b"<!doctype html><title>Sign in</title>", "is not JSON"),
    raw(18, "a list", b"[]", "not a notebook"),
    raw(18, "cells that are numbers", b'{"cells": [1, 2]}', "is not a cell"),
    raw(18, "a notebook of 65 MB", b'{"cells": [], "x": "' + b"x" * (65 << 20) + b'"}', "larger than 64 MB"),
    raw(18, "100,000 cells", json.dumps({"cells": [{"cell_type": "code", "source": "1"}] * 100_000}).encode(), "more than 5000 cells"),
    raw(18, "JSON of 100,000 levels", deep(NotebookNode()), "is not JSON"),
    whole(18, "an integer of 100,000 digits", lambda n: json.dumps(n).encode()[:-1] + b', "n": ' + b"9" * 100_000 + b"}"),
    raw(18, "a format 3 file that is malformed", b'{"nbformat": 3, "worksheets": 5}', "old notebook format"),
    raw(18, "24 MB of code, for any parser", json.dumps({"cells": [{"cell_type": "code", "source": "x = [" + "0," * (12 << 20) + "]"}]}).encode(), "characters of code and text"),
    whole(18, "a cell of brackets, for any parser", lambda n: n["cells"].append({"cell_type": "code", "source": "(" * 20_000 + "-" * 20_000, "metadata": {}})),
    whole(18, "null kernelspec, odd metadata", lambda n: n.update(metadata={"kernelspec": None, "language_info": 5})),
    whole(18, "no metadata anywhere", lambda n: (n.pop("metadata"), [c.pop("metadata") for c in n["cells"]])[0] and None, "found by its definition", outcomes=(FAILED, Outcome.NEEDS_MANUAL_GRADE)),
    whole(18, "NaN and Infinity in the metadata", lambda n: json.dumps({**n, "metadata": {"a": float("nan"), "b": float("inf")}}).encode()),
    whole(18, "keys that are given twice", lambda n: (b'{"cells": [], "nbformat": 3, ' + json.dumps(n).encode()[1:])),
    whole(18, "a byte-order mark, UTF-16", lambda n: json.dumps(n).encode("utf-16")),
    whole(18, "nbformat 4.99", lambda n: n.update(nbformat=4, nbformat_minor=99)),
    whole(18, "lone surrogates and NUL in sources, ids and metadata", lambda n: n["cells"].append({"cell_type": "markdown", "source": "\ud800\x00\u202e", "id": "\ud800", "metadata": {"nbgrader": {"grade_id": "\ud800\x00"}}})),
    whole(18, "cells of unknown kinds", lambda n: n["cells"].extend([{"cell_type": "\u202eevil", "source": ["a", 5]}, {"cell_type": None}, {}])),
    # -- 19
    renamed("a copy's name", "Copy of 01_small (1).ipynb", "recognised as 01_small by its cells"),
    renamed("another name", "homework final FINAL.ipynb", "recognised as 01_small by its cells"),
    renamed("a name with a line break and a right-to-left mark", "a\nb\u202egnp.ipynb", "recognised as 01_small"),
    renamed("a name that colours terminals", "\x1b]0;owned\x07\x1b[31m.ipynb", "recognised as 01_small"),
    renamed("markup as a name", "<img src=x onerror=alert(1)>[bold].ipynb", "recognised as 01_small"),
    Attack(19, "several copies, the expected name among them", BY_CELLS, WRONG, NONE, (FAILED,), "another copy of 01_small", files={"Copy of 01_small.ipynb": b'{"cells": [{"cell_type": "code", "source": "def add(a, b):\\n    return 0"}]}'}),
    Attack(19, "no file of the assignment", BY_CELLS, {}, NONE, (MISSING,), "was not handed in", file_name="", files={"essay.txt": b"hello"}),
    # -- 20
    shadow("modules that shadow torch, numpy and json", {"torch.py": EVIL, "numpy.py": EVIL, "json.py": EVIL}, "would shadow an installed module"),
    shadow("`sitecustomize` and `usercustomize`", {"sitecustomize.py": EVIL, "usercustomize.py": EVIL}, "would shadow an installed module"),
    shadow("modules that shadow ours", {"autograder.py": EVIL, "msgpack.py": EVIL, "pyseccomp.py": EVIL, "IPython.py": EVIL}, "would shadow an installed module"),
    shadow("a module of 2 MB", {"mine.py": b"#" * (2 << 20)}, "larger than 1 MB"),
    shadow("`conftest.py`, `setup.py` and a path file", {"conftest.py": EVIL, "setup.py": EVIL, "x.pth": b"import os; os._exit(0)\n", "pyvenv.cfg": b"home = /tmp\n"}, ""),
    shadow("modules named by odd characters", {"a\nb.py": EVIL, "..py": EVIL, "-c.py": EVIL, "\u202eyp.py": EVIL}, ""),
    shadow("a link to a file of the grader", {}, "a link, ignored", links={"secret.py": "@COURSE@/.autograder/secret", "x.safetensors": "/etc/passwd"}),
    Attack(20, "the notebook itself is a link to another's", BESIDE, {}, NONE, (MISSING,), "a link, ignored", file_name="", links={FILE: "@COURSE@/source/small/01_small.py"}),
    packed("a zip bomb", {"work.zip": BOMB}, "larger than 64 MB"),
    packed("a zip with 301 notebooks", {"work.zip": zipped(*((f"n{i}.ipynb", b"{}") for i in range(301)))}, "more than 300 files"),
    packed("a zip that climbs out of its folder", {"work.zip": zipped(("../../../../source/small/01_small.py", EVIL), ("/tmp/@TOKEN@.py", EVIL), ("../../../canary.py", EVIL))}, "was not handed in"),
    packed("a broken zip", {"work.zip": b"PK\x03\x04" + b"\xff" * 3000}, "could not be unpacked"),
    packed("a zip with a name of 300 characters", {"work.zip": zipped(("n" * 300 + ".ipynb", b"{}"))}, "not a notebook of this assignment"),
    # -- 21
    answer(21, "script in prints, errors and values", f"import sys\nprint({SCRIPT!r}); print({SCRIPT!r}, file=sys.stderr)\ndef add(a, b):\n    raise type({SCRIPT!r}, (Exception,), {{}})({SCRIPT!r})", INERT, ERROR, "<script>"),
    answer(21, "script in a returned value", f"def add(a, b):\n    return {SCRIPT!r}", INERT, says="<script>"),
    answer(21, "script in a key, a shape and a name", f"class X: pass\nX.__name__ = X.__qualname__ = {SCRIPT!r}\ndef add(a, b):\n    return {{{SCRIPT!r}: X()}}", INERT),
    Attack(21, "script in text cells, pictures and attachments", INERT, WRONG, NONE, (FAILED,), "got 0, expected 3", change=lambda n: n.cells.extend([
        v4.new_markdown_cell(f"{SCRIPT} [a](javascript:alert(1)) $\\href{{javascript:alert(1)}}{{x}}$"),
        v4.new_raw_cell(SCRIPT),
        v4.new_code_cell("1", outputs=[v4.new_output("display_data", data={"text/html": SCRIPT, "image/svg+xml": f"<svg>{SCRIPT}</svg>", "application/javascript": "alert(1)", "image/png": '"><script>owned</script>'})]),
    ])),
    answer(21, "a student's name that is markup", "pass", INERT, says="got 0, expected 3", student="zz<script>document.title='owned'<img src=x onerror=alert(1)>"),
]  # fmt: skip
