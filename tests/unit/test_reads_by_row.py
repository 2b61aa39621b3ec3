"""What reads a row rests on that row: found stale exactly when what it would show is another."""

from __future__ import annotations

import csv
import random

import pytest

from storykit import contents, project, reads, receipts, tables, verdicts
from storykit.site import execution

READERS = {
    "one row": lambda: tables.records("series")["sales"]["label"],
    "a row that may be there": lambda: tables.records("claims").get("goods", {}).get("note"),
    "whether a row is there": lambda: "goods" in tables.records("claims"),
    "rows by key": lambda: tables.rows("observations", ["sales/MY/2018", "growth/MY/2018"]).to_csv(),
    "rows by a condition": lambda: tables.rows("observations", "confidence == 'low'").to_csv(),
    "rows by a text": lambda: tables.rows("claims", "made_by.str.startswith('The')").to_csv(),
    "one field of all": lambda: tables.column("geographies", "name").to_csv(),
    "values of a series": lambda: tables.observations("sales").to_csv(),
    "values of a place": lambda: tables.observations("chosen", geography="MY", lead=False).to_csv(),
    "values of some years": lambda: tables.observations("sales", since="2018").to_csv(),
    "all rows": lambda: [*tables.records("units").items()],
    "how many": lambda: len(tables.records("observations")),
    "the whole table": lambda: tables.load("outcomes").to_csv(),
    "claims that were decided": lambda: verdicts.where("thread == 'dftz' and verdict == 'met'").to_csv(),
    "what sources are": lambda: verdicts.support(tables.load("claims")["source_ids"]).to_csv(),
    "a number": lambda: receipts.receipt("sales/MY/2018 / sales/MY/2017 | percent").text,
    "a count": lambda: receipts.receipt('count("claims", verdict="met")').text,
    "a sentence": lambda: receipts.sentence("It rose <sales/MY/2018 > sales/MY/2017>").holds,
    "the newest value": lambda: receipts.receipt('latest("sales", "MY")').text,
}
"""What is read -> what its reader shows."""


def shown(reader):
    """What a reader shows, or what stops it, and what it rests on with the content of each."""
    with reads.listening() as read:
        try:
            said = reader()
        except (ValueError, KeyError) as error:
            said = str(error)
    return said, {name: execution.content(name) for name in read}


def stale(rests):
    return any(execution.content(name) != content for name, content in rests.items())


