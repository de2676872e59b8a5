from __future__ import annotations

from autograder.evidence.relations.scale import formula

CASES = [(2.0, 3.0, 5.0), (3.0, 5.0, 2.0), (5.0, 4.0, 3.0), (7.0, 2.0, 8.0), (4.0, 9.0, 6.0)]


def test_the_only_formula_of_the_smallest_degree_is_found() -> None:
    points = [(x / (y * z), {"x": x, "y": y, "z": z}) for x, y, z in CASES]
    assert formula(points) == "x / (y * z)"


def test_two_formulas_of_one_degree_are_none() -> None:
    points = [(y, {"a": x, "b": x * y, "d": z, "e": z * y}) for x, y, z in CASES]
    assert formula(points) == ""


def test_few_cases_and_equal_factors_have_no_formula() -> None:
    points = [(x, {"x": x}) for x, _, _ in CASES]
    assert formula(points[:3]) == ""
    assert formula([(2.0, {"x": 2.0})] * 5) == ""
    assert formula(points) == "x"
