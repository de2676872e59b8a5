"""The command line from beginning to end, and its messages for wrong usage."""

from __future__ import annotations

import csv
import io
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from classroom import cli
from classroom.people.roster import by_token
from classroom.storage.database import Database
from tests.classroom.world import LABELS, NAMES, PICTURES, World, file_with, half_right

TOML = """
slug = "places"
title = "Places [2026]"
metric = "top5_error"
labels = "labels.txt"
public_fraction = 0.5
daily_limit = 3
team_size = 2
[points]
zero_at = 0.9
full_at = 0.1
max = 20
"""
ROSTER = """id,name,email,team
ada,Ada Lovelace,ada@uni.test,Duo
bob,"Bob, the second",bob@uni.test,Duo
cyd,Cyd,,
"""


class Run:
    """The command line in a folder of its own; stores the output of the last command."""

    def __init__(self, folder: Path, url: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.url, self._capsys = folder, url, capsys
        self.out = self.err = ""

    def __call__(self, *words: str, db: bool = True, program: str = "leaderboard") -> int:
        arguments = [*words, *(["--db", self.url] if db else [])]
        code = 0
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", [program, *arguments])
            patch.chdir(self.folder)
            try:
                cli.main()
            except SystemExit as end:
                code = int(end.code or 0)
        self.out, self.err = self._capsys.readouterr()
        return code

    def rows(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.out)))


@pytest.fixture
def run(tmp_path: Path, db_url: str, capsys: pytest.CaptureFixture[str]) -> Run:
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "c.toml").write_text(TOML)
    labels = zip(NAMES, LABELS.tolist(), strict=True)
    (folder / "labels.txt").write_text("".join(f"{name} {label}\n" for name, label in labels))
    (folder / "roster.csv").write_text(ROSTER)
    (folder / "base.txt").write_bytes(file_with(np.arange(PICTURES) < 20))
    return Run(folder, db_url, capsys)


def test_a_competition_from_its_file_to_the_gradebook(run: Run) -> None:
    assert run("competition", "create", "c.toml") == 0
    assert run.out == "places: 60 pictures, 30 of them public, 10 classes\n"
    assert run("roster", "import", "roster.csv") == 0
    assert [row["id"] for row in run.rows()] == ["ada", "bob", "cyd"]
    assert run.err == "3 students, 3 of them new\n"
    tokens = {row["id"]: row["token"] for row in run.rows()}
    assert run("student", "add", "dot", "Dot", "--email", "dot@uni.test") == 0
    tokens |= {row["id"]: row["token"] for row in run.rows()}
    assert run("instructor", "add", "teacher") == 0
    (teacher,) = run.rows()
    assert run("token", "rotate", "cyd") == 0
    (cyd,) = run.rows()
    assert cyd["token"] != tokens["cyd"]
    assert run("baseline", "add", "places", "first third", "base.txt") == 0
    assert run.out.startswith("first third: top5_error 0.")
    db = Database(run.url)
    with db.read() as session:
        assert by_token(session, tokens["cyd"]) is None
        assert by_token(session, cyd["token"]) is not None
        who = by_token(session, teacher["token"])
        assert who is not None and who.role == "instructor"
    world = World(db)
    first = world.taken(tokens["ada"], file_with(half_right(world.public(), 20, 25)))
    second = world.taken(tokens["dot"], file_with(half_right(world.public(), 29, 29)))
    assert run("standings", "places") == 0
    assert "Places [2026], public" in run.out
    assert "first third (baseline)" in run.out
    assert run("disqualify", str(second["id"]), "--why", "had the labels") == 0
    assert run.out == "submission 3 is disqualified\n"
    assert run("standings", "places", "--csv") == 0
    assert [(row["student"], row["private"], row["points"]) for row in run.rows()][:1] == [
        ("ada", "", "")
    ]
    assert run("standings", "places", "--private", "--csv") == 0
    rows = {row["student"]: row for row in run.rows()}
    assert list(rows) == ["ada", "bob", "cyd", "dot"]
    assert rows["bob"]["private"] == "0.166667"
    assert rows["bob"]["points"] == "18.33"
    assert (rows["dot"]["entries"], rows["dot"]["points"]) == ("0", "0")
    assert first["rank"] == 1
    assert run("finalize", "places") == 0
    assert run.out.startswith("places is finalized")
    assert run("standings", "places", "--csv") == 0
    assert {row["student"]: row for row in run.rows()} == rows
    db.close()


def test_a_second_import_adds_and_corrects_and_keeps_tokens(run: Run) -> None:
    assert run("roster", "import", "roster.csv") == 0
    more = ROSTER.replace("Cyd", "Cyd Charisse") + "eve,Eve,eve@uni.test,\n"
    (run.folder / "roster.csv").write_text(more)
    assert run("roster", "import", "roster.csv") == 0
    assert [row["id"] for row in run.rows()] == ["eve"]
    assert run.err == "4 students, 1 of them new\n"


def test_a_team_that_is_too_large_is_said(run: Run) -> None:
    run("roster", "import", "roster.csv")
    run("student", "add", "dot", "Dot", "--team", "Duo")
    assert run("competition", "create", "c.toml") == 0
    assert run.err == "the team Duo has 3 members, places allows 2: it cannot submit there\n"


