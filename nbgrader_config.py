"""One configuration for nbgrader, its formgrader and autograder.

Every nbgrader command run in this folder reads this file; the section ``c.Autograder`` is read by
``autograder`` only and nbgrader passes over it.
"""

from autograder.nbgrader_plugin import install

c = get_config()

# Ids and folders are names for nbgrader too, also where they hold * ? [ ] or begin with a dot. Late
# penalties follow every manual grade and due date. `.venv/bin/nbgrader` needs no PATH.
install()

# --- nbgrader -------------------------------------------------------------------------------

c.CourseDirectory.course_id = "cnn"

# The released notebooks are committed, so that Colab can open them from the repository.
c.CourseDirectory.release_directory = "assignments"

# nbgrader copies everything beside a source notebook into the release. The text a notebook is
# built from holds the solutions, exercises/ holds the hidden tests and private/ holds what only
# they may know: never copy these.
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints",
    "*.pyc",
    "__pycache__",
    "feedback",
    "[0-9]*_*.py",
    "exercises",
    "misconceptions",
    "private",
]

c.ClearSolutions.code_stub = {
    "python": "# YOUR CODE HERE\nraise NotImplementedError()",
}

# `nbgrader autograde` and formgrader's button do what `autograder grade` does: no student's code
# runs in a kernel of nbgrader's.
c.Autograde.exporter_class = "autograder.nbgrader_plugin.StandIn"

# Feedback pages that show the checks, need no network, and do not print the hidden tests.
c.GenerateFeedback.exporter_class = "autograder.nbgrader_plugin.FeedbackExporter"
c.GenerateFeedback.preprocessors = ["autograder.nbgrader_plugin.GetVerdicts"]

# `nbgrader export` writes the late penalties of now, and no formulas for spreadsheets.
c.ExportApp.plugin_class = "autograder.nbgrader_plugin.GradesExport"

# --- autograder -----------------------------------------------------------------------------
# `autograder doctor` lists all settings; these are the ones a course is likely to change. The
# argument `--Autograder.cell_s=30` replaces one for a single run.

# GitHub OWNER/NAME that holds assignments/; released notebooks then get an "Open in Colab" badge.
c.Autograder.repository = ""
c.Autograder.branch = "main"

# Notebooks show these rules of help and collaboration, a text in Markdown of one or more lines, and
# link the course page for the due dates. Release the assignments again after a change.
c.Autograder.help = ""
c.Autograder.course_url = ""

# Late work, as in the lecture: three late days a student over the term. A late day is a started
# period of 24 hours after the due date and the student's extension. After that, each further day
# takes 25 % of the earned points off. docs/late-work.md explains this and other policies.
c.Autograder.late_policy = "late_days"
c.Autograder.late_days = 3
c.Autograder.late_day_fraction = 0.25

# The time zone of due dates that name none: an IANA name, such as "America/Los_Angeles".
c.Autograder.time_zone = "UTC"

# One submission's limits: wall-clock seconds of a cell and of a notebook, megabytes of memory.
c.Autograder.cell_s = 60
c.Autograder.submission_s = 300
c.Autograder.memory_mb = 4096
