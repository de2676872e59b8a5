"""The check at the end of a hidden test."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import torch

from autograder.checks import report
from autograder.checks.context import current
from autograder.checks.groups import CHANGED, JudgedGroups, Tried, judged_groups
from autograder.checks.growth import Growth, loop_helper
from autograder.checks.plan import FIRST, Case, Extras, Groups, derived, planned
from autograder.checks.result import CheckResult
from autograder.checks.rules import broken_rule
from autograder.checks.shrink import Ranges, smallest_case
from autograder.checks.snippet import Write
from autograder.checks.told import told
from autograder.evidence.cells import Material
from autograder.evidence.diagnose import diagnose
from autograder.evidence.findings import Diagnosis
from autograder.trials.call import Asked, Observation, Trial, Use, observe, observe_all
from autograder.trials.cases import Call, Draw, Sizes, Style
from autograder.trials.compare import Difference, Tolerance, difference
from autograder.trials.outputs import output_names
from autograder.wall.untrusted import line

_log = logging.getLogger(__name__)
PRECISE = Tolerance(1e-9, 1e-9)  # an intermediate float32 causes an error of at least 1e-8


def check(
    function: Any,
    oracle: Callable[..., Any] | None,
    make: Callable[..., Any],
    *,
    points: float | None = None,
    groups: Groups,
    sizes: Ranges | None = None,
    where: Callable[..., bool] | None = None,
    shrink: Ranges | None = None,
    extras: Extras = FIRST,
    left_alone: bool | None = None,
    forbid: str | None = None,
    max_ops: Callable[[Sizes], int] | None = None,
    no_loops: Collection[str] = (),
    hints: Mapping[str, Sizes] | None = None,
    use: Use | None = None,
    snippet: Write | None = None,
    atol: float | None = None,
    rtol: float | None = None,
    name: str | None = None,
) -> CheckResult:
    """The share of groups of cases in which ``function`` agrees with ``oracle``.

    The result is worth its share of 1; ``.worth(points)`` and the argument ``points`` make it
    worth points.

    ``make(draw, **sizes)`` makes a case: a tuple of arguments, or a Call. ``groups`` names sets of
    sizes; a function of a Draw that returns sizes draws them from the seed. ``sizes`` gives
    inclusive ranges for random configurations and for the search for a smallest failing case;
    ``shrink`` gives the ranges for the search alone, of some of the sizes: the others stay as in a
    failing case. With an empty ``shrink`` the first failing case is shown: that
    suits calls that take long. ``where`` says which sizes are valid.

    Unless ``extras`` is None, groups are added for the dtype, for the memory layout, for unchanged
    arguments and, if ``make`` passes some by name, for arguments by position. They use the sizes in
    ``extras``, one set or several (default: the first group's). Where cases pass defaults of the
    oracle, a group leaves these arguments out. Added groups judge these properties alone:
    where the plain case of the same sizes fails too, the group is reported as not judged.
    ``left_alone`` requires in all cases that arguments stay unchanged (default: if there are
    extras).

    ``forbid`` names a rule of ``autograder.checks.rules``; an answer that breaks it earns nothing.
    ``max_ops(sizes)`` bounds the number of torch operations of one call. ``no_loops`` names groups
    with a small case and larger cases: an answer loses such a group if a larger case needs more
    steps of Python (see ``autograder.torch_watch.steps``) than the small one. ``hints`` are
    sentences for answers that are right in all groups and differ in the case of the hint: like
    faults on a GPU, they are advice and cost no points. ``use(function, *args)`` replaces the plain
    call. ``snippet(*args)`` writes the code of the smallest failing case, from the arguments that
    ``make`` returns for it: text, or the Call of the exercise that the case stands for. Without it,
    a case with ``use`` is shown as its settings. ``atol`` and ``rtol`` replace the course's
    tolerance.

    An exception of the function is part of the result. An exception of ``make`` or the oracle, or a
    check that makes no sense, is raised: that is the course's mistake, not the student's.
    """
    exercise = name or getattr(oracle, "__name__", None) or str(function.__name__)
    tolerance = None if atol is None and rtol is None else Tolerance(rtol or 0.0, atol or 0.0)
    left_alone = extras is not None if left_alone is None else left_alone
    run = _Run(
        function, oracle, make, use, tolerance, exercise, forbid, max_ops, left_alone,
        current().seed, snippet,
    )  # fmt: skip
    cases = list(
        planned(
            groups, sizes, where, extras, run.takes_names, run.default_names, run.seed, no_loops
        )
    )
    found = _result(run, cases, hints or {}, sizes if shrink is None else shrink, where)
    return found if points is None else found.worth(points)


def _result(
    run: _Run,
    cases: Sequence[tuple[str, Case]],
    hints: Mapping[str, Sizes],
    ranges: Ranges | None,
    where: Callable[..., bool] | None,
) -> CheckResult:
    """The result of all cases, worth its share of 1."""
    results: dict[str, list[Tried]] = {group: [] for group, _ in cases}
    for trial, (group, case) in zip(run.trials(cases, with_advice=True), cases, strict=True):
        results[group].append((case, trial))
        raised = trial.got.raised
        if raised is not None and (raised.not_written or raised.out_of_memory):
            return _stopped(run, trial)
        if run.broken is not None:
            return _rule_broken(run)
        if not (trial.passed or current().explains):
            text = f"{run.exercise} is not right in {group}."
            return CheckResult(0.0, 1.0, text, missing_name=_missing_name(trial))
    groups = judged_groups(results, lambda plain: run.trials([("", case) for case in plain]))
    if not groups.failing:
        said = run.advice(hints)
        return CheckResult(
            1.0, 1.0, report.all_right(run.exercise, groups.count, said),
            report.all_right_html(run.exercise, groups.count, said),
        )  # fmt: skip
    tried = [(group, trial) for group, cases_ in results.items() for _, trial in cases_]
    return _explained(run, tried, groups, ranges, where)


@dataclass
class _Run:
    """A running check."""

    function: Any
    oracle: Callable[..., Any] | None
    make: Callable[..., Any]
    use: Use | None
    tolerance: Tolerance | None
    exercise: str
    forbid: str | None
    max_ops: Callable[[Sizes], int] | None
    left_alone: bool
    seed: int
    write: Write | None = None
    broken: str | None = None
    on_a_gpu: str = ""  # advice about other devices
    growth: Growth = field(default_factory=Growth)

    def trials(
        self, cases: Sequence[tuple[str, Case]], with_advice: bool = False
    ) -> Iterator[Trial]:
        """Try the cases of groups in turn.

        ``with_advice`` also asks for advice about GPUs, for a plain function that passes in all
        cases.
        """
        calls = [self._call(case) for _, case in cases]
        asked = [
            Asked(call, self._watches(case), self._counts(case), self.left_alone)
            for call, (_, case) in zip(calls, cases, strict=True)
        ]
        if with_advice and self.use is None:
            asked.append(Asked(calls[0], elsewhere=True))
        seen = observe_all(self.function, asked, self.use)
        all_passed = True
        for (_, case), call in zip(cases, calls, strict=True):
            trial = self._judged(case, call, next(seen))
            all_passed = all_passed and trial.passed
            yield trial
        if all_passed:
            for advice in seen:
                self.on_a_gpu = line(advice.value)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the outputs of a function that returns a tuple."""
        return output_names(self.oracle) if self.use is None else ()

    def takes_names(self, sizes: Sizes) -> bool:
        """Whether a plain function gets arguments by name that could be passed by position."""
        if self.use is not None or self.oracle is None:
            return False
        call = self._call(Case(sizes, Style(), ""))
        return bool(call.kwargs) and not call.by_place(self.oracle).kwargs

    def default_names(self, sizes: Sizes) -> frozenset[str]:
        """The arguments of a plain function that are their defaults in the oracle's signature."""
        if self.use is not None or self.oracle is None:
            return frozenset()
        return self._call(Case(sizes, Style(), "")).default_names(self.oracle)

    def _call(self, case: Case) -> Call:
        """The call of the answer in a case."""
        draw = Draw(derived(self.seed, case.salt), case.style)
        call = Call.of(self.make(draw, **case.sizes))
        if case.style.by_place and self.oracle is not None:
            call = call.by_place(self.oracle)
        if case.style.left_out and self.oracle is not None:
            call = call.left_out(self.oracle)
        return call.laid_out(case.style.layout) if case.style.layout else call

    def trial(self, case: Case) -> Trial:
        """Try one case."""
        (trial,) = self.trials([("", case)])
        return trial

    def again(self, trial: Trial, number: int) -> Trial:
        """The same sizes with other random values."""
        return self.trial(Case(trial.sizes, trial.style, f"again {number}"))

    def _watches(self, case: Case) -> bool:
        return case.steps or (case.watch and (self.forbid is not None or self.max_ops is not None))

    def _counts(self, case: Case) -> bool:
        return case.steps or (case.watch and self.max_ops is not None)

    def _judged(self, case: Case, call: Call, got: Observation) -> Trial:
        started = time.perf_counter()
        expected = call.expected if call.has_expected else self._expected(call)
        seconds = time.perf_counter() - started
        if self._watches(case):
            self.broken = broken_rule(self.forbid, got.ran.names)
        found = self._difference(got, expected, case.style)
        if found is None and self._counts(case):
            found = self._too_many_operations(got, case.sizes)
        if found is None and case.steps:
            found = self._loops(got, case)
        return Trial(case.sizes, case.style, call, expected, got, found, seconds)

    def advice(self, hints: Mapping[str, Sizes]) -> str:
        """Advice for an answer with full points; empty if there is none."""
        for hint, sizes in hints.items():
            trial = self.trial(Case(sizes, Style(), hint))
            if not trial.passed and trial.got.raised is None:
                return hint
        return self.on_a_gpu

    def _expected(self, call: Call) -> Any:
        if self.oracle is None:
            raise TypeError("a check without an oracle needs cases with .expecting(value)")
        seen = observe(self.oracle, Asked(call), self.use)
        if seen.raised is not None:
            raise RuntimeError(f"the reference raised {seen.raised.kind}: {seen.raised.text}")
        return seen.value

    def _difference(self, got: Observation, expected: Any, style: Style) -> Difference | None:
        if got.raised is not None:
            text = f"it raised {got.raised.kind}: {got.raised.text}"[:500]
            return Difference(text + style.words)
        tolerance = self.tolerance or (PRECISE if style.dtype == torch.float64 else None)
        found = difference(got.value, expected, tolerance, style.strict_dtype, names=self.names)
        if found is None and style.strict_arguments and got.changed:
            return Difference(CHANGED)
        return found and replace(found, sentence=found.sentence + style.words)

    def _too_many_operations(self, got: Observation, sizes: Sizes) -> Difference | None:
        count = got.ran.operations
        if self.max_ops is None or count <= (allowed := self.max_ops(sizes)):
            return None
        return Difference(
            f"it runs {count} torch operations for this small case, where {allowed} "
            "are plenty: is there still a Python loop over positions, channels or the batch?"
        )

    def _loops(self, got: Observation, case: Case) -> Difference | None:
        if case.warms_up:
            return None
        helper = loop_helper(got.ran.names)
        if helper is not None:
            return Difference(f"it uses {helper}, which is a Python loop")
        return self.growth.judged(case, got.ran.steps)


def _explained(
    run: _Run,
    tried: list[tuple[str, Trial]],
    groups: JudgedGroups,
    ranges: Ranges | None,
    where: Callable[..., bool] | None,
) -> CheckResult:
    smallest = smallest_case(run.trial, run.make, groups.failing, ranges, where)
    material = Material(
        run.exercise, run.oracle, run.use, [*tried, ("", smallest)], run.left_alone, run.again
    )
    diagnosis = _diagnosis(material)
    trials = [trial for _, trial in tried]
    kinds = {trial.got.raised.kind if trial.got.raised else None for trial in trials}
    story = report.Story(
        exercise=run.exercise,
        passed=groups.right,
        failed=groups.wrong,
        not_judged=groups.not_judged,
        counts_operations=run.max_ops is not None,
        smallest=smallest,
        parameters=report.argument_names(run.oracle, None),
        settings=report.argument_names(None, run.use) if run.use is not None else None,
        write=run.write,
        reading=current().reading,
        diagnosis=diagnosis,
    )
    message, html = _shown(story)
    return CheckResult(
        points=len(groups.right) / groups.count,
        max_points=1.0,
        message=message,
        html=html,
        diagnosis=diagnosis.id,
        also=diagnosis.also,
        evidence=diagnosis.evidence,
        sentence=next((one.sentence for one in told(diagnosis)), ""),
        raised=next(iter(kinds)) if len(kinds) == 1 else None,
        missing_name=next((name for trial in trials if (name := _missing_name(trial))), ""),
        wrong_groups=groups.wrong,
        not_judged_groups=groups.not_judged,
    )


def _diagnosis(material: Material) -> Diagnosis:
    """The findings; none if values of an answer are too odd for them, which costs no points."""
    try:
        return diagnose(material, current().misconceptions, current().compose)
    except Exception:
        _log.exception("no diagnosis of an answer to %s", material.exercise)
        return Diagnosis()


def _shown(story: report.Story) -> tuple[str, str]:
    """The text and the box; of values that cannot be drawn or written, the number of groups."""
    try:
        return report.message(story), report.html(story)
    except Exception:
        _log.exception("no drawing of an answer to %s", story.exercise)
        text = story.right
        return text, report.plain_html(text, "bad")


def _missing_name(trial: Trial) -> str:
    return trial.got.raised.missing_name if trial.got.raised is not None else ""


def _stopped(run: _Run, trial: Trial) -> CheckResult:
    raised = trial.got.raised
    if raised is None:
        raise RuntimeError("a check stopped without a reason")
    text = (
        f"{run.exercise} is not written yet."
        if raised.not_written
        else f"{run.exercise} ran out of memory on a small case."
    )
    return CheckResult(
        0.0, 1.0, text, report.plain_html(text), raised=raised.kind,
        out_of_memory=raised.out_of_memory, unwritten=raised.not_written,
    )  # fmt: skip


def _rule_broken(run: _Run) -> CheckResult:
    text = (
        f"{run.exercise} uses {run.broken}. This exercise asks you to build that part yourself; "
        "the notebook lists what is allowed."
    )
    return CheckResult(0.0, 1.0, text, report.plain_html(text))