def edit(root, table, change):
    file = root / "data" / "tables" / f"{table}.csv"
    with open(file, newline="", encoding="utf-8") as stream:
        head, *rows = csv.reader(stream)
    change(head, rows)
    with open(file, "w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, lineterminator="\n").writerows([head, *rows])


def at_random(dice, root):
    """One edit of one table: a cell, a row more, a row less, or two rows the other way round."""
    table = dice.choice([name for name in READ if name != "changes"])

    def change(head, rows):
        row = dice.randrange(len(rows))
        way = dice.choice(["cell", "cell", "cell", "more", "less", "order"])
        if way == "cell":
            column = dice.randrange(1, len(head))
            others = sorted({other[column] for other in rows} | {rows[row][column]})
            free = head[column] in ("note", "label", "title", "statement", "finding", "name", "definition")
            rows[row][column] = rows[row][column] + " more" if free else dice.choice(others)
        elif way == "more":
            rows.insert(row, [f"{rows[row][0]}-2", *rows[row][1:]])
        elif way == "less" and len(rows) > 1:
            del rows[row]
        elif row:
            rows[row - 1], rows[row] = rows[row], rows[row - 1]

    edit(root, table, change)


READ = ("sources", "units", "geographies", "series", "observations", "claims", "outcomes")


@pytest.mark.parametrize("seed", range(2))
def test_after_any_edit_whoever_would_show_something_else_is_found_stale(small, seed):
    dice = random.Random(seed)
    before = {name: shown(reader) for name, reader in READERS.items()}
    for _ in range(20):
        at_random(dice, small)
        kept = {name: shown(reader)[0] for name, reader in READERS.items()}
        project.current().answers.clear()  # those that were given before may hold; from here on none does
        for name, reader in READERS.items():
            said, rests = before[name]
            again = shown(reader)
            assert kept[name] == again[0], f"{name} is {again[0]}, and is kept as {kept[name]}"
            assert again[0] == said or stale(rests), (
                f"{name} is {again[0]}, was {said}, and rests on {[*rests]}"
            )
            before[name] = again


def test_claims_that_were_decided_rest_on_the_findings_too(small):
    with reads.apart() as read:
        before = verdicts.where("verdict == 'met'").to_csv()
    rest = contents.Rest.on(read)
    assert rest.now() is rest and rest.of_tables == ["claims", "outcomes"]
    edit(small, "outcomes", lambda head, rows: rows[0].__setitem__(head.index("verdict"), "missed"))
    assert verdicts.where("verdict == 'met'").to_csv() != before and rest.now() is None


def test_what_was_looked_at_is_looked_at_again_only_where_its_table_is_another(small, monkeypatch):
    """Also in a later build, as a note that is damaged tells nobody."""
    parts = [
        "series",
        "row:observations:sales/MY/2018",
        "row:observations:growth/MY/2018",
        "column:geographies:name",
        "decided:claims,outcomes?verdict == 'met'",
        "about:title",
        "module:words",
        "row:claims:nobody",
        "no-table",
        "rows:no-table?x == 1",
    ]
    asked, of = [], contents.of

    def look(name):
        asked.append(name)
        return of(name)

    monkeypatch.setattr(contents, "of", look)

    def looked():
        """What a build finds, and the tables that it looks at."""
        execution._known.cache_clear()
        asked.clear()
        found = execution.contents_of(parts)
        assert found == {part: execution.content(part) for part in parts}
        return {table for name in asked[: -len(parts) + 2] for table in reads.tables(name)}

    looked()
    execution.keep_contents()
    assert not looked()
    edit(small, "observations", lambda head, rows: rows[-1].__setitem__(head.index("note"), "Another."))
    assert looked() == {"observations"}
    execution.keep_contents()
    assert not looked()
    edit(small, "outcomes", lambda head, rows: rows[0].__setitem__(head.index("verdict"), "missed"))
    assert "outcomes" in looked()
    execution.keep_contents()
    note = execution.state_folder() / "contents"
    note.write_bytes(note.read_bytes()[:-20])
    assert looked() == {"series", "observations", "geographies", "claims", "outcomes", "no-table"}


UNTOUCHED = {
    "one row": ("series", "growth"),
    "whether a row is there": ("claims", "no-number"),
    "rows by key": ("observations", "sales/MY/2019"),
    "rows by a condition": ("observations", "sales/MY/2018"),
    "one field of all": ("geographies", ""),
    "values of a series": ("observations", "growth/MY/2018"),
    "values of a place": ("series", "growth"),
    "claims that were decided": ("claims", "goods"),
    "a number": ("observations", "sales/MY/2019"),
    "a count": ("outcomes", "o3"),
}
"""What is read -> a row beside it (or all rows): another note there makes no reader stale."""


@pytest.mark.parametrize("name", UNTOUCHED)
def test_a_row_that_was_not_read_makes_nobody_stale(small, name):
    table, key = UNTOUCHED[name]
    said, rests = shown(READERS[name])
    field = "part_of" if table == "geographies" else "note"

    def change(head, rows):
        for row in rows:
            if key in ("", row[0]):
                row[head.index(field)] += "more"

    edit(small, table, change)
    assert not stale(rests) and shown(READERS[name])[0] == said


def test_a_description_counts_as_much_as_the_rows(small):
    _, rests = shown(READERS["one row"])
    file = small / "data" / "datapackage.json"
    file.write_text(file.read_text().replace("Made up: series.", "Made up, and changed: series."))
    assert stale(rests)


def test_names_tell_their_tables():
    assert reads.tables("claims") == ["claims"]
    assert reads.tables("row:sources:a: b?") == ["sources"]
    assert reads.tables("rows:places?kind == 'a:b'") == ["places"]
    assert reads.tables('answer:claims,outcomes:count("claims")') == ["claims", "outcomes"]
    assert reads.tables("answer::1") == reads.tables("geo:world") == reads.tables("module:tables") == []
