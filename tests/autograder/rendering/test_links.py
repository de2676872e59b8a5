from __future__ import annotations

from dataclasses import asdict

from autograder.rendering.links import PageLinks, href_of, links_of, start_name

NAMES = ("01_a", "02_b", "03_c")


def test_the_start_page_takes_no_name_of_a_notebook() -> None:
    assert start_name(NAMES) == "index.html"
    assert start_name(["Index"]) == "index-.html"
    assert start_name(["index", "INDEX-"]) == "index--.html"


def test_the_next_page_is_a_later_one_with_a_mistake() -> None:
    links = links_of("conv", "01_a", NAMES, {"01_a", "03_c"})
    assert (links.after, links.after_name) == ("03_c.html", "03_c")
    assert links_of("conv", "03_c", NAMES, {"01_a", "03_c"}).after == ""
    assert [page.href for page in links.pages] == ["01_a.html", "02_b.html", "03_c.html"]


def test_an_address_cannot_leave_the_folder_or_name_a_scheme() -> None:
    assert href_of("javascript:x#?") == "javascript%3Ax%23%3F.html"
    assert href_of("\udcff é") == "%FF%20%C3%A9.html"  # a file's name that is not UTF-8


def test_links_cross_to_another_process() -> None:
    links = links_of("conv", "01_a", NAMES, {"02_b"})
    assert PageLinks.from_json(asdict(links)) == links
