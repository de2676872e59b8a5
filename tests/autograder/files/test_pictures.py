from __future__ import annotations

import base64

import pytest

from autograder.files.pictures import (
    MAX_IMAGE_BYTES,
    PictureRoom,
    inert_picture,
    with_pictures,
)

CANNOT = "cannot be shown: it is missing, too large or of another kind"


def encoded(*parts: bytes) -> str:
    return base64.b64encode(b"".join(parts)).decode()


PNG = encoded(b"\x89PNG\r\n\x1a\n", b"one")
JPEG = encoded(b"\xff\xd8\xff", b"two")
HUGE = encoded(b"\x89PNG\r\n\x1a\n", bytes(MAX_IMAGE_BYTES))


@pytest.mark.parametrize("data", [None, 7, "", "no base64!", "PHN2Zz4=", ["iVBO", 7], {"a": 1}])
def test_only_pictures_count_as_pictures(data: object) -> None:
    assert inert_picture(data) is None


def test_a_picture_in_lines_is_joined() -> None:
    assert inert_picture(["iVBORw0K\n", "Ggo="]) == ("image/png", "iVBORw0KGgo=")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (encoded(b"GIF89a"), "image/gif"),
        (encoded(b"RIFF0000WEBP"), "image/webp"),
    ],
)
def test_the_kind_of_a_picture_is_what_its_bytes_say(data: str, kind: str) -> None:
    assert inert_picture(data) == (kind, data)
    text, kept = with_pictures(
        "![](attachment:a.png)", {"a.png": {"image/png": data}}, PictureRoom()
    )
    (name,) = kept
    assert text == f"![](attachment:{name})"
    assert kept[name] == {kind: data}


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("q.png", "![q.png](attachment:q.png)"),
        ("a b (1).png", "![x](attachment:a%20b%20(1).png)"),
        ("a b (1).png", "![x](attachment:a%20b%20%281%29.png)"),
        ("a b.png", "![x](<attachment:a b.png>)"),
        ("Grün.png", "![x](attachment:Gr%C3%BCn.png)"),
        ("q.png", '<img src="attachment:q.png" width="300"/>'),
        ("q.png", "<IMG alt=x src=attachment:q.png>"),
        ("q.png", "![x][1]\n\n[1]: attachment:q.png"),
        ("picture-7.png", "![x](attachment:picture-7.png)"),
    ],
)
def test_an_attached_picture_is_found_however_the_text_names_it(name: str, written: str) -> None:
    text, kept = with_pictures(written, {name: {"image/png": PNG}}, PictureRoom())
    assert kept == {"picture-1.png": {"image/png": PNG}}
    assert "attachment:picture-1.png" in text
    assert "<" not in text.replace("<attachment:picture-1.png>", "")


@pytest.mark.parametrize(
    "written",
    [
        f"![image.png](data:image/png;base64,{PNG})",
        f"![image.png][image1]\n\n[image1]: <data:image/png;base64,{PNG}>",
        f'<img src="data:image/png;base64,{PNG}"/>',
    ],
)
def test_a_picture_that_colab_wrote_into_the_text_becomes_an_attachment(written: str) -> None:
    text, kept = with_pictures(written, None, PictureRoom())
    assert kept == {"picture-1.png": {"image/png": PNG}}
    assert PNG not in text and "attachment:picture-1.png" in text


@pytest.mark.parametrize(
    ("written", "attachments"),
    [
        ("![x](attachment:gone.png)", None),
        ("![x](attachment:gone.png)", ["gone.png"]),
        ("![x](attachment:big.png)", {"big.png": {"image/png": HUGE}}),
        ("![x](attachment:a.svg)", {"a.svg": {"image/svg+xml": "<svg/>"}}),
        ("![x](attachment:a.png)", {"a.png": 7}),
        ("![x](data:image/svg+xml;base64,AAAA)", None),
        (f"![x](data:image/png;base64,{HUGE})", None),
    ],
)
def test_a_picture_that_cannot_be_shown_leaves_a_remark(written: str, attachments: object) -> None:
    text, kept = with_pictures(written, attachments, PictureRoom())
    assert kept == {}
    assert text == f"*[the picture “x” {CANNOT}]*"


def test_all_pictures_of_a_notebook_share_one_room() -> None:
    room = PictureRoom(left=len(PNG))
    text, kept = with_pictures(f"![a](data:image/png;base64,{PNG})" * 2, None, room)
    assert len(kept) == 1 and CANNOT in text


def test_prose_about_attachments_is_left_as_it_is() -> None:
    for text in ("see the attachment: it is there", "data:image/png;base64 is a prefix", "a\n"):
        assert with_pictures(text, {"q.png": {"image/png": PNG}}, PictureRoom()) == (text, {})
