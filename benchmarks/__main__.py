"""What grading costs, in processor seconds, beside stock nbgrader in the same run.

Ratios are the figures to trust; the absolute times belong to the machine.
"""

from __future__ import annotations

import linecache
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import torch
from rich.console import Console
from rich.table import Table

from autograder.bundle import NotebookBundle, load_bundle
from autograder.class_notebook import (
    answered,
    reference_answers,
    reference_weights,
    released_notebook,
)
from autograder.course import Course
from autograder.grading import SKIPPED_TAGS
from autograder.misconceptions import load_bank
from autograder.results import NotebookResult
from autograder.trusted import TrustedNotebook
from autograder.worker import Task, Work, Worker

ROUNDS = 5


def main() -> None:
    """Measure the notebooks of the assignments named (default: conv); print one table each."""
    course = Course.find(Path(__file__).parent)
    console = Console()
    for assignment in sys.argv[1:] or ["conv"]:
        for path in course.notebook_sources(assignment):
            console.print(measure(course, load_bundle(path)))


def measure(course: Course, bundle: NotebookBundle) -> Table:
    """Grade a right and a thoroughly wrong notebook, and the right one with stock nbgrader."""
    released = released_notebook(course, bundle)
    weights = reference_weights(course, bundle.assignment)
    right = reference_answers(bundle)
    wrong = dict(right)
    for misconception in reversed(load_bank(bundle)):
        cell = bundle.answer_for(misconception.exercise)
        if cell is not None:
            wrong[cell.grade_id] = misconception.code
    work = Work(course.root, course.settings, course.settings.sandbox, (bundle,), b"bench")
    started = time.perf_counter()
    worker = Worker(work)
    start_s = time.perf_counter() - started
    table = Table(title=f"{bundle.name}: one submission", title_justify="left")
    for name in ("what", "wall s", "CPU s", "student's CPU s", "grader's CPU s", "points"):
        table.add_column(name, justify="left" if name == "what" else "right")
    rows = {}
    try:
        for what, answers in (("right answers", right), ("every exercise wrong", wrong)):
            data = nbformat.writes(answered(released, answers)).encode()
            task = Task("bench", bundle.name, "bench.ipynb", data, weights)
            worker.grade(task)  # the first one loads what torch loads late
            rows[what] = _median([worker.grade(task) for _ in range(ROUNDS)])
            _row(table, what, rows[what])
    finally:
        worker.close()
    own = _in_process(bundle, course)
    total = rows["right answers"].student_cpu_s + rows["right answers"].grader_cpu_s
    table.add_row("the same code in one process, no wall", "", f"{own:.3f}", "", "", "")
    table.add_row("the engine's own share of right answers", "", f"{total - own:.3f}", "", "", "")
    wall_s, cpu_s = _stock(course, bundle, nbformat.writes(answered(released, right)))
    table.add_row(
        "stock nbgrader autograde, right answers", f"{wall_s:.2f}", f"{cpu_s:.2f}", "", "", ""
    )
    table.add_row(
        "stock / ours", f"{wall_s / rows['right answers'].seconds:.0f}x", f"{cpu_s / total:.0f}x"
    )
    table.caption = f"medians of {ROUNDS}; a worker starts once a run, in {start_s:.1f} s"
    return table


def _row(table: Table, what: str, result: NotebookResult) -> None:
    total = result.student_cpu_s + result.grader_cpu_s
    table.add_row(
        what,
        f"{result.seconds:.2f}",
        f"{total:.2f}",
        f"{result.student_cpu_s:.2f}",
        f"{result.grader_cpu_s:.2f}",
        f"{result.points:g} / {result.max_points:g}",
    )


def _median(results: list[NotebookResult]) -> NotebookResult:
    return sorted(results, key=lambda result: result.student_cpu_s + result.grader_cpu_s)[
        len(results) // 2
    ]


def _in_process(bundle: NotebookBundle, course: Course) -> float:
    """CPU seconds of the answers and all test cells run directly, as a notebook would."""
    trusted = TrustedNotebook.load(bundle, course.root)
    torch.set_num_threads(1)  # as both sides of the wall do
    sources = {
        f"<cell {number}>": cell.solution if cell.is_answer else cell.source
        for number, cell in enumerate(bundle.cells)
        if cell.kind == "code" and not cell.tags & {*SKIPPED_TAGS, "setup"}
    }
    for name, source in sources.items():  # probes look up their own text
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    seconds = []
    with open(os.devnull, "w") as nowhere:
        for _ in range(ROUNDS + 1):
            scope = dict(trusted.setup)
            printed, sys.stdout = sys.stdout, nowhere
            started = time.process_time()
            try:
                for name, source in sources.items():
                    exec(compile(source, name, "exec"), scope)
            finally:
                sys.stdout = printed
            seconds.append(time.process_time() - started)
    return statistics.median(seconds[1:])


def _stock(course: Course, bundle: NotebookBundle, notebook: str) -> tuple[float, float]:
    """Wall and CPU seconds of ``nbgrader autograde`` on one submission, in a copy of the course."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "course"
        ignore = shutil.ignore_patterns(".*", "build", "submitted", "autograded", "feedback")
        shutil.copytree(course.root, copy, ignore=ignore)
        environment = {**os.environ, "PYTHONPATH": str(copy)}
        environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"

        def run(*command: str) -> None:
            subprocess.run(
                [sys.executable, "-m", *command], cwd=copy, env=environment, check=True,
                capture_output=True,
            )  # fmt: skip

        run("autograder", "release", bundle.assignment)
        place = copy / "submitted" / "bench" / bundle.assignment
        place.mkdir(parents=True)
        (place / f"{bundle.name}.ipynb").write_text(notebook)
        for name, data in reference_weights(course, bundle.assignment).items():
            (place / name).write_bytes(data)
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        own_kernel = "--Autograde.exporter_class=nbconvert.exporters.NotebookExporter"
        run("nbgrader", "autograde", bundle.assignment, own_kernel)
        wall_s = time.perf_counter() - started
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return wall_s, cpu_s


if __name__ == "__main__":
    main()
