from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from autograder.collect.map_file import MapFile, read_map_file
from autograder.collect.report import News
from autograder.course.layout import Course
from autograder.errors import UsageError
from autograder.files.hand_in_time import ZONE_MARGIN, HandInTime
from autograder.people.person import Person
from autograder.received.store import Store
from autograder.received.times import notebook_times
from tests.courses import downloads
from tests.courses.downloads import PEOPLE, Given, collect, the_class, zip_of
from tests.courses.pair import START, handed_in, tree, write_course


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return write_course(tmp_path / "course")


LAYOUTS: dict[str, Callable[[Path, list[Given]], Path]] = {
    "canvas": lambda path, given: downloads.canvas(path / "submissions.zip", given),
    "moodle": lambda path, given: downloads.moodle(path / "moodle.zip", given),
    "moodle, no folders": lambda path, given: downloads.moodle(
        path / "m.zip", given, folders=False
    ),
    "moodle, newer": lambda path, given: downloads.moodle(path / "m.zip", given, end=""),
    "gradescope": lambda path, given: downloads.gradescope(path / "export.zip", given),
    "classroom": lambda path, given: downloads.classroom(path / "drive-download-001.zip", given),
    "nbgrader": lambda path, given: downloads.nbgrader(path / "inbox", given),
    "plain": lambda path, given: downloads.plain(path / "inbox", given),
    "plain, names": lambda path, given: downloads.plain(path / "inbox", given, named=True),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_same_class_through_any_layout_gives_the_same_files_and_times(
    course: Course, tmp_path: Path, layout: str
) -> None:
    given = the_class(course)
    path = LAYOUTS[layout](tmp_path, given)
    before = tree(course.root)
    planned = collect(course, path, dry_run=True, file_times=True)
    assert planned.changed == sorted(person.id for person in PEOPLE)
    assert tree(course.root) == before
    report = collect(course, path, file_times=True)
    assert [one.layout for one in report.downloads] == [layout.partition(",")[0]]
    assert (report.unmatched, report.left, report.failed) == ([], [], {})
    wanted = {}
    for one in given:
        folder = f"{one.person.id}/two"
        wanted |= {f"{folder}/{name}": data for name, data in one.files.items()}
        wanted[f"{folder}/timestamp.txt"] = f"{one.when:%Y-%m-%d %H:%M:%S} UTC\n".encode()
    assert tree(course.submitted) == wanted
    for one in given:
        times = notebook_times(course, "two", one.person.id)
        assert {name: time.when for name, time in times.items()} == {
            name.removesuffix(".ipynb"): one.when for name in one.files if name.endswith("ipynb")
        }
        assert all(time.margin <= timedelta(seconds=2) for time in times.values())
    everything = tree(course.root)
    again = collect(course, path, file_times=True)
    assert not again.has_changed
    assert {row.news for row in again.rows} == {News.AGAIN}
    assert tree(course.root) == everything


def test_an_unpacked_download_is_read_as_the_zip(course: Course, tmp_path: Path) -> None:
    path = downloads.gradescope(tmp_path / "export.zip", the_class(course))
    collect(course, path)
    before = tree(course.root)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "unpacked")
    report = collect(course, tmp_path / "unpacked")
    assert [one.layout for one in report.downloads] == ["gradescope"]
    assert {row.news for row in report.rows} == {News.AGAIN}
    assert tree(course.root) == before


def test_zips_in_a_folder_and_several_paths_are_collected_at_once(
    course: Course, tmp_path: Path
) -> None:
    given = the_class(course)
    folder = tmp_path / "downloads"
    folder.mkdir()
    downloads.canvas(folder / "c.zip", given[:2])
    downloads.moodle(folder / "m.zip", given[2:4])
    other = downloads.gradescope(tmp_path / "g.zip", given[4:])
    report = collect(course, folder, other)
    assert [one.layout for one in report.downloads] == ["canvas", "moodle", "gradescope"]
    assert sorted(report.changed) == sorted(person.id for person in PEOPLE)


