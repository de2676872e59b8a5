"""The cost of grading in processor seconds, beside stock nbgrader in the same run.

Compare ratios; absolute times depend on the machine.
"""

from __future__ import annotations

import contextlib
import linecache
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType

import nbformat
import torch
from rich.console import Console
from rich.table import Table

from autograder.course.layout import Course
from autograder.course.misconceptions import load_bank
from autograder.course.source import NotebookBundle, load_bundle
from autograder.grading.grader import TrustedNotebook
from autograder.grading.notebook import SKIPPED_TAGS
from autograder.release.samples import (
    answered,
    reference_answers,
    reference_weights,
    released_notebook,
)
from autograder.results import NotebookResult
from autograder.sandbox.affinity import usable_cores
from autograder.workers.worker import Task, Work, Worker
from benchmarks.own_share import clocks

ROUNDS = 15


def main() -> None:
    """Measure the named assignments (default: conv); print a table for each."""
    course = Course.find(Path(__file__).parent)
    console = Console()
    for assignment in sys.argv[1:] or ["conv"]:
        for path in course.notebook_sources(assignment):
            console.print(measure(course, load_bundle(path)))


def measure(course: Course, bundle: NotebookBundle) -> Table:
    """Grade a right and a completely wrong notebook, and the right one with stock nbgrader."""
    released = released_notebook(course, bundle)
    weights = reference_weights(course, bundle.assignment)
    right = reference_answers(bundle)
    wrong = dict(right)
    for misconception in reversed(load_bank(bundle)):
        cell = bundle.answer_for(misconception.exercise)
        if cell is not None:
            wrong[cell.grade_id] = misconception.code
    table = Table(title=f"{bundle.name}: one submission", title_justify="left")
    for name in ("what", "wall s", "CPU s", "student's CPU s", "grader's CPU s", "points"):
        table.add_column(name, justify="left" if name == "what" else "right")

    def task(answers: dict[str, str]) -> Task:
        data = nbformat.writes(answered(released, answers)).encode()
        return Task("bench", bundle.name, "bench.ipynb", data, weights)

    work = Work(course.root, course.settings, course.settings.sandbox, (bundle,), b"bench")
    cores = usable_cores()
    os.sched_setaffinity(0, cores[-1:])  # a run has one worker per core and keeps it there
    started = time.perf_counter()
    worker = Worker(work)
    start_s = time.perf_counter() - started
    graded: dict[str, list[NotebookResult]] = {"right answers": [], "every exercise wrong": []}
    plain: list[float] = []
    own: list[float] = []
    pace: list[float] = []
    with contextlib.closing(worker), _in_process(bundle, course, weights) as without_wall:
        for number in range(ROUNDS + 1):  # in turns, because the speed of the machine changes
            for what, answers in zip(graded, (right, wrong), strict=True):
                graded[what].append(worker.grade(task(answers)).result)
            with clocks() as read:
                own.append(read.own_s(worker.grade(task(right)).result))
            plain.append(without_wall())
            pace.append(_yardstick())
            if number == 0:  # the first run loads torch's late imports
                for seen in (plain, own, pace, *graded.values()):
                    seen.clear()
    for what, results in graded.items():
        _row(table, what, sorted(results, key=_cpu_s)[len(results) // 2])
    os.sched_setaffinity(0, cores)
    total = statistics.median(map(_cpu_s, graded["right answers"]))
    wall = statistics.median(one.seconds for one in graded["right answers"])
    for what, seconds in (
        ("the same code in one forked process, no wall", plain),
        ("the engine's own share of right answers", own),
    ):
        table.add_row(what, "", f"{statistics.median(seconds):.3f}")
    wall_s, cpu_s = _stock(course, bundle, nbformat.writes(answered(released, right)))
    table.add_row(
        "stock nbgrader autograde, right answers", f"{wall_s:.2f}", f"{cpu_s:.2f}", "", "", ""
    )
    table.add_row("stock / ours", f"{wall_s / wall:.0f}x", f"{cpu_s / total:.0f}x")
    table.caption = (
        f"medians of {ROUNDS}, ours on one core, as in a run; "
        f"a worker starts once a run, in {start_s:.1f} s; "
        f"this machine adds up a million numbers in {1e3 * statistics.median(pace):.0f} ms"
    )
    return table


def _yardstick() -> float:
    """Processor seconds of a loop of a million steps: the present speed of this machine."""
    began, total = time.thread_time(), 0
    for number in range(1_000_000):
        total += number
    return time.thread_time() - began


def _row(table: Table, what: str, result: NotebookResult) -> None:
    table.add_row(
        what,
        f"{result.seconds:.2f}",
        f"{_cpu_s(result):.2f}",
        f"{result.student_cpu_s:.2f}",
        f"{result.grader_cpu_s:.2f}",
        f"{result.points:g} / {result.max_points:g}",
    )


def _cpu_s(result: NotebookResult) -> float:
    return result.student_cpu_s + result.grader_cpu_s


@contextlib.contextmanager
def _in_process(
    bundle: NotebookBundle, course: Course, weights: dict[str, bytes]
) -> Iterator[Callable[[], float]]:
    """Processor seconds of the answers and all tests, in a fork of this process, without a wall.

    It is a fork because each submission has its own process, which pays for the memory that it
    touches first.
    """
    trusted = TrustedNotebook.load(bundle, course.root)
    torch.set_num_threads(1)  # as on both sides of the wall
    cells: list[tuple[str, CodeType | str]] = []
    for number, cell in enumerate(bundle.cells):
        if cell.kind == "code" and not cell.tags & {*SKIPPED_TAGS, "setup"}:
            source, name = cell.solution if cell.is_answer else cell.source, f"<cell {number}>"
            lines = source.splitlines(keepends=True)
            linecache.cache[name] = (len(source), None, lines, name)  # as for a probe
            # tests are compiled once for the whole class, a student's cells each time
            cells.append((name, compile(source, name, "exec") if cell.is_test else source))

    def run() -> None:
        scope = dict(trusted.setup)
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
            for name, code in cells:
                exec(compile(code, name, "exec") if isinstance(code, str) else code, scope)

    def in_fork() -> float:
        pid = os.fork()
        if pid == 0:
            try:
                run()
                os._exit(0)
            finally:
                os._exit(1)
        _, status, used = os.wait4(pid, 0)
        if status != 0:
            raise RuntimeError("what ran before does not run again")
        return used.ru_utime + used.ru_stime

    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for file_name, data in weights.items():
            Path(file_name).write_bytes(data)
        run()  # raises errors, and loads torch's late imports
        yield in_fork


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
