"""The columns of rosters: their usual headings, and the layouts of learning management systems.

Canvas, gradebook export: ``Student, ID, SIS User ID, SIS Login ID, Section``, then assignments;
a row "Points Possible" under the headings
(https://community.canvaslms.com/t5/Instructor-Guide/-/ta-p/807 "How do I import grades",
and ``lib/gradebook_importer.rb`` in https://github.com/instructure/canvas-lms). Canvas, lists of
people: names with "Login ID", "SIS ID", "Section" and "Role".

Moodle, participants: ``First name, Last name, ID number, Email address, Groups``
(https://docs.moodle.org/en/Enrolled_users). Moodle, grading worksheet: ``Identifier, Full name,
Email address, Status, Grade, Maximum Grade, Grade can be changed``
(https://docs.moodle.org/en/Assignment_settings).

Gradescope, roster: names in one or two columns, ``Email``, ``SID``, ``Role``, sections
(https://guides.gradescope.com/hc/en-us/articles/21926598776333-Adding-Students-and-Staff).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

ID_KINDS = ("id", "login", "sis", "canvas", "moodle", "email")
"""The kinds of columns that may become the id, the preferred one first."""

OTHER_IDS = ("login", "sis", "canvas", "moodle", "integration")
"""The kinds of ids of other systems that a person keeps."""

_HEADINGS = {
    "id": "id|studentid|student|userid|user|kennung|teilnehmerid|teilnehmer|uid",
    "login": "sisloginid|loginid|login|username|netid|benutzername|anmeldename|nutzername|"
    "benutzerkennung|account|accountname|unixname|rzkennung|uniid",
    "sis": "sisuserid|sisid|studentsisid|sid|idnumber|idnummer|idnr|matriculationnumber|"
    "matriculation|matriculationno|matrikelnummer|matrikelnr|matrnr|matnr|matrikel|studentnumber|"
    "studentno|universityid|registrationnumber|registrationno|personnumber",
    "canvas": "canvasid|canvasuserid|studentcanvasid",
    "moodle": "moodleid|moodleuserid",
    "integration": "integrationid",
    "email": "email|emailaddress|mail|emailadresse|mailadresse|studentemail|useremail",
    "name": "name|fullname|studentname|displayname|sortablename|vollstandigername|vollername|"
    "anzeigename|vorundnachname|namevorname|nachnamevorname|lastnamefirstname|firstnamelastname",
    "first": "firstname|first|givenname|givennames|forename|vorname|vornamen|rufname|prenom",
    "last": "lastname|last|surname|familyname|nachname|familienname|zuname",
    "section": "section|sections|sectionname|group|groups|gruppe|gruppen|tutorial|tutorium|"
    "ubung|ubungsgruppe|class|klasse|seminar|lab|kohorte|cohort",
    "role": "role|roles|rolle|rollen|courserole",
}  # fmt: skip
_KIND_OF = {heading: kind for kind, words in _HEADINGS.items() for heading in words.split("|")}
_CANVAS_ONLY = {"sisloginid", "sisuserid", "sisid", "studentsisid", "canvasuserid", "canvasid"}
_CANVAS_IDS = {"canvasid", "canvasuserid", "studentcanvasid"}
_WORKSHEET = {"maximumgrade", "gradecanbechanged", "bestwertung", "bewertungkanngeandertwerden"}
_MOODLE_ONLY = {"idnumber", "idnummer", "emailaddress", "emailadresse"}


class Layout(StrEnum):
    """The program that wrote a file."""

    CANVAS_GRADEBOOK = "Canvas, gradebook"
    CANVAS_PEOPLE = "Canvas, people"
    MOODLE_WORKSHEET = "Moodle, grading worksheet"
    MOODLE_PEOPLE = "Moodle, participants"
    GRADESCOPE = "Gradescope, roster"
    PLAIN = "CSV"

    @property
    def is_canvas(self) -> bool:
        return self in (Layout.CANVAS_GRADEBOOK, Layout.CANVAS_PEOPLE)


@dataclass(frozen=True)
class Columns:
    """The recognised columns: their positions by kind, and all headings as they are written."""

    layout: Layout
    headings: tuple[str, ...]
    positions: dict[str, int]

    def cell(self, cells: Sequence[str], kind: str) -> str:
        """A row's cell of a kind; empty if there is none."""
        position = self.positions.get(kind)
        return "" if position is None or position >= len(cells) else cells[position]


def recognised(headings: Sequence[str]) -> int:
    """The number of recognised headings in a row; 0 unless one of them can be an id."""
    kinds = {kind for kind in map(_kind, headings) if kind}
    return len(kinds) if kinds & set(ID_KINDS) else 0


def columns_of(headings: Sequence[str]) -> Columns:
    """The columns of a table with these headings."""
    known = [_plain(heading) for heading in headings]
    layout = _layout(set(known))
    positions: dict[str, int] = {}
    for position, heading in enumerate(known):
        kind = _kind_in(layout, heading, set(known))
        if kind is not None:
            positions.setdefault(kind, position)
    return Columns(layout, tuple(headings), positions)


def find_column(headings: Sequence[str], wanted: str) -> int | None:
    """The position of a column that a person named, in any case and spacing; None if unknown."""
    exact = [position for position, heading in enumerate(headings) if heading == wanted]
    loose = [n for n, heading in enumerate(headings) if _plain(heading) == _plain(wanted)]
    found = exact or loose
    return found[0] if found else None


def _layout(known: set[str]) -> Layout:
    has_names = {"lastname", "firstname"} <= known and bool(known & _CANVAS_ONLY - _CANVAS_IDS)
    if {"id", "section"} <= known and ("student" in known or has_names):
        return Layout.CANVAS_GRADEBOOK
    if known & _CANVAS_ONLY:
        return Layout.CANVAS_PEOPLE
    if known & _WORKSHEET:
        return Layout.MOODLE_WORKSHEET
    if "sid" in known and "email" in known:
        return Layout.GRADESCOPE
    names = {_KIND_OF.get(heading) for heading in known}
    if known & _MOODLE_ONLY and {"first", "last"} <= names:
        return Layout.MOODLE_PEOPLE
    return Layout.PLAIN


def _kind_in(layout: Layout, heading: str, known: set[str]) -> str | None:
    """The kind of a heading in a layout, where one heading has several meanings."""
    if layout.is_canvas and heading in ("id", "studentid") and not known & _CANVAS_IDS:
        return "canvas"
    if layout is Layout.MOODLE_WORKSHEET and heading in ("id", "identifier"):
        return None  # the number of a participant in one assignment only
    others = {one for one in known if _KIND_OF.get(one) in ID_KINDS} - {"student", "teilnehmer"}
    if heading in ("student", "teilnehmer") and others:
        return "name"
    return _KIND_OF.get(heading)


def _kind(heading: str) -> str | None:
    return _KIND_OF.get(_plain(heading))


def _plain(heading: str) -> str:
    """A heading without case, accents, spaces and signs: ``E-Mail-Adresse`` is emailadresse."""
    letters = unicodedata.normalize("NFKD", heading.casefold())
    return re.sub(r"[^\w]|_", "", "".join(c for c in letters if not unicodedata.combining(c)))
