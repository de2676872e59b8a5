"""The last cell of a notebook: is everything there, which tests pass, and one file to hand in."""

import contextlib
import io
import json
import os
import sys
import time
import zipfile
from pathlib import Path


def check_and_pack(name, graded, files=()):
    """Say what is complete and which visible tests pass, and pack the submission into one zip.

    name: the notebook's name; graded: the ids of its graded cells; files: what belongs to it, for
    example trained weights. Returns the path of the zip, or None when no notebook was found.
    """
    notebook, saved = find_notebook(name, graded)
    if notebook is None:
        print(
            f"This notebook's file was not found in {Path.cwd()}. Save the notebook there as "
            f"{name}.ipynb, then run this cell once more."
        )
        return None
    cells = {}
    for cell in notebook["cells"]:
        cells.setdefault(cell_id(cell), []).append(cell)
    missing = [one for one in graded if one not in cells]
    repeated = [one for one in graded if len(cells.get(one, [])) > 1]
    print(f"{name}, {saved}: {len(graded) - len(missing)} of {len(graded)} graded cells are there.")
    for one in missing:
        print(f"  missing   {one}: take this cell from a fresh copy of the notebook")
    for one in repeated:
        print(f"  twice     {one}: two cells have this id; delete the one that is not yours")
    wrong = 0
    for one in graded:
        if one in cells:
            mark, words = look_at(cells[one][0])
            wrong += mark != "ok"
            print(f"  {mark:9} {one.removeprefix('test_')}{': ' if words else ''}{words}")
    print("Everything that you can test here passes." if not wrong + len(missing) else
          "You can hand this in as it is; what is not ok yet may cost points.")  # fmt: skip
    return pack(name, notebook, files)


def find_notebook(name, graded):
    """Return this notebook as it is now or was last saved, and words that say which."""
    with contextlib.suppress(Exception):  # Colab tells the notebook that is open
        from google.colab import _message

        answer = _message.blocking_request("get_ipynb", timeout_sec=30)
        return answer["ipynb"], "as it is now"
    said = sys.modules["__main__"].__dict__.get("__vsc_ipynb_file__")  # VS Code
    said = said or os.environ.get("JPY_SESSION_NAME", "")  # JupyterLab, Notebook 7
    newest = sorted(Path().glob("*.ipynb"), key=lambda path: -path.stat().st_mtime)
    for path in [Path(said), Path(f"{name}.ipynb"), *newest]:
        try:
            notebook = json.loads(path.read_text(encoding="utf-8"))
            found = {cell_id(cell) for cell in notebook["cells"]}
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if found & set(graded):
            at = time.strftime("%H:%M:%S", time.localtime(path.stat().st_mtime))
            return notebook, f"saved at {at} (save it again if you changed it since)"
    return None, ""


def cell_id(cell):
    """The nbgrader id of a cell; empty where it has none."""
    return cell.get("metadata", {}).get("nbgrader", {}).get("grade_id", "")


def look_at(cell):
    """Return one word on a graded cell, and why: run a test, look whether a text is there."""
    source = "".join(cell["source"])
    if cell["cell_type"] != "code":
        empty = not source.strip() or "YOUR ANSWER HERE" in source
        return ("empty", "no answer yet") if empty else ("written", "a person reads this")
    names = dict(sys.modules["__main__"].__dict__)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(source, "<test>", "exec"), names)
    except NotImplementedError:
        return "empty", "not written yet"
    except Exception as error:
        lines = str(error).strip().splitlines()
        return "wrong", lines[0] if lines else type(error).__name__
    return "ok", ""


def pack(name, notebook, files):
    """Write the zip and say what is in it; on Colab, also download it."""
    path = Path(f"{name}.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}.ipynb", json.dumps(notebook, indent=1, ensure_ascii=False))
        for file in map(Path, files):
            if file.is_file():
                archive.write(file, file.name)
            else:
                print(f"  missing   {file}: run the cell that writes it, then this one again")
        listed = ", ".join(f"{one.filename} ({one.file_size:,} bytes)" for one in archive.filelist)
    print(f"Packed into {path}: {listed}. Hand in this one file.")
    with contextlib.suppress(ImportError):
        from google.colab import files as colab

        colab.download(str(path))
    return path
