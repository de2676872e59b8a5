"""Findings as sentences for a student."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.evidence.findings import Diagnosis, Finding

MAX_NAMES = 3  # names of groups in a sentence
MAX_ALTERNATIVES = 3


def sentences(diagnosis: Diagnosis) -> list[str]:
    """One text for each finding, in their order, with the cases for which it holds."""
    return [_sentence(finding) for finding in diagnosis.findings]


def _sentence(finding: Finding) -> str:
    said = finding.sentence
    if finding.alternatives:
        options = [said, *(other.sentence for other in finding.alternatives[:MAX_ALTERNATIVES])]
        numbered = [f"({number}) {option}" for number, option in enumerate(options, 1)]
        said = f"Several mistakes give these values. One of them is yours. {' '.join(numbered)}"
    where = []
    if finding.outputs:
        where.append(f"in {_listed(finding.outputs)}")
    if finding.groups:
        where.append(f"in the cases \u201c{_listed(finding.groups, '; ')}\u201d")
    return f"{' and '.join(where).capitalize()}: {said}" if where else said


def _listed(names: Sequence[str], between: str = ", ") -> str:
    more = f"{between}and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
    return between.join(names[:MAX_NAMES]) + more
