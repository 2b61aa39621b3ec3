"""Texts that look right and are not: signs nobody sees, that turn a text, that no feed holds, that a program left."""

from __future__ import annotations

import json

import pytest

from storykit import checks, lint
from storykit.checks import signs
from storykit.site import inspection

BAD = {
    "Word's soft line break": ("Said\x0bin two lines", "U+000B, a control sign"),
    "a bell": ("Ring\x07", "U+0007"),
    "an escape": ("\x1b[31mred", "U+001B"),
    "of Windows, as ISO 8859-1": ("a \x93quotation\x94", "U+0093"),
    "line separator": ("one\u2028two", "U+2028 LINE SEPARATOR"),
    "zero width space": ("Cyber\u200bjaya", "U+200B ZERO WIDTH SPACE, a sign that nobody sees"),
    "byte order mark inside": ("a\ufeffb", "U+FEFF"),
    "soft hyphen": ("part\u00adner", "U+00AD"),
    "joiner between Latin letters": ("part\u200dner", "U+200D"),
    "a letter that is blank": ("\u3164", "U+3164"),
    "tag signs": ("a\U000e0041", "U+E0041"),
    "turned around": ("exe\u202etxt", "U+202E RIGHT-TO-LEFT OVERRIDE, a sign that turns"),
    "isolate": ("a\u2066b", "U+2066"),
    "a mark of direction": ("a\u200fb", "U+200F"),
    "lost letter": ("Li\ufffdge", "U+FFFD REPLACEMENT CHARACTER, the mark of a letter that was lost"),
    "a font's own sign": ("a \uf0b7 dot", "U+F0B7"),
    "no sign at all": ("a\ufffeb", "U+FFFE"),
    "no-break space": ("RM\u00a01 billion", "U+00A0 NO-BREAK SPACE, a space that is none of the keyboard's"),
    "ideographic space": ("马\u3000云", "U+3000"),
    "accent apart": ("Lie\u0300ge", "not NFC"),
    "mojibake of a letter": ("LiÃ¨ge", "UTF-8 that a program read as another encoding"),
    "mojibake of a quote": ("Malaysiaâ€™s", "UTF-8 that a program read"),
    "mojibake of a degree": ("30Â°C", "UTF-8 that a program read"),
    "mojibake of Chinese": ("é©¬äº‘", "UTF-8 that a program read"),
    "mojibake of Russian": ("ÐœÐ¾ÑÐºÐ²Ð°", "UTF-8 that a program read"),
    "reference lost": ("#REF!", "#REF!, what a spreadsheet shows in place of a value"),
    "looked up in vain": ("see #N/A there", "#N/A"),
    "too narrow a column": ("########", "########"),
    "a date made of a range": ("12-May", "what a spreadsheet made of another text"),
    "a month and a year": ("May-17", "what a spreadsheet made"),
    "a long number": ("2.01705E+11", "what a spreadsheet made"),
    "a program's nothing": ("NaN", "a program's word for nothing"),
    "JavaScript's": ("[object Object]", "a program's word for nothing"),
    "HTML's": ("Tan &amp; Sons", "a sign as HTML writes it"),
    "a Cyrillic letter": ("Аlibaba", "a Cyrillic or Greek letter within a word of Latin ones"),
    "a Greek letter": ("MalaysiΑ", "a Cyrillic or Greek letter"),
}  # fmt: skip
GOOD = (
    "马来西亚", "Liège", "São Tomé", "NÃO", "CAFÉ”", "‘café’”", "Москва", "Αθήνα", "μm and Ω", "می\u200cخواهم", "क्\u200dष",
    "👩\u200d💻", "⚠\ufe0f", "#1 of 5", "A & B", "AT&T", "Nan Yang", "None of it", "12-May-2017", "30 °C", "Ngô Đình",
    "“quoted”", "2017–2020", "اتفاق", "é", "à…", "№ 5", "Kraków", "Â", "tab\tis for the format to say",
)  # fmt: skip


@pytest.mark.parametrize(("text", "words"), BAD.values(), ids=BAD)
def test_a_sign_that_no_text_may_hold_is_named(text, words):
    (fault,) = signs.faults(text)
    assert words in fault


@pytest.mark.parametrize("text", GOOD, ids=ascii)
def test_letters_of_every_language_may_stand(text):
    assert signs.faults(text) == []


def test_each_is_named_with_its_cell(package):
    cells = [
        ("changes", 2, "summary", "two\x0blines"),
        ("organisations", 3, "name", "Аlibaba"),
        ("events", 2, "note", "#REF!"),
        ("claims", 4, "note", "Li\ufffdge \u200b"),
    ]
    for cell in cells:
        package.set(*cell)
    found = {(p.file, p.row, p.column): p.allowed for p in checks.check()}
    assert set(found) == {(f"data/tables/{table}.csv", row, column) for table, row, column, _ in cells}
    assert "lost" in found["data/tables/claims.csv", 4, "note"]
    assert "nobody sees" in found["data/tables/claims.csv", 4, "note"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("the company's count", "the company’s count"),
        ("2017-2020 plan", "2017–2020 plan"),
        ("a plan", "a  plan"),
        ("plan A", "plan Ａ"),
        ("No plan", "No\tplan"),
    ],
)
def test_values_that_look_alike_are_named(package, one, other):
    for row, text in ((2, one), (3, one), (4, other)):
        package.set("sources", row, "publisher", text)
    (problem,) = checks.check()
    assert (problem.row, problem.column) == (4, "publisher")
    assert f"looks like {one!r}, which stands in more rows" in problem.allowed


def test_the_descriptor_and_the_outlines_are_texts_as_well(package):
    file = package.root / "data" / "datapackage.json"
    described = json.loads(file.read_text(encoding="utf-8"))
    described["title"] = "A story\u200b"
    claims = next(r for r in described["resources"] if r["name"] == "claims")
    claims["schema"]["fields"][0]["description"] = "LiÃ¨ge"
    file.write_text(json.dumps(described), encoding="utf-8")
    shapes = next(iter(sorted((package.root / "data" / "geo").glob("*.geojson"))))
    outline = json.loads(shapes.read_text(encoding="utf-8"))
    outline["features"][0]["properties"]["title"] = "a\x0bb"
    shapes.write_text(json.dumps(outline), encoding="utf-8")
    found = [(p.file, p.column) for p in checks.check()]
    name = claims["schema"]["fields"][0]["name"]
    assert ("data/datapackage.json", "title") in found
    assert ("data/datapackage.json", f"resources.claims.schema.fields.{name}.description") in found
    assert (f"data/geo/{shapes.name}", "features, number 1.title") in found


def test_a_page_is_a_text_as_well(package):
    (package.root / "book" / "harbour.md").write_text("# Harbour\n\nTwo\x0blines and Li\ufffdge.\n")
    found = [str(problem) for problem in lint.problems(["harbour"])]
    assert [line.partition(": ")[0] for line in found] == ["book/harbour.md, line 3"] * 2


def test_a_feed_that_is_no_xml_is_not_published(tmp_path):
    (tmp_path / "index.html").write_text("<!doctype html><p>x</p>")
    (tmp_path / "changes.atom").write_text("<feed>two\x0blines</feed>")
    (tmp_path / "whole.svg").write_text("<svg></svg>")
    (said,) = inspection.inspect(tmp_path)
    assert said.startswith("changes.atom: is no XML")
