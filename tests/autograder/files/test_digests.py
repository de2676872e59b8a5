from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from autograder.files.digests import PartsDigest, files_digest, submission_digest

PARTS = st.lists(st.binary() | st.text())
FILES = {"b.py": b"2", "a.py": b"1"}
# Gradebooks and stored results hold these: another value would mark every manual grade.
FILES_DIGEST = "8a446078969a653db48535d95b7c250f9f089d9ccd5f16435e0560ffdcf36072"
SUBMISSION_DIGEST = "6e8429818bb13c4b5293b5b29c05e44e121bc983ef24cc3db18026d4d7512932"


@given(PARTS, PARTS)
def test_digests_are_equal_exactly_when_all_parts_are(
    one: list[bytes | str], other: list[bytes | str]
) -> None:
    def as_bytes(parts: list[bytes | str]) -> list[bytes]:
        return [part.encode() if isinstance(part, str) else part for part in parts]

    same = PartsDigest(*one).hex == PartsDigest(*other).hex
    assert same is (as_bytes(one) == as_bytes(other))


def test_parts_do_not_run_into_one_another() -> None:
    assert PartsDigest("ab", "c").hex != PartsDigest("a", "bc").hex


@given(PARTS, PARTS)
def test_parts_that_are_added_to_a_copy_leave_the_digest_as_it_was(
    one: list[bytes | str], more: list[bytes | str]
) -> None:
    digest = PartsDigest(*one)
    copy = digest.copy()
    for part in more:
        copy.add(part)
    assert copy.hex == PartsDigest(*one, *more).hex
    assert digest.hex == PartsDigest(*one).hex


def test_a_digest_of_files_covers_every_byte_and_name() -> None:
    one = files_digest(b"notebook", {"a.py": b"1", "b.py": b"2"})
    assert one == files_digest(b"notebook", FILES) == FILES_DIGEST
    assert one == files_digest(PartsDigest(b"notebook"), FILES)
    others = [
        files_digest(b"Notebook", {"a.py": b"1", "b.py": b"2"}),
        files_digest(b"notebook", {"a.py": b"1", "c.py": b"2"}),
        files_digest(b"notebook", {"a.py": b"1", "b.py": b"3"}),
        files_digest(b"notebook", {"a.py": b"1"}),
    ]
    assert len({one, *others}) == 5


def test_files_are_hashed_as_they_are() -> None:
    class Weights(bytes):
        def __repr__(self) -> str:
            raise AssertionError("the text of 45 MB takes seconds")

    assert files_digest(b"", {"w": Weights(b"1")}) == files_digest(b"", {"w": b"1"})


def test_a_digest_of_a_submission_covers_its_modules_and_not_its_weights() -> None:
    notebook = hashlib.sha256(b"notebook").digest()
    one = submission_digest(notebook, {"b.py": b"2", "a.safetensors": b"1"})
    assert one == submission_digest(notebook, {"other.py": b"2"}) == SUBMISSION_DIGEST
    assert one != submission_digest(notebook, {"b.py": b"3"})
