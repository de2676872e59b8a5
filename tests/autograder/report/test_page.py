from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from autograder.report.build import build
from autograder.report.document import Line, Pair, Report, Similar
from autograder.report.page import in_script, page
from tests.autograder.report.kit import class_data
from tests.chromium import launched, needs_chromium
from tests.looks import serious_faults, unfold, weak_words, width_of

MOST_BYTES = 3_000_000
HOSTILE = (
    '</script><script>document.title = "taken"</script>',
    "<!--<script>",
    "<img src=x onerror=\"document.title = 'taken'\">",
    "line\u2028separator\u2029and \x00 nul",
    "{{ report }} {% raw %}",
    "مرحبا بالعالم",
    "&lt;b&gt; &amp;",
    "'\"><b>bold</b>",
    "=1+1",
    "x" * 300,
    "\ud800 alone",
)
CODE = 'def f(x):\n    return "</pre></script><script>document.title=1</script>"  # <!--'


def similar() -> Similar:
    lines = tuple(Line(text, at == 1) for at, text in enumerate(CODE.split("\n")))
    pair = Pair("01_convolution", "corr2d", "s0000", "s0001", 0.93, 210, False, lines, lines)
    return Similar(60, 1, 2, (pair, replace(pair, is_short=True, first="s0002")))


def made(students: int = 40) -> Report:
    return build(class_data(students), similar=similar())


