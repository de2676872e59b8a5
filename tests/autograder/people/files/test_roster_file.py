from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.people.files.roster_file import read_roster, split_name
from autograder.people.person import Person
from tests.autograder.people import rosters


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "roster.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def ids(folder: Path, text: str | bytes, column: str = "") -> list[str]:
    return list(read_roster(write(folder, text), column).people)


def refused(folder: Path, text: str | bytes, column: str = "") -> str:
    with pytest.raises(UsageError) as caught:
        read_roster(write(folder, text), column)
    return str(caught.value)


def test_the_gradebook_of_canvas(tmp_path: Path) -> None:
    found = read_roster(write(tmp_path, rosters.CANVAS_GRADEBOOK))
    assert (found.layout, found.id_heading) == ("Canvas, gradebook", "SIS Login ID")
    assert list(found.people.values()) == [
        Person("ada", "Ada", "Lovelace", "", "CS 1, A",
               {"canvas": "1203", "sis": "00077", "login": "ada"}),
        Person("zoe", "Zoë", "O'Brien-Sørensen", "", "B",
               {"canvas": "1204", "sis": "00078", "login": "zoe"}),
        Person("wukong", "", "孙悟空", "", "B",
               {"canvas": "1205", "sis": "00079", "login": "wukong"}),
    ]  # fmt: skip
    assert found.remarks == ["line 6: Canvas's test student was left out"]


def test_the_gradebook_of_canvas_with_names_apart(tmp_path: Path) -> None:
    found = read_roster(write(tmp_path, rosters.CANVAS_NAMES_APART))
    assert [one.name for one in found.people.values()] == ["Ada Lovelace"]
    assert found.people["ada"].other_ids["canvas"] == "1203"


@pytest.mark.parametrize(
    ("head", "others"),
    [
        ("id,First name,Last name,Section,Email", {}),
        ("id,First name,Last name,Section,Canvas ID", {"canvas": "1203"}),
        ("ID;Last Name;First Name;Section;Canvas User ID", {"canvas": "1203"}),
    ],
)
def test_the_id_of_a_table_of_ones_own_is_not_canvas_s(
    tmp_path: Path, head: str, others: dict[str, str]
) -> None:
    separator = ";" if ";" in head else ","
    row = separator.join(["ada", "Ada", "Lovelace", "A", "1203" if others else "ada@uni.example"])
    person = read_roster(write(tmp_path, f"{head}\n{row}\n")).people["ada"]
    assert person.other_ids == others


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("", ["ada", "zoe", "wukong"]),
        ("SIS User ID", ["00077", "00078", "00079"]),
        ("sis_user_id", ["00077", "00078", "00079"]),
        ("ID", ["1203", "1204", "1205"]),
    ],
)
def test_the_column_of_the_id_can_be_chosen(
    tmp_path: Path, column: str, expected: list[str]
) -> None:
    assert ids(tmp_path, rosters.CANVAS_GRADEBOOK, column) == expected


def test_a_canvas_without_logins_takes_its_own_ids(tmp_path: Path) -> None:
    assert ids(tmp_path, rosters.CANVAS_NO_LOGIN) == ["1203"]


def test_people_of_canvas_with_roles_and_two_sections(tmp_path: Path) -> None:
    found = read_roster(write(tmp_path, rosters.CANVAS_PEOPLE))
    assert found.layout == "Canvas, people"
    (ada,) = found.people.values()
    assert (ada.id, ada.section, ada.other_ids) == ("ada", "A, B", {"login": "ada", "sis": "00077"})
    assert found.remarks == [
        "not students, left out: line 3: Grace Hopper (TA); line 4: Barbara Liskov (Teacher)",
        "line 5: Ada Lovelace (ada) again, as in line 2; taken once",
    ]


def test_participants_of_moodle(tmp_path: Path) -> None:
    found = read_roster(write(tmp_path, rosters.MOODLE_PEOPLE))
    assert (found.layout, found.id_heading) == ("Moodle, participants", "ID number")
    assert list(found.people) == ["00077", "00078", "00079"]
    assert found.people["00077"].section == "Group 1, Group 2"
    assert found.people["00078"].name == "محمد الخوارزمي"
    assert found.people["00079"].name == "Suharto"


