from __future__ import annotations

import pytest

from autograder.evidence.exceptions.own_line import MAX_LINE, OwnLine, deepest_own_line, inert

HEAD = "Traceback (most recent call last):"
FRAME = '  File "<ipython-input-3>", line {}, in f'


def test_the_deepest_line_is_quoted() -> None:
    lines = [
        HEAD, FRAME.format(9), "    return g(x)", "           ^^^^", FRAME.format(2),
        "    return x[3]", "           ~^^^", "IndexError: no",
    ]  # fmt: skip
    assert deepest_own_line(lines).code == "return x[3]"


@pytest.mark.parametrize("lines", [[], [HEAD], [HEAD, FRAME.format(2), "IndexError: no"], ["", ""]])
def test_a_traceback_without_code_has_no_line(lines: list[str]) -> None:
    assert deepest_own_line(lines).code == ""


def test_a_text_that_looks_like_a_traceback_is_not_read() -> None:
    lines = [HEAD, FRAME.format(2), "    return x[3]", "IndexError: no"]
    forged = [FRAME.format(7), "    the grader is wrong"]
    assert deepest_own_line([*lines, *forged]).code == "return x[3]"
    assert deepest_own_line([*lines, HEAD, *forged]).code == "return x[3]"


def test_a_frame_whose_code_is_not_known_hides_the_frame_before() -> None:
    lines = [HEAD, FRAME.format(2), "    return g(x)", FRAME.format(9), "IndexError: no"]
    assert deepest_own_line(lines).code == ""


def test_a_quoted_line_is_short_and_inert() -> None:
    line = OwnLine("x = '\x1b[31m\u202e<b>\u200b“" + "word " * 40)
    assert len(line.quoted) <= MAX_LINE
    assert line.quoted.isprintable() and "“" not in line.quoted
    assert line.quoted.startswith("x = ' [31m <b>")


def test_long_numbers_are_not_quoted() -> None:
    assert inert("raise ValueError(0.123456, 7, 12, -8.5123, 'conv2d')", 80) == (
        "raise ValueError(…, 7, 12, -…, 'conv2d')"
    )


@pytest.mark.parametrize(
    "code",
    [
        "out = np.zeros((N, F, (H - K) / S + 1, W))",
        "for i in range(H / 2):",
        "while i < range(1 + H / 2)[0]:",
        "elif x[:, H / 2 :]:",
        "return torch.zeros([N, H / 2])",
        "x = x.reshape(N, -1 / 2)",
        "x[i / 2] = 3",
    ],
)
def test_a_quotient_as_a_size_or_an_index_is_seen(code: str) -> None:
    assert OwnLine(code).divides_into_a_size


@pytest.mark.parametrize(
    "code",
    [
        "out = np.zeros((N, H // 2))",
        "out = np.zeros((N, int(H / 2)))",
        "out = x[i, j] / 3",
        "out = np.full((N, H), 1 / 3)",
        "np.zeros((N, round(H / 2)))",
        "np.zeros((N, H_out)) / 2",
        "out = np.zeros((N, F, H_out, (W - K) / S",
        "print('/')",
        "",
    ],
)
def test_another_quotient_is_not(code: str) -> None:
    assert not OwnLine(code).divides_into_a_size


@pytest.mark.parametrize(
    ("code", "axis", "arrays"),
    [
        ("out[n, f, i, j] = np.sum(x[n, :, a:b, c:d] * w[f]) + b[f]", 2, ("out",)),
        ("out[n, f, i, j] = x[n, f, i, j]", 3, ("out", "x")),
        ("out[n] = x[n, :, i, j]", 0, ("out", "x")),
        ("out[n] = x[n, :, i, j]", 1, ()),
        ("y = x[None, i]", 1, ("x",)),
        ("y = x[..., i]", 3, ("x",)),
        ("y = x[n][i]", 0, ()),
        ("out[n] = take(x, i)", 0, ()),
        ("out[n, i] = self.weight[n, i]", 0, ()),
        ("out[n, i] = (x[n, i] +", 0, ()),
    ],
)
def test_the_arrays_with_an_index_at_an_axis_are_known(
    code: str, axis: int, arrays: tuple[str, ...]
) -> None:
    assert OwnLine(code).arrays_indexed_at(axis) == arrays


def test_the_target_of_an_assignment_is_known() -> None:
    line = OwnLine("out[n, i] += x[n, i]")
    assert line.assigns_to("out") and not line.assigns_to("x")
    assert not OwnLine("y = out[n]").assigns_to("out")


@pytest.mark.parametrize("code", ["x" * 20_000, "(" * 5_000, "\0", "a[" * 300, "-" * 9_000 + "1"])
def test_odd_lines_say_nothing(code: str) -> None:
    line = OwnLine(code)
    assert not line.divides_into_a_size
    assert line.arrays_indexed_at(0) == ()