def hostile() -> Report:
    """A class in which every text from outside is hostile."""
    found = class_data(30)
    people = []
    for number, one in enumerate(found.students):
        text = HOSTILE[number % len(HOSTILE)].encode(errors="replace").decode()
        results = {
            name: replace(
                result,
                student=f"{number} {text}",
                notes=(text,),
                tests=tuple(
                    replace(
                        test,
                        diagnosis=test.diagnosis and text,
                        sentence=text,
                        wrong_groups=tuple(text for _ in test.wrong_groups[:1]),
                        log=text,
                    )
                    for test in result.tests
                ),
            )
            for name, result in one.results.items()
        }
        people.append(
            replace(
                one, id=f"{number} {text}", name=text, section=text, unused=(text,),
                results=results, late=replace(one.late, doubt=one.late.doubt and text),
            )
        )  # fmt: skip
    return build(
        replace(found, students=tuple(people), earlier=HOSTILE[0], odd_folders=HOSTILE[:3])
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as one:
        yield one


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    return {"folder": tmp_path}


def opened(context: BrowserContext, folder: Path, report: Report, scripts: bool = True) -> Page:
    """The page in a browser; fails for errors of the page and for anything that it loads."""
    path = folder / "report.html"
    path.write_text(page(report), encoding="utf-8")
    one = context.new_page()
    trouble: list[str] = []
    one.on("pageerror", lambda error: trouble.append(str(error)))
    one.on("console", lambda said: trouble.append(said.text) if said.type == "error" else None)
    one.on(
        "request",
        lambda request: trouble.append(request.url) if request.url != path.as_uri() else None,
    )
    one.goto(path.as_uri())
    if scripts:
        one.wait_for_selector("html[data-drawn]", timeout=30_000)
    assert trouble == []
    return one


@needs_chromium
@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_looks_right_in_a_browser(
    browser: Browser, tmp_path: Path, width: int, scheme: str
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    one = opened(context, tmp_path, made())
    unfold(one)
    assert width_of(one) == width
    assert serious_faults(one) == []
    assert weak_words(one) == []
    charts = one.locator("svg[role=img]")
    names = [chart.get_attribute("aria-label") for chart in charts.all()]
    assert len(names) == 1 + 4 + 1 + 4 + 5 and all(names)
    for chart in one.locator(".chart").all():
        box = chart.bounding_box()
        assert box is not None and box["height"] > 100
    context.close()


@needs_chromium
@pytest.mark.browser
def test_without_scripts_the_tables_hold_all_numbers(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    report = made()
    one = opened(context, tmp_path, report, scripts=False)
    assert one.locator("svg").count() == 0
    assert not one.locator(".chart").first.is_visible()
    assert not one.locator("#student-search").is_visible()
    assert one.locator("#student-table tbody tr").count() == len(report.students)
    assert one.locator("#mistake-list > li:visible").count() == len(report.mistakes)
    exercise = report.exercises[0]
    row = one.locator("#exercises table tbody tr", has_text="corr2d").last
    assert f"{round(100 * exercise.share)} %" in row.inner_text()
    context.close()


@needs_chromium
@pytest.mark.browser
def test_hostile_texts_are_shown_and_run_nothing(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800})
    report = hostile()
    one = opened(context, tmp_path, report)
    assert one.title() == "conv: the class at a glance"
    assert one.locator("script").count() == 4
    assert one.locator("img, b b, main script").count() == 0
    shown = one.locator("#student-table").inner_text()
    for text in HOSTILE[:1] + HOSTILE[4:8]:
        assert text in shown
    unfold(one)
    assert width_of(one) == 390
    assert serious_faults(one) == []
    context.close()


@needs_chromium
@pytest.mark.browser
def test_students_are_found_filtered_and_sorted(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context()
    report = made()
    one = opened(context, tmp_path, report)
    rows = one.locator("#student-table tbody tr:visible")
    count = one.locator("#student-count")
    one.locator("#student-section").select_option("Monday")
    monday = [student for student in report.students if student.section == "Monday"]
    assert rows.count() == len(monday)
    assert count.inner_text() == f"{len(monday)} of {len(report.students)} students"
    one.locator("#student-state").select_option("nothing handed in")
    gone = [student for student in monday if student.state == "nothing handed in"]
    assert rows.count() == len(gone) > 0
    one.locator("#student-section").select_option("*")
    one.locator("#student-state").select_option("*")
    one.locator("#student-search").fill("S0007")
    assert rows.all_inner_texts()[0].startswith(report.students[7].name)
    one.locator("#student-search").fill("")

    one.locator("#student-table thead button", has_text="total").click()
    totals = [cell.split("\t")[2] for cell in rows.all_inner_texts()]
    numbers = [float(total) for total in totals if total != "–"]
    expected = sorted((s.total for s in report.students if s.total is not None), reverse=True)
    assert numbers == pytest.approx(expected, abs=0.006)
    assert totals[: len(numbers)] == [total for total in totals if total != "–"]  # empty ones last
    context.close()


@needs_chromium
@pytest.mark.browser
def test_a_table_is_sorted_with_the_keyboard(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context()
    one = opened(context, tmp_path, made())
    button = one.locator("#student-table thead button", has_text="student")
    button.focus()
    one.keyboard.press("Enter")
    heading = one.locator("#student-table th[aria-sort]")
    assert heading.get_attribute("aria-sort") == "ascending"
    one.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "descending"
    names = [
        text.split("\t")[0] for text in one.locator("#student-table tbody tr").all_inner_texts()
    ]
    assert names[0] > names[-1]
    context.close()


@needs_chromium
@pytest.mark.browser
def test_a_section_is_chosen_for_the_charts_of_points(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context()
    one = opened(context, tmp_path, made())
    before = one.locator("#chart-total").inner_html()
    one.locator("#points-section").select_option("Tuesday")
    assert one.locator("#chart-total").inner_html() != before
    one.locator("#points-section").select_option("")
    after = one.locator("#chart-total svg")
    assert after.count() == 1
    context.close()


@needs_chromium
@pytest.mark.browser
def test_mistakes_are_found_by_exercise_words_and_student(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context()
    report = made()
    one = opened(context, tmp_path, report)
    shown = one.locator("#mistake-list > li:visible")
    assert shown.count() == 12 < len(report.mistakes)
    one.locator("#all-mistakes").click()
    assert shown.count() == len(report.mistakes)
    one.locator("#mistake-search").fill("batch_norm in")
    assert shown.count() == sum(one.exercise == "batch_norm" for one in report.mistakes)
    last = report.mistakes[-1]
    one.locator("#mistake-search").fill(f"({last.students[0]})")
    assert shown.count() == sum(last.students[0] in one.students for one in report.mistakes)
    context.close()


@needs_chromium
@pytest.mark.browser
def test_print_leaves_out_what_only_a_screen_can_use(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(color_scheme="dark")
    one = opened(context, tmp_path, made())
    one.emulate_media(media="print")
    assert not one.locator("nav").is_visible()
    assert not one.locator(".controls").first.is_visible()
    ground = one.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(255, 255, 255)"
    context.close()


@needs_chromium
@pytest.mark.browser
def test_a_large_class_fits_into_a_page_that_a_browser_draws(
    browser: Browser, tmp_path: Path
) -> None:
    context = browser.new_context()
    report = build(class_data(1000), similar=similar())
    assert len(page(report).encode()) < MOST_BYTES
    one = opened(context, tmp_path, report)
    rows = one.locator("#student-table tbody tr")
    assert rows.count() == 1000
    one.locator("#student-search").fill("s0999")
    assert one.locator("#student-table tbody tr:visible").count() == 1
    context.close()


@pytest.mark.parametrize("text", HOSTILE)
def test_json_in_a_script_holds_no_end_of_it(text: str) -> None:
    written = in_script({text: [text]})
    assert json.loads(written) == {text: [text]}
    assert not any(part in written for part in ("<", ">", "&", "\u2028", "\u2029"))


def test_the_page_names_its_scripts_and_allows_no_other() -> None:
    html = page(made(3))
    policy = html.partition('http-equiv="Content-Security-Policy" content="')[2].partition('"')[0]
    assert policy.count("sha256-") == 3
    assert "unsafe-eval" not in policy and "http" not in policy
    assert "default-src &#39;none&#39;" in policy


def test_the_page_says_who_may_see_it_and_that_alike_is_no_verdict() -> None:
    html = page(made(3))
    assert "For the lecturers of this course only" in html
    assert "Something to look at, never a verdict." in html
    assert "short code: chance is likely" in html


def test_parts_without_data_are_left_out() -> None:
    found = class_data(5)
    people = tuple(
        replace(one, section="", earlier=None, versions=0, handed_in={}, due_at=None)
        for one in found.students
    )
    html = page(build(replace(found, students=people)))
    for part in ("sections", "times", "progress", "similar"):
        assert f'<section id="{part}"' not in html
        assert f'href="#{part}"' not in html
    for part in ("needs", "points", "exercises", "mistakes", "cases", "students"):
        assert f'<section id="{part}"' in html


@pytest.mark.parametrize("students", [1, 2])
def test_a_tiny_class_has_a_page_too(students: int) -> None:
    assert "median" in page(build(class_data(students)))
