"""The last cell of a notebook: is everything there, which tests pass, and one file to hand in."""

import ast
import contextlib
import io
import json
import os
import re
import sys
import time
import zipfile
from pathlib import Path

TEXT_STUB = "YOUR ANSWER HERE"


def check_and_pack(name, graded, files=(), assignment="", notebooks=()):
    """Say what is complete and which visible tests pass, and pack one zip to hand in.

    name: the notebook's name; graded: the ids of its graded cells; files: what belongs to it, for
    example trained weights; assignment: its name; notebooks: the names of all its notebooks. The
    zip holds the other notebooks of the assignment too if they lie in this folder. Returns the path
    of the zip, or None if this notebook was not found.
    """
    this = find_notebook(name, graded)
    if this is None:
        print(
            f"This notebook's file was not found in {Path.cwd()}. Save the notebook there as "
            f"{name}.ipynb, then run this cell once more."
        )
        return None
    check_cells(name, this, graded)
    others = other_notebooks([one for one in notebooks if one != name])
    packed = {one: found for one, found in others.items() if not is_unwritten(found["notebook"])}
    if others:
        print(f"\nOther notebooks of {assignment or 'this assignment'} in this folder:")
    for one, found in others.items():
        left_out = "" if one in packed else "; left out: no answer is written in it yet"
        print(f"  {one}: {found['path'].name}, {found['saved']}; {found['complete']}{left_out}")
        for copy in found["copies"]:
            print(f"    left out, another copy: {copy['path'].name}, {copy['saved']}")
    absent = [one for one in notebooks if one != name and one not in others]
    if absent:
        print(f"\nNot in this folder: {', '.join(absent)}. Hand in what their own last cells pack.")
    path = Path(f"{assignment if packed and assignment else name}.zip")
    parts = {**packed, name: {**this, "files": files}}
    return pack(path, {one: parts[one] for one in sorted(parts)})


def check_cells(name, this, graded):
    """Print a line for each graded cell, and what its visible tests got and expected."""
    cells = {}
    for cell in this["notebook"]["cells"]:
        cells.setdefault(cell_id(cell), []).append(cell)
    tries = [one[0] for one in cells.values() if is_visible_test(one[0])]
    tested = {one.removeprefix("test_") for one in graded if one.startswith("test_")}
    graded = [one for one in graded if one not in {f"try_{exercise}" for exercise in tested}]
    missing = [one for one in graded if one not in cells]
    repeated = [one for one in graded if len(cells.get(one, [])) > 1]
    there = f"{len(graded) - len(missing)} of {len(graded)} graded cells are there."
    print(f"{name}, {this['saved']}: {there}")
    for one in missing:
        print(f"  missing   {one}: take this cell from a fresh copy of the notebook")
    for one in repeated:
        print(f"  twice     {one}: two cells have this id; delete the one that is not yours")
    wrong = 0
    for one in graded:
        if one in cells:
            cell = cells[one][0]
            visible = [other for other in tries if exercise_of(other) == exercise_of(cell)]
            mark, lines = look_at(visible or [cell])
            wrong += mark in ("wrong", "empty")
            short = one.removeprefix("test_")
            words = "\n            ".join(lines).removeprefix(f"{short}: ")
            print(f"  {mark:9} {short}{': ' if words else ''}{words}")
    print("Everything that you can test here passes." if not wrong + len(missing) else
          "You can hand this in as it is; what is not ok yet may cost points.")  # fmt: skip


def find_notebook(name, graded):
    """Return this notebook as it is now or was last saved, and words that say which."""
    with contextlib.suppress(Exception):  # Colab tells the notebook that is open
        from google.colab import _message

        answer = _message.blocking_request("get_ipynb", timeout_sec=30)
        return {"notebook": answer["ipynb"], "saved": "as it is now", "time": time.time()}
    said = sys.modules["__main__"].__dict__.get("__vsc_ipynb_file__")  # VS Code
    said = said or os.environ.get("JPY_SESSION_NAME", "")  # JupyterLab, Notebook 7
    for path in [Path(said), Path(f"{name}.ipynb"), *newest_notebooks()]:
        found = read_notebook(path)
        if found and {cell_id(cell) for cell in found["notebook"]["cells"]} & set(graded):
            found["saved"] += " (save it again if you changed it since)"
            return found
    return None


