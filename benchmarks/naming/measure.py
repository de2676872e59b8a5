"""Count named answers and right names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from autograder.results import Outcome
from benchmarks.naming.answers import Answer, Judgements
from benchmarks.naming.grading import NOT_GRADED, Verdict
from benchmarks.naming.interval import wilson

UNKNOWN_EVIDENCE = "evidence not told"


@dataclass
class Count:
    """The counts of some answers that lost points.

    ``unjudged`` names have no label and no judgement; they count neither as right nor as wrong.
    """

    wrong: int = 0
    named: int = 0
    right: int = 0
    false: int = 0

    @property
    def unjudged(self) -> int:
        return self.named - self.right - self.false

    def add(self, name_is_right: bool | None, is_named: bool) -> None:
        """Count one more answer."""
        self.wrong += 1
        self.named += is_named
        self.right += is_named and name_is_right is True
        self.false += is_named and name_is_right is False


@dataclass
class Measure:
    """All counts, and the answers without a count."""

    total: Count = field(default_factory=Count)
    exercises: dict[str, Count] = field(default_factory=dict)
    evidence: dict[str, Count] = field(default_factory=dict)
    full_points: list[str] = field(default_factory=list)  # ids
    ungraded: dict[str, str] = field(default_factory=dict)  # id -> outcome
    unjudged: Counter[str] = field(default_factory=Counter)  # diagnosis -> answers
    false: list[tuple[str, str]] = field(default_factory=list)  # id, diagnosis


def measured(
    answers: Sequence[Answer], verdicts: Iterable[Verdict], judgements: Judgements
) -> Measure:
    """The counts for these answers."""
    by_id = {answer.id: answer for answer in answers}
    found = Measure()
    for verdict in sorted(verdicts, key=lambda verdict: verdict.id):
        if verdict.outcome in (*NOT_GRADED, Outcome.GRADER_ERROR):
            found.ungraded[verdict.id] = verdict.outcome
        elif not verdict.is_wrong:
            found.full_points.append(verdict.id)
        else:
            _add(found, by_id[verdict.id], verdict, judgements)
    return found


def _add(found: Measure, answer: Answer, verdict: Verdict, judgements: Judgements) -> None:
    name = verdict.diagnosis
    right = None if name is None else _is_right(answer, name, judgements)
    counts = [found.total, found.exercises.setdefault(answer.exercise, Count())]
    if name is not None:
        kind = verdict.evidence or UNKNOWN_EVIDENCE
        counts.append(found.evidence.setdefault(kind, Count()))
        if right is None:
            found.unjudged[name] += 1
        elif not right:
            found.false.append((answer.id, name))
    for count in counts:
        count.add(right, name is not None)


def _is_right(answer: Answer, name: str, judgements: Judgements) -> bool | None:
    """Whether a name is right, or None without a judgement."""
    for spelling in (name, name.removeprefix(f"{answer.exercise}.")):
        if (judged := judgements.get((answer.id, spelling))) is not None:
            return judged
    return True if answer.is_labelled(name) else None


def report(found: Measure) -> str:
    """The counts as text."""
    lines = [_table("exercise", found.exercises, found.total, coverage=True)]
    if found.evidence:
        lines += ["", _table("evidence", found.evidence, found.total, coverage=False)]
    if found.false:
        lines += ["", "Wrong names:", *(f"  {id_}: {name}" for id_, name in found.false)]
    if found.unjudged:
        lines += ["", f"Names without a judgement, {found.total.unjudged} answers:"]
        lines += [f"{count:6}  {name}" for name, count in found.unjudged.most_common()]
    if found.full_points:
        lines += ["", _list("get full points and are not counted", found.full_points)]
    for outcome in sorted(set(found.ungraded.values())):
        ids = [id_ for id_, what in found.ungraded.items() if what == outcome]
        lines += ["", _list(f"could not be graded ({outcome})", ids)]
    return "\n".join(lines)


def _list(what: str, ids: list[str]) -> str:
    return "\n".join([f"{len(ids)} answers {what}:", *(f"  {id_}" for id_ in ids)])


def _table(title: str, counts: dict[str, Count], total: Count, coverage: bool) -> str:
    wide = max(len(title), *(len(name) for name in counts), 5) if counts else 12
    head = f"{title:{wide}}  {'wrong':>5}  {'named':>5}"
    head += f"  {'coverage':<18}" if coverage else ""
    head += f"  {'judged':>6}  {'right':>5}  precision"
    rows = [head]
    for name, count in [*sorted(counts.items()), ("total", total)]:
        row = f"{name:{wide}}  {count.wrong if coverage else '':>5}  {count.named:>5}"
        row += f"  {share(count.named, count.wrong):<18}" if coverage else ""
        judged = count.right + count.false
        rows.append(f"{row}  {judged:>6}  {count.right:>5}  {share(count.right, judged)}".rstrip())
    return "\n".join(rows)


def share(hits: int, total: int) -> str:
    """A share in percent with its 95 % interval."""
    if not total:
        return "-"
    low, high = wilson(hits, total)
    return f"{hits / total:.1%} ({low:.0%} - {high:.0%})"
