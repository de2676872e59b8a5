"""The groups of a check: right, wrong, or not judged because the plain case is wrong already."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.checks.plan import LEFT_ALONE, Case
from autograder.trials.call import Trial
from autograder.trials.cases import Style
from autograder.trials.compare import Difference

CHANGED = "it changes its arguments in place"

Tried = tuple[Case, Trial]


@dataclass(frozen=True)
class JudgedGroups:
    """The names of the groups by kind, and the failing trials that explain the answer.

    A property is not judged where the same sizes fail in plain style: a wrong value says nothing
    about the dtype, the memory layout, the arguments or loops.
    """

    right: tuple[str, ...]
    wrong: tuple[str, ...]
    not_judged: tuple[str, ...]
    failing: tuple[Trial, ...]

    @property
    def count(self) -> int:
        return len(self.right) + len(self.wrong) + len(self.not_judged)


def judged_groups(
    results: Mapping[str, Sequence[Tried]],
    try_plain: Callable[[Sequence[Case]], Iterable[Trial]],
) -> JudgedGroups:
    """Sort groups by kind; ``try_plain`` tries cases, and is called only if a property failed."""
    failed = {
        group: [(case, trial) for case, trial in tried if not trial.passed]
        for group, tried in results.items()
    }
    changing = _changes_arguments(results)
    properties = [case for tried in failed.values() for case, _ in tried if _is_property(case)]
    tried_plain = try_plain([_plain(case) for case in properties]) if properties else ()
    plain = dict(zip(map(id, properties), tried_plain, strict=True))
    fails = {number for number, trial in plain.items() if not trial.passed}
    wrong: dict[str, list[Trial]] = {}
    not_judged: dict[str, list[Trial]] = {}
    for group, tried in failed.items():
        own = [trial for case, trial in tried if id(case) not in fails]
        if group == LEFT_ALONE and changing is not None:
            own.append(changing)
        if own:
            wrong[group] = own
        elif tried:
            not_judged[group] = [plain[id(case)] for case, _ in tried]
    if changing is not None and LEFT_ALONE not in failed:
        wrong[LEFT_ALONE] = [changing]
    if not wrong:  # the values of a group against loops are wrong, and no others
        loops = {group for group in not_judged if any(case.steps for case, _ in failed[group])}
        wrong = {group: not_judged.pop(group) for group in sorted(loops)}
    lost = {*wrong, *not_judged}
    return JudgedGroups(
        tuple(group for group in results if group not in lost),
        tuple(wrong),
        tuple(not_judged),
        tuple(trial for trials in (wrong or not_judged).values() for trial in trials),
    )


def _is_property(case: Case) -> bool:
    return case.steps or case.style != Style()


def _plain(case: Case) -> Case:
    """The same values in plain style; of a case against loops, only its values."""
    return replace(case, style=Style(), watch=case.watch and not case.steps, steps=False)


def _changes_arguments(results: Mapping[str, Sequence[Tried]]) -> Trial | None:
    """A case outside its own group with a right value and a changed argument."""
    for group, tried in results.items():
        for _, trial in tried:
            if group != LEFT_ALONE and trial.passed and trial.got.changed:
                style = replace(trial.style, strict_arguments=True)
                return replace(trial, style=style, difference=Difference(CHANGED))
    return None