@pytest.mark.parametrize(
    ("roster", "expected"),
    [
        ("", "line 1: the columns must be id, name, email and perhaps team"),
        ("id,name\na,A\n", "line 1: the columns must be id, name, email and perhaps team"),
        ("id,name,email\n", "there is nobody in the file"),
        ("id,name,email\nada,Ada\n", "line 2: 2 fields, expected 3"),
        ("id,name,email\nada,Ada,\n\nada,Ada,\n", "line 4: ada is in line 2 already"),
        ("id,name,email\n=cmd,Ada,\n",
         "line 2: the id '=cmd' is not 1 to 100 letters, digits or _ . @ - (no hyphen in front)"),
        ("id,name,email\nada,,\n", "line 2: the name '' is not one line of 1 to 200 letters"),
        ("id,name,email\nada,Ada,nowhere\n", "line 2: 'nowhere' is not an address for e-mail"),
        ("id,name,email,team\nada,Ada,,=1+1\n",
         "line 2: the team '=1+1' does not begin with a letter or a digit, or is longer than 80"),
        ('id,name,email\nada,"Ada,\n', "line 2: 2 fields, expected 3"),  # the quote never ends
    ],
)  # fmt: skip
def test_each_mistake_of_a_roster_is_named_and_nothing_is_imported(
    run: Run, roster: str, expected: str
) -> None:
    (run.folder / "roster.csv").write_text(roster)
    assert run("roster", "import", "roster.csv") == 2
    assert run.out == ""
    assert run.err == f"leaderboard: roster.csv: {expected}\n"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("standings nothing", "there is no competition 'nothing'"),
        ("finalize nothing", "there is no competition 'nothing'"),
        ("baseline add nothing x base.txt", "there is no competition 'nothing'"),
        ("baseline add nothing x none.txt", "none.txt cannot be read: No such file or directory"),
        ("disqualify 7 --why because", "there is no scored submission 7"),
        ("token rotate nobody", "there is nobody with the id 'nobody'"),
        ("competition create none.toml", "none.toml cannot be read: No such file or directory"),
        ("roster import none.csv", "none.csv cannot be read: No such file or directory"),
        ("student add a,b Name",
         "the id 'a,b' is not 1 to 100 letters, digits or _ . @ - (no hyphen in front)"),
    ],
)  # fmt: skip
def test_wrong_usage_is_one_message_and_exit_code_2(run: Run, words: str, expected: str) -> None:
    assert run(*words.split()) == 2
    assert run.err == f"leaderboard: {expected}\n"
    assert run.out == ""


def test_a_message_begins_with_the_name_that_was_typed(run: Run) -> None:
    assert run("standings", "nothing", program="classroom") == 2
    assert run.err == "classroom: there is no competition 'nothing'\n"
    assert run("standings", "nothing", program="/opt/x/leaderboard/__main__.py") == 2
    assert run.err == "leaderboard: there is no competition 'nothing'\n"


def test_what_exists_is_not_made_twice(run: Run) -> None:
    assert run("competition", "create", "c.toml") == 0
    assert run("competition", "create", "c.toml") == 2
    assert run.err == "leaderboard: there is a competition places already\n"
    assert run("student", "add", "ada", "Ada") == 0
    assert run("student", "add", "ada", "Ada") == 2
    assert "for a new token: leaderboard token rotate" in run.err
    assert run("finalize", "places") == 0
    assert run("finalize", "places") == 2
    assert "places was finalized on " in run.err


def test_every_problem_of_a_competition_file_is_a_line(run: Run) -> None:
    (run.folder / "c.toml").write_text(TOML.replace("0.5", "7").replace("= 3", "= 0"))
    assert run("competition", "create", "c.toml") == 2
    assert run.err.splitlines() == [
        "leaderboard: c.toml: public_fraction is 7, expected a number between 0 and 1",
        "c.toml: daily_limit is 0, expected a whole number from 1 to 10000",
    ]


@pytest.mark.parametrize("words", [["nonsense"], ["standings"], ["disqualify", "1"], ["demo", "x"]])
def test_words_that_are_no_command_end_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    run = Run(tmp_path, "sqlite:///x.db", capsys)
    assert run(*words) == 2
    assert "Traceback" not in run.err
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_cannot_be_used_ends_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run(tmp_path, "sqlite:///no/such/folder.db", capsys)
    assert run("standings", "places") == 1
    assert run.err.startswith("leaderboard: the database no/such/folder.db cannot be opened")


def test_an_address_that_is_taken_is_told_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run(tmp_path, "sqlite:///board.db", capsys)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert run("serve", "--port", str(taken.getsockname()[1])) == 2
    assert "cannot listen on 127.0.0.1:" in run.err


def test_it_runs_as_a_module_with_a_database_in_the_current_folder(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "leaderboard", "student", "add", "ada", "Ada"],
        cwd=tmp_path, env={"PYTHONPATH": str(root), "PATH": ""}, capture_output=True, text=True,
        timeout=300,
    )  # fmt: skip
    assert done.stderr == ""
    assert done.stdout.startswith("id,token\nada,")
    assert (tmp_path / "leaderboard.db").exists()


def test_the_demo_makes_a_term(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = Run(tmp_path, f"sqlite:///{tmp_path / 'demo.db'}", capsys)
    assert run("demo", "--students", "8") == 0
    said = run.out
    assert run("standings", "demo", "--private", "--csv") == 0
    rows = run.rows()
    assert len(rows) == 8
    assert max(float(row["points"]) for row in rows) > 3
    assert run("standings", "demo") == 0
    assert run.out.count("(baseline)") == 3
    db = Database(run.url)
    with db.read() as session:
        words = [line.rpartition(": ")[2] for line in said.splitlines()]
        roles = [who.role for who in (by_token(session, word) for word in words) if who]
    assert roles == ["student", "instructor"]
    db.close()
    assert run("demo") == 2
    assert run.err == "leaderboard: there is a competition demo already\n"