def test_a_folder_of_students_zips_is_no_folder_of_downloads(
    course: Course, tmp_path: Path
) -> None:
    store, inbox = Store(course), tmp_path / "inbox"
    inbox.mkdir()
    for name in ("ada", "teller"):
        data = handed_in(store, "01_first", name)
        zip_of(inbox / f"{name}.zip", [("01_first.ipynb", data, None), ("helper.py", b"x", None)])
    report = collect(course, inbox)
    assert report.changed == ["ada", "teller"]
    assert {row.notebooks for row in report.rows} == {("01_first",)}
    assert (course.submitted / "ada" / "two" / "ada.zip").is_file()


def test_a_zip_of_one_student_is_one_hand_in(course: Course, tmp_path: Path) -> None:
    data = handed_in(Store(course), "01_first")
    path = zip_of(tmp_path / "Ada Lovelace.zip", [("work/a.ipynb", data, None)])
    assert collect(course, path).changed == ["ada"]


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("ada_01_first.ipynb", "ada"),
        ("ADA-01_first.ipynb", "ada"),
        ("01_first_ada.ipynb", "ada"),
        ("Lovelace, Ada.ipynb", "ada"),
        ("ada@uni.edu.ipynb", "ada"),
        ("[ab]*_01_first.ipynb", "[ab]*"),
        ("007.ipynb", "007"),
        ("a-b-01_first.ipynb", "a-b"),
        ("Zoë O'Brien-Müller.ipynb", "u77"),
        ("zoe obrien mueller.ipynb", "u77"),
    ],
)
def test_single_files_name_their_student(
    course: Course, tmp_path: Path, name: str, student: str
) -> None:
    path = tmp_path / name
    path.write_bytes(handed_in(Store(course), "01_first"))
    report = collect(course, path)
    assert report.unmatched == []
    assert report.changed == [student]
    assert (course.submitted / student / "two" / "01_first.ipynb").is_file()


def test_single_files_of_one_student_are_one_hand_in(course: Course, tmp_path: Path) -> None:
    store, inbox = Store(course), tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "ada_01_first.ipynb").write_bytes(handed_in(store, "01_first"))
    (inbox / "ada_02_second.ipynb").write_bytes(handed_in(store, "02_second"))
    (inbox / "ada_helper.py").write_bytes(b"x")
    report = collect(course, inbox)
    assert [row.notebooks for row in report.rows] == [("01_first", "02_second")]
    assert set(tree(course.submitted / "ada" / "two")) == {
        "01_first.ipynb",
        "02_second.ipynb",
        "helper.py",
    }


def test_without_a_roster_everybody_is_taken_under_the_name_of_the_download(
    course: Course, tmp_path: Path
) -> None:
    given = the_class(course, PEOPLE[:2])
    report = collect(course, downloads.moodle(tmp_path / "m.zip", given), people=())
    assert report.changed == ["Ada Lovelace", "Zoë OBrien-Müller"]
    nameless = (Person("ada"), Person("x"))  # students of a gradebook, but no roster
    inbox = downloads.plain(tmp_path / "inbox", given)
    assert collect(course, inbox, people=nameless).changed == ["ada", "u77"]


def test_strangers_are_listed_and_kept_out(course: Course, tmp_path: Path) -> None:
    path = downloads.moodle(tmp_path / "m.zip", the_class(course))
    report = collect(course, path, people=PEOPLE[1:])
    assert [(one.named, one.is_ambiguous) for one in report.unmatched] == [("Ada Lovelace", False)]
    assert not (course.submitted / "Ada Lovelace").exists()
    assert not (course.submitted / "ada").exists()
    added = collect(course, path, people=PEOPLE[1:], add_strangers=True)
    assert added.changed == ["Ada Lovelace"]