def test_participants_of_a_german_moodle(tmp_path: Path) -> None:
    found = read_roster(write(tmp_path, rosters.MOODLE_GERMAN.encode("cp1252")))
    assert found.id_heading == "Anmeldename"
    assert [one.name for one in found.people.values()] == ["Jürgen Groß-Müller", "Ada Lovelace"]
    assert found.people["jgross"].other_ids == {"login": "jgross", "sis": "0012345"}
    assert found.people["jgross"].section == "Übung 1"


def test_signs_of_windows_are_read(tmp_path: Path) -> None:
    found = read_roster(write(tmp_path, "id;name\nzoe;Zoë O’Šea €\n".encode("cp1252")))
    assert found.people["zoe"].name == "Zoë O’Šea €"


def test_a_grading_worksheet_of_moodle(tmp_path: Path) -> None:
    found = read_roster(write(tmp_path, rosters.MOODLE_WORKSHEET))
    assert found.layout == "Moodle, grading worksheet"
    assert list(found.people) == ["ada@example.org", "zoe@example.org"]
    assert all(not one.other_ids for one in found.people.values())


def test_the_roster_of_gradescope(tmp_path: Path) -> None:
    found = read_roster(write(tmp_path, rosters.GRADESCOPE))
    assert (found.layout, found.id_heading) == ("Gradescope, roster", "SID")
    assert list(found.people) == ["00077", "00078"]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_line_ends_and_separators(
    tmp_path: Path, separator: str, newline: str, encoding: str
) -> None:
    lines = [["ada", '"Lovelace, Ada"', "a@x.org"], ["ö1", "孙悟空", ""]]
    text = newline.join(separator.join(line) for line in [["id", "name", "email"], *lines])
    found = read_roster(write(tmp_path, text.encode(encoding)))
    assert {one.id: one.name for one in found.people.values()} == {
        "ada": "Ada Lovelace",
        "ö1": "孙悟空",
    }


def test_a_byte_order_mark_of_big_endian_utf_16(tmp_path: Path) -> None:
    data = codecs.BOM_UTF16_BE + "id;name\nada;Ada\n".encode("utf-16-be")
    assert ids(tmp_path, data) == ["ada"]


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("Student ID", "id"), ("STUDENT_ID", "id"), ("User Name", "login"), ("NetID", "login"),
        ("Matrikel-Nr.", "sis"), ("E-Mail", "email"), ("Benutzername", "login"),
        ("Kennung", "id"), ("ID-Nummer", "sis"), ("student", "id"),
    ],
)  # fmt: skip
def test_usual_headings_are_known_in_any_order(tmp_path: Path, heading: str, kind: str) -> None:
    found = read_roster(write(tmp_path, f"Nachname,{heading},Vorname\nLovelace,0007,Ada\n"))
    assert found.id_heading == heading
    assert found.people["0007"].name == "Ada Lovelace"
    others = {kind: "0007"} if kind in ("login", "sis") else {}
    assert found.people["0007"].other_ids == others


def test_leading_zeros_stay_and_excels_quotes_go(tmp_path: Path) -> None:
    assert ids(tmp_path, 'id,name\n007,Ada\n"=""008""",Bob\n') == ["007", "008"]


def test_headings_may_follow_a_title_and_the_line_of_excel(tmp_path: Path) -> None:
    assert ids(tmp_path, "sep=;\nCourse list of 2026;\n\nid;name\nada;Ada\n") == ["ada"]


def test_empty_rows_are_nobody(tmp_path: Path) -> None:
    assert ids(tmp_path, "id,name\n,\nada,Ada\n\n,,\n") == ["ada"]


def test_text_is_cleaned(tmp_path: Path) -> None:
    found = read_roster(write(tmp_path, 'id,name\n ada ,"A\u202eda\n  Love\x1b[31mlace"\n'))
    assert found.people["ada"].name == "Ada Love[31mlace"
    decomposed = read_roster(write(tmp_path, "id,name\nzoe\u0308,Zoe\u0308\n"))
    assert [(one.id, one.name) for one in decomposed.people.values()] == [("zoë", "Zoë")]


