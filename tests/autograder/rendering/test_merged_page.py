from __future__ import annotations

from html.parser import HTMLParser

from autograder.rendering.merged_page import merge_pages

HEAD = '<!DOCTYPE html>\n<html lang="en">\n<head>\n<title>{}</title>\n<style>\nmain > p {{ }}\n</style></head>\n'
START = (
    HEAD.format("tiny: ada")
    + """\
<body id="top">
<main class="start">
<h1 class="head">tiny</h1>
<a href="01_a.html#mistake:1">add</a> <a class="x" href="02%20b.html">b</a> <a href="gone.html">g</a>
</main>
</body>
</html>
"""
)
ONE = (
    HEAD.format("01_a")
    + """\
<body id="top">
<main>
<nav class="crumbs" aria-label="pages of this assignment"><a href="index.html">all</a>
<a href="01_a.html" aria-current="page">a</a><a href="02%20b.html">b</a></nav>
<header class="verdict" id="test_add"><span id="mistake:1"></span><a href="#top">up</a></header>
<p>1 &lt; 2 &amp; 3 &#62; &nbsp;<br/>&quot;x&quot; <img alt="a &gt; b" src="data:image/png;base64,AA=="></p>
<pre>def f():
    return "</main >"[:0]</pre>
</main>
</body></html>
"""
).replace('"</main >"[:0]', "None")
TWO = (
    HEAD.format("02 b")
    + """\
<body id="top"><main><details open><summary>x</summary></details>
<header id="test_add"></header><a href="#test_add">here</a> <a href="https://example.org/#a">out</a>
<a href="01_a.html#mistake:1">before</a><a href="index.html#top">start</a></main></body></html>
"""
)


class Read(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.labels: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("id", "href", "aria-label"):
                {"id": self.ids, "href": self.links, "aria-label": self.labels}[name].append(
                    value or ""
                )


def merged() -> str:
    return merge_pages(START, {"01_a.html": ONE, "02 b.html": TWO}, "index.html")


def test_every_link_between_pages_leads_to_a_place_in_the_one_page() -> None:
    read = Read(merged())
    assert len(read.ids) == len(set(read.ids))
    inside = [link for link in read.links if link.startswith("#")]
    assert {link[1:] for link in inside} <= set(read.ids)
    assert [link for link in read.links if not link.startswith("#")] == [
        "gone.html", "https://example.org/#a",
    ]  # fmt: skip
    assert read.links[:2] == ["#page-1:mistake:1", "#page-2"]
    assert read.links[-4:] == [
        "#page-2:test_add", "https://example.org/#a", "#page-1:mistake:1", "#top",
    ]  # fmt: skip


def test_it_is_one_page_with_the_texts_as_they_were() -> None:
    page = merged()
    read = Read(page)
    for tag in ("html", "head", "body", "main", "title"):
        assert read.tags.count(tag) == 1
    assert page.startswith("<!DOCTYPE html>") and "<title>tiny: ada</title>" in page
    assert "main > p { }" in page
    assert "<p>1 &lt; 2 &amp; 3 &#62; &nbsp;<br/>&quot;x&quot; " in page
    assert '<img alt="a &gt; b" src="data:image/png;base64,AA==">' in page
    assert "def f():\n    return None</pre>" in page and "<details open>" in page
    assert read.labels == ["pages of this assignment, page-1"]


def test_a_student_without_notebook_pages_has_the_start_page() -> None:
    page = merge_pages(START, {}, "index.html")
    assert '<h1 class="head">tiny</h1>' in page and Read(page).tags.count("main") == 1
