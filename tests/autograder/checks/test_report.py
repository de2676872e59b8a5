from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
import torch
from jinja2 import Environment

from autograder.checks import CheckContext, Draw, check, checking, report
from autograder.checks.report import argument_names, plain_html
from autograder.lesson.reading import Reading
from autograder.palette import DAY, colours
from autograder.trials.compare import difference

TAGS = set("div p b br ul ol li span code table tr td th small pre".split())


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

    page = told(one_wrong).html.replace("--ag-", "--")
    reader = read(page)
    assert reader.tags.count("table") == 3
    assert reader.tags.count("td") == 12 + 3  # and the corners
    assert page.count(f"var(--over3, {DAY['over3']})") == 1
    assert page.count("▲</small>") == 1
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
    assert len(result.html) < 60_000
    assert len(result.message) < 5_000
    assert set(reader.tags) <= TAGS
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
    assert "Smallest failing case" in told(got, expected=expected).message


def test_small_values_are_told_and_large_ones_are_drawn_in_part() -> None:
    small = told(torch.zeros(1, 1), 1, 1)
    assert re.search(r"is wrong: got 0, expected -?\d", small.message)
    assert re.search(r"is wrong: got 0, expected -?\d", small.html)
    large = told(torch.zeros(20, 20), 20, 20)
    assert "got" not in large.message
    assert re.search(r"Shown: rows \d+ to \d+ of 20, columns \d+ to \d+ of 20", large.html)
    assert read(large.html).tags.count("td") == 3 * (64 + 1)


def test_the_text_of_a_failure_has_its_parts_in_order() -> None:
    def make(draw: Draw, rows: int) -> tuple[torch.Tensor]:
        return (torch.arange(1.0, rows + 1),)

    with checking(CheckContext(reading=Reading("2 Sums", 'Lecture: "Sums"'))):
        result = check(
            lambda x: x * 2 if len(x) == 2 else x,
            lambda x: x * 2,
            make,
            groups={"two": {"rows": 2}, "three": {"rows": 3}},
            extras="first",
            name="double",
        )
    assert result.message == (
        "double is right in 4 of 5 groups of cases.\n"
        "This mistake is not recognised. The case below shows it.\n"
        "Smallest failing case: all of the 3 values of the output are wrong; the largest error is "
        "3: got [1, 2, 3], expected [2, 4, 6].\n"
        "x = torch.tensor([1., 2., 3.])\n"
        "double(x)\n"
        "Not yet: three.\n"
        "Right: two; the dtype is kept, float32 and float64; inputs that are not contiguous in "
        "memory; the arguments are left alone.\n"
        "Read again: section 2 of the notebook, “Sums”; lecture: “Sums”."
    )
    text = read(result.html).text
    parts = [
        "right in 4 of 5", "not recognised", "Smallest failing case", "double(x)", "got", "expected",
        "got − expected", "too small", "✗ three", "✓ two", "Read again",
    ]  # fmt: skip
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_an_output_is_called_by_its_name() -> None:
    def backward(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        dx, dbias = x, x * 2
        return dx, dbias

    result = check(
        lambda x: (x, x * 3),
        backward,
        lambda draw: torch.tensor([1.0, 2.0]),
        groups={"a": {}},
        extras=None,
    )
    assert "all of the 2 values of dbias are wrong" in result.message

    shape = check(
        lambda x: (x[:1], x * 2),
        backward,
        lambda draw: torch.tensor([1.0, 2.0]),
        groups={"a": {}},
        extras=None,
    )
    assert "dx has shape (1,), expected (2,)." in read(shape.html).text


def test_a_case_with_right_values_is_not_called_unknown() -> None:
    result = check(
        lambda x: x + 0 + 0 + 1,
        lambda x: x + 1,
        lambda draw: draw.tensor(2),
        groups={"a": {}},
        extras=None,
        max_ops=lambda sizes: 1,
    )
    assert "it runs 3 torch operations" in result.message
    assert "not recognised" not in result.message + result.html


def test_changed_arguments_are_shown_after_the_call() -> None:
    def add(x: torch.Tensor) -> torch.Tensor:
        out = x + 1
        x += 1
        return out

    result = check(
        add, lambda x: x + 1, lambda draw: torch.tensor([1.0]), groups={"a": {}}, name="add"
    )
    assert "add(x)\nx  # changed by the call" in result.message


def test_groups_that_were_not_judged_are_grey_and_say_why() -> None:
    result = check(
        lambda x: x, lambda x: x + 1, lambda draw: torch.tensor([1.0]), groups={"a": {}}, name="f"
    )
    faint = colours()["faint"]
    assert f'<li style="color: {faint}; background: {colours()["shade"]}"' in result.html
    assert "not judged, because the values are wrong already" in read(result.html).text


def test_text_never_has_a_colour_without_a_background() -> None:
    pages = [told(torch.zeros(2, 2)).html, told(torch.zeros(3)).html, plain_html("text")]
    styles = [style for page in pages for style in re.findall(r'style="([^"]*)"', page)]
    coloured = [style for style in styles if re.search(r"(^|; ?)color:", style)]
    assert coloured
    assert all("background:" in style for style in coloured)


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
    assert (
        "# reference is tried with\npictures = ...  # 2 tensors of shape (3, 3)" in result.message
    )
    assert "\ntask = 'x'\nsetting_3 = 7\n" in result.message


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
        assert set(told.tags) <= TAGS
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
