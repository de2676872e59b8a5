from __future__ import annotations

from autograder.checks.told import MAX_ALTERNATIVES, told
from autograder.evidence.findings import Diagnosis, Finding, Misconception
from autograder.results import Evidence


def finding(
    sentence: str,
    outputs: tuple[str, ...] = (),
    groups: tuple[str, ...] = (),
    others: tuple[str, ...] = (),
) -> Finding:
    alternatives = tuple(Misconception(f"f.{one}", one, lambda: None) for one in others)
    return Finding("f.one", Evidence.GROUP, sentence, frozenset(), outputs, groups, alternatives)


def texts(*findings: Finding) -> list[str]:
    return [one.text for one in told(Diagnosis(findings))]


def test_a_single_mistake_is_told_plainly() -> None:
    assert texts(finding("You add.")) == ["What this looks like: You add."]


def test_the_first_of_several_mistakes_is_the_one_to_mend_first() -> None:
    assert texts(finding("You add."), finding("You flip."), finding("You cut.")) == [
        "Mend this first: You add.",
        "Then: You flip.",
        "Then: You cut.",
    ]


def test_a_mistake_of_some_outputs_or_groups_says_which() -> None:
    assert texts(finding("You add.", outputs=("dx",))) == ["What this looks like, in dx: You add."]
    assert texts(finding("You add.", groups=("padding",))) == [
        "What this looks like, in the case “padding”: You add."
    ]
    assert texts(finding("You add.", outputs=("dx", "dw"), groups=("a", "b"))) == [
        "What this looks like, in dx and dw and in the cases “a” and “b”: You add."
    ]
    many = tuple("abcde")
    assert "“a”, “b”, “c” and 2 more" in texts(finding("You add.", groups=many))[0]


def test_mistakes_with_the_same_evidence_are_one_of_these() -> None:
    (text,) = texts(finding("You add.", others=("You flip.",)))
    assert text == (
        "What this looks like: Several mistakes give these values. One of these is yours: "
        "(1) You add. (2) You flip."
    )
    (one,) = told(Diagnosis((finding("You add.", others=tuple("abcdefg")),)))
    assert len(one.options) == 1 + MAX_ALTERNATIVES


def test_nothing_is_told_of_an_unknown_mistake() -> None:
    assert told(Diagnosis()) == []
