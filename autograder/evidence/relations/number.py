"""Relations of single numbers: a factor or a difference that is a formula of the case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from autograder.evidence.relations.candidates import Candidate, Judge
from autograder.evidence.relations.quantities import quantities
from autograder.evidence.relations.scale import formula
from autograder.evidence.relations.seen import Seen

_MIN_CELLS = 5  # cases from which a formula of single numbers is read
_MIN_DISTINCT = 3  # different factors or differences in them
_PLACES = ("first", "second", "third")


def of_numbers(judge: Judge) -> Iterator[Candidate]:
    """The candidates for outputs that are single numbers, or two or three of them."""
    for output in dict.fromkeys(seen.cell.output for seen in judge.left):
        some = [seen for seen in judge.left if seen.cell.output == output]
        sizes = {0 if seen.pair is None else seen.pair[0].size for seen in some}
        if len(some) < _MIN_CELLS or len(sizes) > 1 or not 1 <= max(sizes) <= len(_PLACES):
            continue
        found = _factor(judge, some) if sizes == {1} else ""
        found = found or _differences(judge, some, max(sizes))
        if found:
            name = "factor" if "times" in found else "offset"
            yield Candidate(name, found, frozenset(seen.cell.number for seen in some))


def _factor(judge: Judge, some: Sequence[Seen]) -> str:
    """The sentence for a factor that is a formula, or ""."""
    points: list[tuple[float, Mapping[str, float]]] = []
    for seen in some:
        if seen.pair is None or not seen.pair[0].any() or not seen.pair[1].any():
            return ""
        factor = float(seen.pair[0].ravel()[0] / seen.pair[1].ravel()[0])
        points.append((factor, quantities(judge.material, seen.cell.trial)))
    if len({round(one, 6) for one, _ in points}) < _MIN_DISTINCT:
        return ""
    text = formula(points)
    if not text:
        return ""
    return (
        f"Your number is the expected one times {text}. Is a division or a multiplication missing, "
        "or one too many?"
    )


def _differences(judge: Judge, some: Sequence[Seen], size: int) -> str:
    """The sentence for differences that are formulas, or ""."""
    told = []
    for place in range(size):
        gaps, cases = [], []
        for seen in some:
            if seen.pair is None or seen.pair[0].shape != seen.pair[1].shape:
                return ""
            gaps.append(float((seen.pair[0] - seen.pair[1]).ravel()[place]))
            cases.append(quantities(judge.material, seen.cell.trial))
        if not any(gaps):
            continue
        text = _difference(gaps, cases)
        if not text:
            return ""
        which = f"the {_PLACES[place]} number" if size > 1 else "your number"
        told.append(f"{which} is the expected one {text}")
    sentence = "; ".join(told)
    return (
        f"{sentence[0].upper()}{sentence[1:]}. Which step adds or leaves out this?" if told else ""
    )


def _difference(gaps: Sequence[float], cases: Sequence[Mapping[str, float]]) -> str:
    """The only formula that gives all differences, in words, or ""."""
    if len({round(gap, 6) for gap in gaps}) < _MIN_DISTINCT:
        return ""
    names = [name for name in cases[0] if all(name in case for case in cases)]
    found: dict[tuple[float, ...], str] = {}
    for name in names:
        values = [case[name] for case in cases]
        for text, made in (
            (name, values),
            (f"({name} - 1)", [value - 1 for value in values]),
            (f"({name} + 1)", [value + 1 for value in values]),
            (f"{name} // 2", [value // 2 for value in values]),
            (f"2 * {name}", [2 * value for value in values]),
        ):
            for sign, word in ((1, "plus"), (-1, "minus")):
                if all(abs(gap - sign * one) < 1e-6 for gap, one in zip(gaps, made, strict=True)):
                    found.setdefault(tuple(values), f"{word} {text}")
    if found:
        return next(iter(found.values())) if len(found) == 1 else ""
    if all(gap > 0 for gap in gaps) or all(gap < 0 for gap in gaps):
        text = formula([(abs(gap), case) for gap, case in zip(gaps, cases, strict=True)])
        return f"{'plus' if gaps[0] > 0 else 'minus'} {text}" if text else ""
    return ""
