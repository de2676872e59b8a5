"""Collects downloads: matches hand-ins to students, stores them, and derives ``submitted/``."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from autograder.collect.download import Claim, Download, HandIn, Left, RecordedTime
from autograder.collect.layouts.layout import Class, Layout
from autograder.collect.layouts.recognise import BY_NAME, is_download, layout_of
from autograder.collect.map_file import MapFile
from autograder.collect.matching import Roster
from autograder.collect.reading import Reader
from autograder.collect.report import News, ReadDownload, Report, Row, Unmatched
from autograder.collect.zones import by_file_times, hand_in_time
from autograder.course.layout import Course
from autograder.errors import UsageError
from autograder.people.person import Person
from autograder.received.disk.incoming import Incoming, TooMuch
from autograder.received.disk.names import check_folder_name
from autograder.received.store import Added, Store, Version
from autograder.received.submitted import derive_submitted, take_in
from autograder.received.versions.origin import Origin

DueTime = Callable[[str], datetime | None]


@dataclass(frozen=True)
class Choices:
    """The choices of a person who collects.

    ``layout`` forces a layout; ``zone`` is the zone of local times; ``file_times`` takes the times
    of files as times of hand-in; ``add_strangers`` takes hand-ins of people in no roster.
    """

    layout: str = ""
    zone: ZoneInfo | None = None
    mapping: MapFile = field(default_factory=MapFile)
    file_times: bool = False
    add_strangers: bool = False
    dry_run: bool = False


@dataclass
class Collection:
    """One run of ``collect``. ``due`` gives the due time (aware) of a student, or None."""

    course: Course
    assignment: str
    people: Mapping[str, Person]
    choices: Choices
    due: DueTime = lambda _: None
    advance: Callable[[int, int, str], None] = lambda *_: None

    def collect(self, paths: Sequence[Path]) -> Report:
        """Collect the downloads at these paths. Raises UsageError and DiskError."""
        self.roster = Roster(self.people, self.choices.mapping.students)
        self.report = Report(self.assignment, self.choices.dry_run)
        self.report.zone = self.choices.zone.key if self.choices.zone else ""
        with tempfile.TemporaryDirectory(prefix="collect-") as folder:
            scratch, rehearsal = Path(folder) / "files", Path(folder) / "dry" / "received"
            scratch.mkdir()
            rehearsal.parent.mkdir()
            self.store = Store(self.course, rehearsal=rehearsal if self.choices.dry_run else None)
            bundles, _ = self.store.bundles(self.assignment)
            self._check_mapping()
            about = Class(
                self.assignment,
                tuple(bundle.name for bundle in bundles),
                self.roster.knows,
                self.roster.is_real,
                str(self.course.config.FileNameCollectorPlugin.get("named_regexp", "")),
            )
            found = self._hand_ins(paths, scratch, about)
            self._take(found)
        return self.report

    def _check_mapping(self) -> None:
        """Refuse students of the mapping file that no roster holds."""
        strangers = sorted(set(self.choices.mapping.students.values()) - set(self.people))
        if strangers and self.roster.is_real and not self.choices.add_strangers:
            raise UsageError(
                f"the mapping file names {', '.join(map(repr, strangers[:5]))}, who "
                f"{'is' if len(strangers) == 1 else 'are'} in no roster"
            )

    def _hand_ins(
        self, paths: Sequence[Path], scratch: Path, about: Class
    ) -> list[tuple[str, str, HandIn]]:
        """Layout, download and hand-in, for every hand-in of the downloads."""
        reader = Reader(scratch, lambda names: is_download(names, about))
        found: list[tuple[str, str, HandIn]] = []
        for download in [one for path in paths for one in reader.read(path)]:
            self.report.left += download.left
            layout = self._layout(download, about)
            sorted_out = layout.sort(download, about)
            self.report.left += sorted_out.left
            self.report.downloads.append(
                ReadDownload(download.name, layout.name, len(sorted_out.hand_ins))
            )
            found += [(layout.name, download.name, one) for one in sorted_out.hand_ins]
        return found

    def _layout(self, download: Download, about: Class) -> Layout:
        if self.choices.layout:
            return BY_NAME[self.choices.layout]
        return layout_of(download.name, [file.path for file in download.files], about)

    def _take(self, found: Sequence[tuple[str, str, HandIn]]) -> None:
        by_student: dict[str, list[tuple[str, str, HandIn]]] = {}
        for layout, download, hand_in in found:
            student = self._student(hand_in.claim, download)
            if student:
                timed = replace(hand_in, time=self._recorded(student, hand_in))
                by_student.setdefault(student, []).append((layout, download, timed))
        for number, student in enumerate(sorted(by_student)):
            self.advance(number, len(by_student), student)
            try:
                self._take_one(student, _merged(by_student[student]))
            except (UsageError, TooMuch) as error:
                self.report.failed[student] = str(error)

    def _student(self, claim: Claim, download: str) -> str:
        """The student of a claim; empty if it is kept out."""
        match = self.roster.match(claim)
        if match.student:
            return match.student
        is_open = self.choices.add_strangers or not self.roster.is_real
        if is_open and not match.is_ambiguous:
            try:
                check_folder_name(claim.proposed_id, "the student")
                return claim.proposed_id
            except UsageError as error:
                self.report.left.append(Left(claim.told, str(error)))
                return ""
        self.report.unmatched.append(
            Unmatched(claim.told, download, match.candidates, match.is_ambiguous, match.why)
        )
        return ""

    def _take_one(self, student: str, hand_ins: Sequence[tuple[str, str, HandIn]]) -> None:
        self.report.left += [
            Left(f"{student}, {name}", "this stored version is damaged and does not count")
            for name in self.store.damaged(self.assignment, student)
        ]
        taken = take_in(self.store, self.assignment, student)
        rows = []
        for layout, download, hand_in in hand_ins:
            before = self.store.counting(self.assignment, student)
            known = {one.hand_in for one in self.store.versions(self.assignment, student)}
            origin = self._origin(layout, download, hand_in)
            files = [
                Incoming(name, file.content, file.utc_time or _aware(file.local_time))
                for name, file in hand_in.files
            ]
            added = self.store.add(self.assignment, student, files, origin)
            rows.append(self._row(student, download, hand_in, added, before, known))
        derived = derive_submitted(self.store, self.assignment, student)
        if taken is not None or (derived is not None and derived.taken_in is not None):
            self.report.taken_in.append(student)
        if derived is not None and derived.later_modules:
            self.report.later_modules[student] = "; ".join(
                f"{path} came after {', '.join(names)}, and the time of {', '.join(names)} stays"
                for path, names in derived.later_modules.items()
            )
        if derived is not None and derived.is_changed:
            self.report.changed.append(student)
        self.report.rows += rows

    def _origin(self, layout: str, download: str, hand_in: HandIn) -> Origin:
        time = hand_in.time
        when = hand_in_time(time, self.choices.zone, datetime.now(UTC).replace(tzinfo=None))
        order = hand_in.newest.order
        return Origin(
            kind=layout,
            file=download,
            name=hand_in.claim.told,
            recorded=time.text,
            time=when,
            ordered_at=order if when.when is None and order.year >= 2000 else None,
            marked_late=hand_in.marked_late,
            paths={name: file.path for name, file in hand_in.files},
        )

    def _recorded(self, student: str, hand_in: HandIn) -> RecordedTime:
        times = self.choices.mapping.times
        for name in (student, hand_in.claim.told, *hand_in.claim.texts):
            if name in times:
                return times[name]
        time = hand_in.time
        if time.utc is None and time.local is None and self.choices.file_times:
            time = by_file_times(hand_in)
        if time.utc is None and time.local is None and hand_in.marked_late:
            return replace(time, reason=f"{time.reason}. It is marked as late")
        return time

    def _row(
        self,
        student: str,
        download: str,
        hand_in: HandIn,
        added: Added,
        before: Mapping[str, Version],
        known: set[tuple[str, str, str]],
    ) -> Row:
        version = added.version
        after = self.store.counting(self.assignment, student)
        counts = any(one.name == version.name for one in after.values())
        notes = []
        if not version.notebooks:
            names = ", ".join(name for name, _ in hand_in.files[:3])
            notes.append(f"no notebook of {self.assignment} in it: {names}")
        notes += [
            f"{name} cannot be read"
            for name, held in version.notebooks.items()
            if not held.is_readable
        ]
        if not added.is_new:
            news = News.AGAIN
        elif version.hand_in in known:
            news = News.RETIMED
        elif version.notebooks and not counts:
            news = News.OLDER
        elif any(name in before for name in version.notebooks):
            news = News.REPLACES
        else:
            news = News.NEW
        return Row(
            student,
            download,
            hand_in.claim.told,
            news,
            version.origin.time,
            self.due(student),
            tuple(version.notebooks),
            tuple(notes),
            hand_in.marked_late,
            version.origin.recorded,
            version.digest,
        )


def _merged(
    hand_ins: Sequence[tuple[str, str, HandIn]],
) -> list[tuple[str, str, HandIn]]:
    """The hand-ins of one student; single files of one download are one hand-in."""
    found: dict[tuple[str, str, RecordedTime], tuple[str, str, HandIn]] = {}
    for layout, download, hand_in in hand_ins:
        key = (layout, download, hand_in.time)
        if key in found:
            other = found[key][2]
            hand_in = replace(other, files=(*other.files, *hand_in.files))
        found[key] = (layout, download, hand_in)
    return list(found.values())


def _aware(time: datetime | None) -> datetime | None:
    return None if time is None else time.replace(tzinfo=UTC)
