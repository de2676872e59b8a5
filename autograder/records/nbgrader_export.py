"""The table of ``nbgrader export`` for a course that configures GradesExport.

c.ExportApp.plugin_class = "autograder.nbgrader_plugin.GradesExport"
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.plugins import CsvExportPlugin

from autograder.atomic_write import write_whole
from autograder.records.spreadsheet import harmless
from autograder.records.term.late_penalties import refresh_penalties


class GradesExport(CsvExportPlugin):  # type: ignore[misc] # nbgrader is untyped
    """nbgrader's CSV with present late penalties, quoted fields, and no formulas."""

    def export(self, gradebook: Gradebook) -> None:
        """Write the table to nbgrader's path."""
        refresh_penalties(gradebook, self.config)
        text = io.StringIO(newline="")
        table = csv.writer(text)
        table.writerow(_COLUMNS)
        for assignment in gradebook.assignments:
            if self.assignment and assignment.name not in map(str, self.assignment):
                continue
            submissions = {one.student.id: one for one in assignment.submissions}
            for student in gradebook.students:
                if self.student and student.id not in map(str, self.student):
                    continue
                one = submissions.get(student.id)
                score = one.score if one else 0.0
                penalty = one.late_submission_penalty if one else 0.0
                texts = (student.id, student.last_name, student.first_name, student.email)
                table.writerow(
                    [
                        assignment.name, _shown(assignment.duedate),
                        _shown(one.timestamp if one else None), *map(harmless, texts),
                        score, penalty, max(0.0, score - penalty), assignment.max_score,
                    ]
                )  # fmt: skip
        path = self.to or "grades.csv"
        self.log.info("Exporting grades to %s", path)
        write_whole(Path(path), text.getvalue())


_COLUMNS = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email",
    "raw_score", "late_submission_penalty", "score", "max_score",
)  # fmt: skip


def _shown(value: object) -> str:
    return "" if value is None else str(value)