def test_joiners_of_persian_names_stay(tmp_path: Path) -> None:
    found = read_roster(write(tmp_path, "id,name\nm,علی\u200cرضا\n"))
    assert found.people["m"].name == "علی\u200cرضا"


def test_problems_are_told_by_line_and_nothing_is_taken(tmp_path: Path) -> None:
    told = refused(
        tmp_path,
        "id,name\nada,Ada Lovelace\n,Nobody Known\nada,Grace Hopper\nAda,Ada Again\na/b,X\n"
        f"..,Y\n.git,Z\n{'x' * 200},Long\n",
    )
    for part in (
        "line 3: no id of Nobody Known",
        "line 4: Grace Hopper has the id 'ada', as Ada Lovelace in line 2",
        "line 5: the id 'Ada' differs from 'ada' in line 2 only by upper and lower case",
        "line 6: the id 'a/b' cannot be the name of a folder",
        "line 7: the id '..' cannot be the name of a folder",
        "line 8: the id '.git' is the name of another program's folder",
        "line 9: the id 'xxx",
        "--id COLUMN",
    ):
        assert part in told


def test_lines_are_those_of_the_file_also_after_cells_of_several_lines(tmp_path: Path) -> None:
    told = refused(tmp_path, 'id,name\nada,"Ada\nof\nLondon"\n,Bob\n')
    assert "line 5: no id of Bob" in told


def test_ids_that_are_patterns_are_ids(tmp_path: Path) -> None:
    text = "id,name\n*,A\n[ab]?,B\n.ada,C\n-rf,D\n=1+1,E\nüñî,F\n"
    assert ids(tmp_path, text) == ["*", "[ab]?", ".ada", "-rf", "=1+1", "üñî"]


def test_ids_with_line_breaks_are_refused(tmp_path: Path) -> None:
    assert "control character" in refused(tmp_path, 'id,name\n"a\nb",Ada\n')


def test_ids_that_differ_only_by_form_are_refused(tmp_path: Path) -> None:
    assert "only by upper and lower case" in refused(tmp_path, "id\nSTRASSE\nstraße\n")


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"id,name\n", "holds no students"),
        (b"x,y\n1,2\n", "no column that can be an id"),
        (b"PK\x03\x04rest", "Save the table as CSV"),
        (b'id,name\nada,"' + b"x" * 200_000, "is no table"),
    ],
)
def test_files_that_are_no_roster_are_told(tmp_path: Path, data: bytes, part: str) -> None:
    assert part in refused(tmp_path, data)


def test_an_unknown_column_and_a_missing_file_are_told(tmp_path: Path) -> None:
    told = refused(tmp_path, rosters.PLAIN, "kennung")
    assert "no column 'kennung'" in told
    assert "'email', 'id', 'name'" in told
    with pytest.raises(UsageError, match="cannot be read"):
        read_roster(tmp_path / "none.csv")
    with pytest.raises(UsageError, match="cannot be read"):
        read_roster(tmp_path)


def test_a_column_that_is_no_usual_one_can_be_the_id(tmp_path: Path) -> None:
    assert ids(tmp_path, "Badge;id\nB7;1\n", "Badge") == ["B7"]


def test_a_large_roster_is_read(tmp_path: Path) -> None:
    rows = "".join(f"s{n:06},Ada {n}\n" for n in range(100_000))
    assert len(ids(tmp_path, f"id,name\n{rows}")) == 100_000


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Lovelace, Ada", ("Ada", "Lovelace")),
        ("Ada Augusta Lovelace", ("Ada Augusta", "Lovelace")),
        ("Pelé", ("", "Pelé")),
        ("", ("", "")),
        ("King, Martin Luther, Jr.", ("Martin Luther, Jr.", "King")),
    ],
)
def test_full_names_are_split(name: str, parts: tuple[str, str]) -> None:
    assert split_name(name) == parts
