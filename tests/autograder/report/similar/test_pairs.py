from __future__ import annotations

import pytest

from autograder.report.similar import pairs as module
from autograder.report.similar.answers import MAX_ANSWER, AllAnswers, Answers
from autograder.report.similar.fingerprints import alike_lines, fingerprint, hashes_of, without
from autograder.report.similar.pairs import Found, pairs, sharing_limit

LOOPS = '''\
def conv2d(x, weight, bias=None, stride=1, padding=0):
    """Return the convolution of a batch."""
    N, C_in, H, W = x.shape
    C_out, _, K, _ = weight.shape
    padded = torch.zeros(N, C_in, H + 2 * padding, W + 2 * padding)
    padded[:, :, padding : padding + H, padding : padding + W] = x
    rows = (H + 2 * padding - K) // stride + 1
    columns = (W + 2 * padding - K) // stride + 1
    out = torch.zeros(N, C_out, rows, columns)
    for i in range(rows):
        for j in range(columns):
            patch = padded[:, :, i * stride : i * stride + K, j * stride : j * stride + K]
            out[:, :, i, j] = torch.tensordot(patch, weight, dims=3)
    return out if bias is None else out + bias[:, None, None]
'''
UNFOLD = """\
def conv2d(x, weight, bias=None, stride=1, padding=0):
    import torch.nn.functional as F
    unfolded = F.unfold(x, weight.shape[-1], stride=stride, padding=padding)
    result = weight.flatten(1) @ unfolded
    height = math.floor((x.shape[2] + 2 * padding - weight.shape[2]) / stride) + 1
    return result.reshape(len(x), -1, height, result.shape[-1] // height)
"""
RENAMED = "# all mine\n" + LOOPS.replace("padded", "z").replace("rows", "h").replace(
    "    out = torch", "\n\n    out = torch"
)
RELEASED = "def conv2d(x, weight, bias=None, stride=1, padding=0):\n    raise NotImplementedError()"


def found(codes: dict[str, str], given: tuple[str, ...] = (RELEASED,), most: int = 10) -> Found:
    return pairs(Answers("01", "conv2d", given, codes), most)


def test_other_names_comments_and_layout_hide_nothing() -> None:
    one = found({"ada": LOOPS, "bob": RENAMED, "cleo": UNFOLD})
    (pair,) = one.first
    assert {pair.first, pair.second} == {"ada", "bob"}
    assert pair.share > 0.95 and pair.tokens > 200 and not pair.is_short
    marked = [line.text for line in pair.first_lines if line.alike]
    assert any("tensordot" in line for line in marked)
    assert not next(line for line in pair.second_lines if "mine" in line.text).alike


def test_a_copied_part_is_marked_and_the_rest_is_not() -> None:
    half = "\n".join(LOOPS.splitlines()[2:12])
    own = """
    blocks = [weight[c].sum() if bias is None else bias[c] for c in range(C_out)]
    return sorted(blocks, key=lambda block: -float(block))[: max(1, stride)]
"""
    one = found({"ada": LOOPS, "bob": f"def conv2d(x, weight):\n{half}{own}"})
    (pair,) = one.first
    lines = pair.second_lines if pair.second == "bob" else pair.first_lines
    alike = {line.text.strip(): line.alike for line in lines}
    assert alike["rows = (H + 2 * padding - K) // stride + 1"]
    assert not alike["return sorted(blocks, key=lambda block: -float(block))[: max(1, stride)]"]


def test_released_text_and_the_course_s_own_answer_are_subtracted() -> None:
    codes = {"ada": LOOPS, "bob": LOOPS}
    assert found(codes).count == 1
    assert found(codes, (RELEASED, LOOPS)).count == 0
    assert found({"ada": RELEASED, "bob": RELEASED}).count == 0


def test_code_that_many_students_share_says_nothing() -> None:
    limit = sharing_limit(40)
    others = {f"s{number}": UNFOLD.replace("+ 1", f"+ {number}" * 9) for number in range(36)}
    few = {f"c{number}": LOOPS for number in range(limit)}
    many = {**few, "one more": RENAMED}
    assert found({**few, **others}, most=1000).count >= limit * (limit - 1) // 2
    names = {
        name for pair in found({**many, **others}, most=1000).first
        for name in (pair.first, pair.second)
    }  # fmt: skip
    assert names.isdisjoint(many)