def other_notebooks(names):
    """Return the last saved version of each of these notebooks in this folder, by name."""
    copies = {name: [] for name in names}
    for path in newest_notebooks():
        found = read_notebook(path)
        call = last_call(found["notebook"]) if found else None
        if call is not None and call[0] in copies:
            name, graded, files = call
            ids = {cell_id(cell) for cell in found["notebook"]["cells"]}
            there = f"{sum(one in ids for one in graded)} of {len(graded)} graded cells are there"
            copies[name].append({**found, "files": files, "complete": there})
    chosen = {}
    for name, saved in copies.items():
        if saved:  # a fresh copy without an answer does not replace the student's work
            first = next((one for one in saved if not is_unwritten(one["notebook"])), saved[0])
            chosen[name] = {**first, "copies": [one for one in saved if one is not first]}
    return chosen


def newest_notebooks():
    """Return the notebooks of this folder, the last saved one first."""
    return sorted(Path().glob("*.ipynb"), key=lambda path: -path.stat().st_mtime)


def read_notebook(path):
    """Return a saved notebook, its path and when it was saved; None if it cannot be read."""
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            cell_id(cell), cell["cell_type"], "".join(cell["source"])
        at = path.stat().st_mtime
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    saved = time.strftime("saved on %Y-%m-%d at %H:%M:%S", time.localtime(at))
    return {"notebook": notebook, "path": path, "saved": saved, "time": at}


def last_call(notebook):
    """Return what a notebook's last cell gives to check_and_pack: name, graded cells, files."""
    for cell in reversed(notebook["cells"]):
        source = "".join(cell["source"])
        if cell["cell_type"] != "code" or "check_and_pack(" not in source:
            continue
        with contextlib.suppress(SyntaxError, ValueError, IndexError):
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "check_and_pack":
                    given = [ast.literal_eval(one) for one in node.args]
                    return given[0], given[1], given[2] if len(given) > 2 else ()
    return None


def cell_id(cell):
    """The nbgrader id of a cell; empty where it has none."""
    return cell.get("metadata", {}).get("nbgrader", {}).get("grade_id", "")


def exercise_of(cell):
    """The exercise of a cell: what its metadata say, else its id without "test_" and "try_"."""
    return cell["metadata"].get("exercise") or re.sub("^(test|try)_", "", cell_id(cell))


def is_visible_test(cell):
    """Whether a cell holds visible tests of its own: a test cell without points."""
    given = cell.get("metadata", {}).get("nbgrader", {})
    is_test = given.get("grade") and not given.get("solution") and cell["cell_type"] == "code"
    return bool(is_test) and not given.get("points")


def is_unwritten(notebook):
    """Whether no answer is written in a notebook yet."""
    answers = [
        (cell["cell_type"], "".join(cell["source"]))
        for cell in notebook["cells"]
        if cell.get("metadata", {}).get("nbgrader", {}).get("solution")
    ]
    return bool(answers) and all(
        re.search(r"^\s*raise NotImplementedError", text, re.MULTILINE)
        if kind == "code"
        else TEXT_STUB in text or not text.strip()
        for kind, text in answers
    )


def look_at(cells):
    """Return one word on a graded cell, and lines that say why.

    cells: its visible tests, which are run, or itself.
    """
    sources = ["".join(cell["source"]) for cell in cells]
    if cells[0]["cell_type"] != "code":
        empty = not sources[0].strip() or TEXT_STUB in sources[0]
        return ("empty", ["no answer yet"]) if empty else ("written", ["a person reads this"])
    if all(line.strip()[:1] in ("", "#") for line in "\n".join(sources).splitlines()):
        return "there", ["it is tested when your notebook is graded"]
    names = dict(sys.modules["__main__"].__dict__)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            for source in sources:
                exec(compile(source, "<test>", "exec"), names)
    except NotImplementedError:
        return "empty", ["not written yet"]
    except AssertionError as error:
        return "wrong", str(error).splitlines()[:3] or ["a condition is false"]
    except Exception as error:
        lines = str(error).strip().splitlines()
        return "wrong", [f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__]
    return "ok", []


def pack(path, parts):
    """Write the zip and say what is in it; on Colab, also download it.

    parts: the notebooks and the files that belong to them, by the notebook's name.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        for name, part in parts.items():
            text = json.dumps(part["notebook"], indent=1, ensure_ascii=False)
            saved = time.localtime(max(part["time"], 400_000_000))  # a zip has no time before 1980
            entry = zipfile.ZipInfo(f"{name}.ipynb", saved[:6])
            archive.writestr(entry, text, zipfile.ZIP_DEFLATED)
            for file in map(Path, part["files"]):
                if file.is_file() and file.name not in archive.namelist():
                    archive.write(file, file.name)
                elif not file.is_file():
                    print(f"  missing   {file}: run the cell of {name} that writes it, then this")
        listed = ", ".join(f"{one.filename} ({one.file_size:,} bytes)" for one in archive.filelist)
    print(f"Packed into {path}: {listed}. Hand in this one file.")
    with contextlib.suppress(ImportError):
        from google.colab import files as colab

        colab.download(str(path))
    return path
