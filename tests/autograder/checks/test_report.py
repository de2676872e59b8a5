from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
import torch
from jinja2 import Environment

from autograder.checks import Draw, check, report
from autograder.checks.report import argument_names, plain_html
from autograder.trials.compare import difference


class Reader(HTMLParser):
    """Checks that every tag is closed, and keeps the text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


def told(value: Any, rows: int = 2, columns: int = 2, expected: Any = None) -> Any:
    def oracle(x: torch.Tensor, name: str) -> Any:
        return x * 2 if expected is None else expected

    def make(draw: Draw, rows: int, columns: int) -> tuple[torch.Tensor, str]:
        return draw.tensor(rows, columns), "<b>bold</b>"

    def answer(x: torch.Tensor, name: str) -> Any:
        return value(x) if callable(value) else value

    groups = {"a < b & c": dict(rows=rows, columns=columns)}
    return check(answer, oracle, make, points=1, groups=groups, extras=None, name="f")


def test_got_and_expected_are_drawn_side_by_side_and_wrong_cells_are_marked() -> None:
    def one_wrong(x: torch.Tensor) -> torch.Tensor:
        out = x * 2
        out[1, 0] = 99
        return out

    page = told(one_wrong).html
    reader = read(page)
    assert reader.tags.count("table") == 2
    assert reader.tags.count("td") == 8
    assert page.count("#ffcecb") == 1
    assert "99" in reader.text


@pytest.mark.parametrize(
    "value",
    [
        torch.zeros(2, 2, 2, 2),
        torch.zeros(3),
        torch.zeros(()),
        torch.zeros(0, 5),
        torch.empty(1 << 40, 0),
        torch.zeros(1, 40),
        torch.zeros(200, 200),
        torch.zeros([1] * 32),
        torch.tensor([[float("nan"), float("inf")]] * 2),
        torch.zeros(2, 2, dtype=torch.int64),
        torch.ones(2, 2, dtype=torch.bool),
        torch.zeros(2, 2, dtype=torch.complex64),
        torch.zeros(2, 2, dtype=torch.float16),
        torch.zeros(2, 2, dtype=torch.bfloat16),
        torch.zeros(2, 2, requires_grad=True),
        torch.zeros(2, 2).expand(3, 2, 2),
        "<script>alert('x')</script>",
        None,
        {"<i>": 1},
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_wrong_value_makes_a_well_formed_page_of_bounded_size(value: Any) -> None:
    result = told(value)
    reader = read(result.html)
    assert len(result.html) < 50_000
    assert len(result.message) < 5_000
    assert set(reader.tags) <= {"div", "p", "b", "br", "ul", "li", "span", "code", "table", "tr", "td", "small", "pre"}  # fmt: skip
    assert "a < b & c" in reader.text
    assert "<script" not in result.html
    assert "<b>bold" not in result.html


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (torch.zeros(2, 2), torch.ones(2, 2, dtype=torch.complex64)),
        (torch.zeros(2, 2, dtype=torch.int64), torch.ones(2, 2, dtype=torch.int64)),
        (torch.zeros(2, 2, dtype=torch.bool), torch.ones(2, 2, dtype=torch.bool)),
        (torch.zeros(0), torch.ones(1)),
        (torch.zeros(3, 0), torch.ones(1)),
        (torch.zeros(4), torch.ones(4, dtype=torch.float64)),
    ],
)
def test_expected_values_of_any_dtype_can_be_shown(
    got: torch.Tensor, expected: torch.Tensor
) -> None:
    assert "Smallest failing case" in read(told(got, expected=expected).html).text


def test_small_values_are_told_and_large_ones_are_named_by_shape() -> None:
    assert "got [[0.0]], expected [[" in told(torch.zeros(1, 1), 1, 1).message
    large = told(torch.zeros(9, 9), 9, 9).message
    assert "f(x=<a tensor of shape (9, 9)>, name='<b>bold</b>')" in large
    assert "got" not in large


def test_names_of_arguments_come_from_the_reference() -> None:
    def oracle(x: int, K: int, *, P: int = 0) -> int:
        return x

    def use(function: Any, image: int, padding: int) -> int:
        return image

    assert argument_names(oracle, None) == ("x", "K", "P")
    assert argument_names(None, use) == ("image", "padding")
    assert argument_names(None, None) == ()


def test_a_probed_case_is_told_by_the_names_of_the_probe_and_not_as_a_call() -> None:
    def look(answer: Any, pictures: list[torch.Tensor], task: str, *more: int) -> Any:
        return answer(len(pictures), task)

    def reference(count: int, word: str) -> str:
        return word * count

    assert argument_names(reference, look) == ("pictures", "task")
    result = check(
        lambda count, word: word,
        reference,
        lambda draw, N: ([draw.tensor(3, 3)] * N, "x", 7),
        points=1,
        groups={"two": {"N": 2}},
        extras=None,
        use=look,
    )
    assert "reference, tried with pictures=<2 tensors>, task='x', 7: " in result.message


def test_lists_of_names_are_shown_when_their_lengths_differ() -> None:
    found = difference(["fc.bias", "bn1.bias"], ["fc.bias"])
    assert found is not None
    assert found.sentence == "the output is ['fc.bias', 'bn1.bias'], expected ['fc.bias']"


def test_a_sentence_in_a_box_is_escaped() -> None:
    assert read(plain_html("1 < 2 & 'x'")).text == "1 < 2 & 'x'"


HOSTILE = ["{{ 7 * 7 }}", "{% raw %}", "<b onclick='x()'>\"&", "</div></td>", "{# gone #}"]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_from_outside_is_text_wherever_it_stands(text: str) -> None:
    def raises(x: torch.Tensor, name: str) -> Any:
        raise ValueError(text)

    def make(draw: Draw) -> tuple[torch.Tensor, str]:
        return draw.tensor(2, 2), text

    def oracle(x: torch.Tensor, name: str) -> Any:
        return x * 2

    for answer in (raises, lambda x, name: text, lambda x, name: x):
        result = check(
            answer, oracle, make, points=1, groups={f"group {text}": {}}, extras=None, name=text
        )
        told = read(result.html)
        assert told.text.startswith(f"{text} is right in 0 of 1 groups")
        assert f"group {text}" in told.text
        assert set(told.tags) <= {"div", "p", "b", "br", "ul", "li", "span", "code", "table", "tr", "td", "small", "pre"}  # fmt: skip
        told = read(plain_html(text))
        assert (told.text, told.tags) == (text, ["div"])


def test_the_template_is_compiled_once_and_not_before_it_is_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compiled: list[str] = []
    compile_template = Environment.compile

    def note(self: Environment, *args: Any, **kwargs: Any) -> Any:
        compiled.append("once")
        return compile_template(self, *args, **kwargs)

    monkeypatch.setattr(Environment, "compile", note)
    report._macros.cache_clear()
    assert compiled == []
    for text in ("one", "two"):
        plain_html(text)
    told(torch.zeros(2, 2))
    assert compiled == ["once"]