@pytest.mark.parametrize(("students", "most"), [(2, 4), (30, 4), (60, 6), (1000, 12)])
def test_the_limit_of_sharing_grows_with_the_class(students: int, most: int) -> None:
    assert sharing_limit(students) == most


def test_short_answers_that_are_alike_come_last_with_a_warning() -> None:
    short = "def f(x):\n    return torch.clamp(x - x.mean(dim=0), min=0) / (x.std(dim=1) + 1)\n"
    one = pairs(Answers("01", "f", (), {"ada": short, "bob": short.replace("x", "y")}), 10)
    (pair,) = one.first
    assert pair.is_short
    tiny = "def f(x):\n    return x + 1\n"
    assert pairs(Answers("01", "f", (), {"ada": tiny, "bob": tiny}), 10).count == 0


def test_all_pairs_are_counted_and_the_first_are_returned() -> None:
    codes = dict.fromkeys("abcd", LOOPS)
    one = found(codes, most=2)
    assert (one.count, len(one.first)) == (6, 2)
    only = pairs(Answers("01", "conv2d", (), codes), 10, of={"a"})
    assert {(pair.first, pair.second) for pair in only.first} == {
        ("a", "b"),
        ("a", "c"),
        ("a", "d"),
    }


def test_the_work_is_bounded_by_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    hashes = [{1, 2, 3, place} for place in range(100, 140)]
    assert len(module._candidates(hashes)) == module.MOST_COMPARED
    monkeypatch.setattr(module, "MOST_COMPARED", 10_000)
    assert len(module._candidates(hashes)) == 40 * 39 // 2
    monkeypatch.setattr(module, "MOST_STEPS", 700)
    assert module._candidates(hashes) == []
    assert module._candidates([{1, 2}, {1}, *({2} for _ in range(60))]) == [(0, 1)]


def test_a_long_answer_is_counted_and_left_out() -> None:
    answers = AllAnswers([])
    one = Answers("01", "f", ())
    answers.add(one, "ada", "x" * (MAX_ANSWER + 1))
    answers.add(one, "bob", "x" * MAX_ANSWER)
    answers.room = 3
    answers.add(one, "cleo", "xxxx")
    assert (answers.skipped, list(one.codes)) == (2, ["bob"])


@pytest.mark.parametrize(
    "code",
    ["", "\n", "def", "x" * 8000, "(" * 8000, '"""' + "a" * 8000, "\\" * 8000, "é\u2028\x00" * 2000,
     "\n" * 8000, "class A:\n  " * 800, "f'{" * 2000, "# " * 4000],
)  # fmt: skip
def test_hostile_code_is_compared_like_any_other(code: str) -> None:
    one = found({"ada": code, "bob": code, "cleo": LOOPS})
    for pair in one.first:
        assert len(pair.first_lines) <= module.MAX_LINES + 1
        assert all(len(line.text) <= module.MAX_WIDTH for line in pair.first_lines)


def test_places_after_a_class_are_those_of_the_code() -> None:
    """copydetect's offsets forget all code before the name of a class."""
    code = f"{LOOPS}\nclass ALongNameOfAClassOfTheStudent:\n    def forward(self, x):\n        return x * 2 + self.bias.sum() * len(x)\n"
    made = fingerprint(code)
    assert list(made.offsets[:, 1]) == sorted(made.offsets[:, 1])


def test_removed_fingerprints_leave_no_trace() -> None:
    made = fingerprint(LOOPS)
    before = made.token_coverage
    without(made, hashes_of([RELEASED]))
    assert 0 < made.token_coverage < before
    assert made.hashes == set(made.hash_idx)
    without(made, set(made.hashes))
    assert (made.token_coverage, made.hashes) == (0, set())


def test_a_line_is_alike_if_half_of_it_is() -> None:
    import numpy as np

    code = "abcd\n\nef gh\nij"
    assert alike_lines(code, np.array([[0, 6], [2, 7]])) == [True, False, False, False]
    assert alike_lines(code, np.array([[6], [8]])) == [False, False, True, False]
    assert alike_lines(code, np.array([])) == [False] * 4