def test_a_name_that_fits_two_people_is_never_guessed(course: Course, tmp_path: Path) -> None:
    twins = (Person("s1", "Kim", "Lee", other_ids={"canvas": "7001"}), Person("s2", "Lee", "Kim"))
    given = the_class(course, twins)
    moodle = downloads.moodle(tmp_path / "m.zip", given[:1])
    report = collect(course, moodle, people=twins)
    (one,) = report.unmatched
    assert (one.is_ambiguous, one.candidates) == (True, ("s1", "s2"))
    assert tree(course.submitted) == {}
    canvas = downloads.canvas(tmp_path / "c.zip", given[:1])
    assert collect(course, canvas, people=twins).changed == ["s1"]  # by the id of Canvas
    mapped = MapFile({"Kim Lee": "s2"})
    assert collect(course, moodle, people=twins, mapping=mapped).changed == ["s2"]


def test_an_id_that_contradicts_the_name_is_told(course: Course, tmp_path: Path) -> None:
    turing = Person("s2", "Alan", "Turing", other_ids={"canvas": "7000"})
    people = (Person("s1", "Ada", "Lovelace"), turing)
    path = downloads.canvas(tmp_path / "c.zip", the_class(course, people)[:1])
    report = collect(course, path, people=people)
    assert [one.candidates for one in report.unmatched] == [("s1", "s2")]
    assert report.changed == []


def test_accents_decide_where_two_names_differ_only_in_them(course: Course, tmp_path: Path) -> None:
    people = (Person("s1", "Jose", "Perez"), Person("s2", "José", "Pérez"))
    given = the_class(course, people)
    report = collect(course, downloads.moodle(tmp_path / "m.zip", given), people=people)
    assert report.changed == ["s1", "s2"]
    typed = Person("?", "JOSE", "pérez")
    path = downloads.moodle(tmp_path / "n.zip", [Given(typed, given[0].files, START)])
    assert collect(course, path, people=people).unmatched[0].is_ambiguous


def test_names_of_macos_are_the_same_names(course: Course, tmp_path: Path) -> None:
    data = handed_in(Store(course), "01_first")
    folder = downloads.decomposed("Zoë O'Brien-Müller")
    entries = [(f"{folder}/a.ipynb", data, None), (f"__MACOSX/{folder}/._a.ipynb", b"", None)]
    assert collect(course, zip_of(tmp_path / "inbox.zip", entries)).changed == ["u77"]


def test_a_mapping_file_settles_names_and_times(course: Course, tmp_path: Path) -> None:
    path = downloads.classroom(tmp_path / "d.zip", the_class(course)[:2])
    table = tmp_path / "map.csv"
    table.write_bytes(
        "\ufeffname;student;time\r\nAda Lovelace;007;2026-02-01 12:00 Europe/Berlin\r\n"
        ";u77;2026-02-03 10:00\r\n".encode()
    )
    report = collect(course, path, mapping=read_map_file(table))
    assert report.changed == ["007", "u77"]
    times = notebook_times(course, "two", "007")
    assert times["01_first"] == HandInTime(datetime(2026, 2, 1, 11))
    assert notebook_times(course, "two", "u77")["01_first"].when == datetime(2026, 2, 3, 10)


def test_a_mapping_to_nobody_is_refused(course: Course, tmp_path: Path) -> None:
    path = downloads.classroom(tmp_path / "d.zip", the_class(course)[:2])
    with pytest.raises(UsageError, match="'nobody', who is in no roster"):
        collect(course, path, mapping=MapFile({"Ada Lovelace": "nobody"}))


def test_times_without_a_zone_are_doubtful_until_one_is_named(
    course: Course, tmp_path: Path
) -> None:
    path = downloads.moodle(tmp_path / "m.zip", the_class(course))
    due = (START + timedelta(hours=2)).replace(tzinfo=UTC)
    report = collect(course, path, zone=None, due=due)
    assert {row.time.margin for row in report.rows} == {ZONE_MARGIN}
    assert all("names no time zone" in row.time.doubt for row in report.rows)
    assert next(row for row in report.rows if row.student == "ada").late_by is None
    stamp = course.submitted / "ada" / "two" / "timestamp.txt"
    assert stamp.read_text() == "2026-02-01 10:00:00\n"
    berlin = collect(course, path, zone=ZoneInfo("Europe/Berlin"), due=due)
    assert {row.news for row in berlin.rows} == {News.RETIMED}
    assert notebook_times(course, "two", "ada")["01_first"].when == START - timedelta(hours=1)
    assert len(Store(course).versions("two", "ada")) == 1
    assert not collect(course, path, zone=ZoneInfo("Europe/Berlin")).has_changed


