"""Findings as sentences for a student."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.evidence.findings import Diagnosis, Finding

MAX_NAMES = 3  # names of groups in a sentence
MAX_ALTERNATIVES = 3
ALONE, FIRST, NEXT = "What this looks like", "Mend this first", "Then"
ONE_OF_THESE = "Several mistakes give these values. One of these is yours:"
NOT_RECOGNISED = "This mistake is not recognised. The case below shows it."


@dataclass(frozen=True)
class Told:
    """A finding for a student.

    ``lead`` is its place among the findings. ``where`` restricts it to outputs or groups; empty if
    it holds for all. ``options`` has one sentence, or one for each mistake with the same evidence.
    """

    lead: str
    options: tuple[str, ...]
    where: str = ""

    @property
    def text(self) -> str:
        """The finding as text."""
        where = f"{self.lead}, {self.where}" if self.where else self.lead
        return f"{where}: {self.sentence}"

    @property
    def sentence(self) -> str:
        """The same without its place among the findings."""
        if len(self.options) == 1:
            return self.options[0]
        numbered = [f"({number}) {option}" for number, option in enumerate(self.options, 1)]
        return f"{ONE_OF_THESE} {' '.join(numbered)}"


def told(diagnosis: Diagnosis) -> list[Told]:
    """The findings in their order, the first to mend first; empty if nothing is recognised."""
    findings = diagnosis.findings
    leads = [ALONE] if len(findings) == 1 else [FIRST, *[NEXT] * (len(findings) - 1)]
    return [_told(lead, finding) for lead, finding in zip(leads, findings, strict=False)]


def _told(lead: str, finding: Finding) -> Told:
    others = (other.sentence for other in finding.alternatives[:MAX_ALTERNATIVES])
    where = []
    if finding.outputs:
        where.append(f"in {_listed(finding.outputs)}")
    if finding.groups:
        named = [f"“{group}”" for group in finding.groups]
        where.append(f"in the {'case' if len(named) == 1 else 'cases'} {_listed(named)}")
    return Told(lead, (finding.sentence, *others), " and ".join(where))


def _listed(names: Sequence[str]) -> str:
    if len(names) > MAX_NAMES:
        return f"{', '.join(names[:MAX_NAMES])} and {len(names) - MAX_NAMES} more"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
