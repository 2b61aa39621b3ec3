"""One line of style or script changes no page but by what it holds of them."""

from __future__ import annotations

import pytest

from storykit.site import assets, stamps

OLD = {"css": "a{color:red}", "first": "one()", "home": "two()"}
NEW = {"css": "a{color:red}p{margin:0}", "first": "one();", "home": "three()"}
FILES = {"css": "story.00000000.css", "js": "story.11111111.js"}
LATER = {"css": "story.22222222.css", "js": "story.11111111.js"}


def inlined(texts):
    return texts | {f"{name}_hash": assets._hash(text) for name, text in texts.items()}


def page(files, texts) -> str:
    held = stamps.of(files, inlined(texts), files["css"])
    return (
        "<html>" + "\n".join(held.values()).replace("\n>", "\n<script>") + "<p>one() a{color:red}</p></html>"
    )


@pytest.fixture
def site(tmp_path):
    """A site of one page by the old style and one written by the new; what is remembered of both."""
    memory, site = tmp_path / "stamps.json", tmp_path / "site"
    (site / "book").mkdir(parents=True)
    (site / "old.html").write_text(page(FILES, OLD))
    (site / "book" / "new.html").write_text(page(LATER, NEW))
    stamps.note(memory, stamps.of(FILES, inlined(OLD), FILES["css"]))
    return site, memory


def test_a_page_of_before_is_as_if_written_now_and_one_of_now_as_it_is(site):
    folder, memory = site
    now = stamps.of(LATER, inlined(NEW), LATER["css"])
    stamps.note(memory, now)
    stamps.renew(folder, memory, now)
    assert (folder / "old.html").read_text() == (folder / "book" / "new.html").read_text() == page(LATER, NEW)


def test_what_a_build_that_was_cut_off_has_written_is_renewed_too(site):
    folder, memory = site
    stamps.note(memory, stamps.of(LATER, inlined(NEW), LATER["css"]))  # then it was cut off
    last = stamps.of(FILES, inlined(OLD | {"css": "b{color:blue}"}), FILES["css"])
    stamps.note(memory, last)
    stamps.renew(folder, memory, last)
    wanted = page(FILES, OLD | {"css": "b{color:blue}"})
    assert (folder / "old.html").read_text() == (folder / "book" / "new.html").read_text() == wanted


def test_without_a_change_no_page_is_written(site):
    folder, memory = site
    before = (folder / "old.html").stat().st_mtime_ns
    stamps.renew(folder, memory, stamps.of(FILES, inlined(OLD), FILES["css"]))
    assert (folder / "old.html").stat().st_mtime_ns == before


@pytest.mark.parametrize("name", ["css", "first", "home"])
def test_the_frame_of_all_pages_holds_what_is_put_in_as_it_is_looked_for(name):
    frame = (assets.THEME / "layout.html").read_text()
    held = stamps.of({}, {name: f"{{{{ story.inlined.{name}|safe }}}}"}, "")
    assert held[f"inlined {name}"] in frame


def test_the_page_of_proofs_names_all_files_as_they_are_looked_for():
    part = (assets.THEME / "parts" / "proof-state.html").read_text()
    assert stamps.of({}, {}, "{{ files }}")["state"] in part