def test_the_times_of_the_packing_are_no_times_of_hand_in(course: Course, tmp_path: Path) -> None:
    packed = START + timedelta(days=9)
    given = [
        Given(one.person, one.files, packed + timedelta(minutes=n), one.is_late)
        for n, one in enumerate(the_class(course))
    ]
    canvas = downloads.canvas(tmp_path / "c.zip", given)
    moodle = downloads.moodle(tmp_path / "m.zip", given)
    for path in (canvas, moodle):
        report = collect(course, path, due=START.replace(tzinfo=UTC))
        assert all(row.time.when is None and row.time.doubt for row in report.rows)
        assert {row.late_by for row in report.rows} == {None}
    marked = collect(course, canvas).rows
    assert [row.marked_late for row in marked] == [
        "marked as late" in row.time.doubt for row in marked
    ]
    assert {row.marked_late for row in marked} == {True, False}
    assert not (course.submitted / "ada" / "two" / "timestamp.txt").exists()
    assert collect(course, canvas, file_times=True).rows[0].time.when is not None


def test_a_hand_in_that_is_older_than_the_counting_one_is_kept_and_told(
    course: Course, tmp_path: Path
) -> None:
    def export(mark: str, hours: float) -> Path:
        files = {"01_first.ipynb": handed_in(Store(course), "01_first", mark)}
        given = Given(PEOPLE[0], files, START + timedelta(hours=hours))
        return downloads.gradescope(tmp_path / f"{mark}.zip", [given])

    assert [row.news for row in collect(course, export("new", 5)).rows] == [News.NEW]
    late = collect(course, export("old", 1))
    assert ([row.news for row in late.rows], late.changed) == ([News.OLDER], [])
    assert [row.news for row in collect(course, export("newest", 9)).rows] == [News.REPLACES]
    assert len(Store(course).versions("two", "ada")) == 3


def test_the_members_of_a_group_hand_in_together(course: Course, tmp_path: Path) -> None:
    data = handed_in(Store(course), "01_first")
    metadata = b"""---
submission_1:
  :submitters:
  - :name: Ada Lovelace
    :sid: ''
    :email: ADA@uni.edu
  - :name: Somebody
    :sid: '007'
    :email:
  :created_at: !ruby/object:ActiveSupport::TimeWithZone
    utc: 2026-02-01 10:00:00.500000000 Z
    zone: !ruby/object:ActiveSupport::TimeZone
      name: America/Los_Angeles
    time: 2026-02-01 02:00:00.500000000 Z
"""
    entries = [
        ("e/submission_metadata.yml", metadata, None),
        ("e/submission_1/a.ipynb", data, None),
    ]
    report = collect(course, zip_of(tmp_path / "g.zip", entries))
    assert report.changed == ["007", "ada"]
    assert {row.time.when for row in report.rows} == {START + timedelta(seconds=0.5)}


def test_a_lecturers_file_in_submitted_is_kept_and_told(course: Course, tmp_path: Path) -> None:
    mine = handed_in(Store(course), "02_second", "by e-mail")
    folder = course.submitted / "ada" / "two"
    folder.mkdir(parents=True)
    (folder / "02_second.ipynb").write_bytes(mine)
    path = downloads.gradescope(tmp_path / "g.zip", the_class(course)[:1])
    report = collect(course, path)
    assert report.taken_in == ["ada"]
    assert (folder / "02_second.ipynb").read_bytes() == mine
    assert (folder / "01_first.ipynb").is_file()


def test_a_link_in_submitted_keeps_one_student_out_and_no_other(
    course: Course, tmp_path: Path
) -> None:
    course.submitted.mkdir()
    (course.submitted / "ada").symlink_to(tmp_path)
    report = collect(course, downloads.gradescope(tmp_path / "g.zip", the_class(course)[:2]))
    assert list(report.failed) == ["ada"]
    assert report.changed == ["u77"]


def test_a_layout_can_be_forced_and_two_that_fit_are_told(course: Course, tmp_path: Path) -> None:
    data = handed_in(Store(course), "01_first")
    names = [
        "ps_ada_attempt_2026-02-01-10-00-00_12_34_x.ipynb",
        "ps_007_attempt_2026-02-03-10-00-00_12_34_x.ipynb",
    ]
    entries = [(name, data + b" " * n, None) for n, name in enumerate(names)]
    path = zip_of(tmp_path / "d.zip", entries)
    with pytest.raises(UsageError, match=r"fits Canvas and nbgrader. Say which with --from"):
        collect(course, path)
    assert collect(course, path, layout="nbgrader").changed == ["007", "ada"]
    assert notebook_times(course, "two", "ada")["01_first"].when == START


def test_nbgraders_exchange_tells_student_and_time(course: Course, tmp_path: Path) -> None:
    store, inbound = Store(course), tmp_path / "inbound"
    for name, when in (
        ("ada", "2026-02-01 10:00:00.250000 UTC"),
        ("a+b", "2026-02-01 11:00:00 UTC"),
    ):
        folder = inbound / f"{name}+two+{when}+Zm9v"
        folder.mkdir(parents=True)
        (folder / "01_first.ipynb").write_bytes(handed_in(store, "01_first", name))
        (folder / "timestamp.txt").write_text("2020-01-01 00:00:00 UTC")
    other = inbound / "ada+other+2026-02-01 10:00:00 UTC"
    other.mkdir()
    (other / "x.ipynb").write_bytes(b"{}")
    report = collect(course, inbound, people=(*PEOPLE, Person("a+b", "A", "B")))
    assert report.changed == ["a+b", "ada"]
    assert notebook_times(course, "two", "ada")["01_first"].when == START + timedelta(seconds=0.25)
    assert [one.reason for one in report.left] == ["belongs to the assignment other"]


def test_texts_typed_into_the_system_are_told(course: Course, tmp_path: Path) -> None:
    canvas = [
        ("lovelaceada_1203_text.html", b"<p>", None),
        ("lovelaceada_1203_9_a.ipynb", b"{}", None),
    ]
    moodle = [
        ("Ada Lovelace_1_assignsubmission_onlinetext_/onlinetext.html", b"<p>", None),
        ("Ada Lovelace_1_assignsubmission_file_/a.txt", b"no notebook", None),
    ]
    for name, entries in (("c.zip", canvas), ("m.zip", moodle)):
        report = collect(course, zip_of(tmp_path / name, entries))
        assert len(report.left) == 1
        assert "text" in report.left[0].reason
        assert "no notebook of two" in " ".join(report.rows[0].notes)


def test_a_module_that_canvas_renamed_keeps_its_name(course: Course, tmp_path: Path) -> None:
    data = handed_in(Store(course), "01_first")
    entries = [
        ("lovelaceada_1203_8_01_first-1.ipynb", data, None),
        ("lovelaceada_1203_9_helper-2.py", b"x", None),
    ]
    collect(course, zip_of(tmp_path / "c.zip", entries))
    assert set(tree(course.submitted / "ada" / "two")) == {"01_first.ipynb", "helper.py"}


def test_files_of_tools_are_no_files_of_students(course: Course, tmp_path: Path) -> None:
    inbox = downloads.plain(tmp_path / "clones", the_class(course)[:2])
    for name in (".git/config", "__pycache__/helper.cpython-312.pyc", ".DS_Store"):
        path = inbox / "ada" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    collect(course, inbox)
    (version,) = Store(course).versions("two", "ada")
    assert set(version.digests) == {"01_first.ipynb"}


def test_a_path_that_is_not_there_is_refused(course: Course, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        collect(course, tmp_path / "nothing.zip")
