"""Files that are no proper tables: what is wrong is said in words, row by row, and the rest is still checked."""

from __future__ import annotations

import pytest

from storykit import checks


def lines(package, table: str) -> list[str]:
    return package.file(table).read_text(encoding="utf-8").splitlines(keepends=True)


def put(package, table: str, found: list[str]) -> None:
    package.file(table).write_text("".join(found), encoding="utf-8", newline="")


def told() -> list[tuple[int | None, str, str]]:
    return [(p.row, p.column, p.allowed) for p in checks.check()]


def test_a_number_with_a_bare_comma_in_several_rows_and_another_problem(package):
    """The commonest mistake of all; the table's other problems, and nobody's references, are not hidden by it."""
    found = lines(package, "events")
    for row in (3, 5):
        found[row - 1] = found[row - 1].rstrip("\n") + " 1,812\n"
    put(package, "events", found)
    package_row = 8
    found = lines(package, "events")
    found[package_row - 1] = "No id" + found[package_row - 1][found[package_row - 1].index(",") :]
    put(package, "events", found)
    width = len(package.rows("events")[0])
    words = (
        f"has {width + 1} cells where the header has {width}; a text that holds a comma must stand in double "
        "quotes, and numbers are written without thousands separators"
    )
    problems = told()
    assert [(row, column) for row, column, _ in problems] == [(3, ""), (5, ""), (8, "event_id")]
    assert problems[0][2] == problems[1][2] == words


def test_a_row_that_does_not_fit_still_counts_as_known(package):
    row = package.where("claims", "claim_id", "pioneers-1500")
    found = lines(package, "claims")
    found[row - 1] = found[row - 1].rstrip("\n") + ",more\n"
    put(package, "claims", found)
    problem = told()
    assert len(problem) == 1 and problem[0][0] == row  # no outcome has lost its claim


def unclosed(package, table: str, row: int, column: int, fill: str = "") -> None:
    """Open a quote before a cell of a row, and do not close it."""
    cells = package.rows(table)[row - 1]
    cells[column] = '"' + (fill or cells[column])
    found = lines(package, table)
    found[row - 1] = ",".join(cells) + "\n"
    put(package, table, found)


@pytest.mark.parametrize("column", [1, -1])
@pytest.mark.parametrize("row", [3, "last"])
def test_a_quote_that_is_not_closed(package, column, row):
    """In a middle cell, in the last; with rows behind that it swallows, and at the end of the file."""
    table = "units"
    rows = package.rows(table)
    row = len(rows) if row == "last" else row
    unclosed(package, table, row, column)
    if row == 3:
        package.file(table).write_text(
            package.file(table).read_text().replace(rows[5][1], f'"{rows[5][1]}, or so"', 1)
        )
        found = lines(package, table)
        found[7] = "Not an id" + found[7][found[7].index(",") :]
        put(package, table, found)
    problems = [p for p in told() if p[1] != "unit"]
    assert [p[:2] for p in problems if p[0] == row] == [(row, rows[0][column])]
    assert "a double quote opens here and is not closed" in problems[0][2]
    assert [p[0] for p in problems if p[0] != row] == ([8] if row == 3 else [])


def test_a_quote_within_a_quoted_text(package):
    found = lines(package, "units")
    found[2] = '"the "best" unit"' + found[2][found[2].index(",") :]
    put(package, "units", found)
    problems = [p for p in told() if p[0] == 3]
    assert len(problems) == 1 and "behind the double quote that closes a text" in problems[0][2]


def test_a_line_break_in_a_text(package):
    package.set("events", 3, "note", "one line\nand another")
    package.set("events", 5, "thread", "nowhere")
    problems = told()
    assert [p[:2] for p in problems] == [(3, "note"), (5, "thread")]
    assert "holds a line break" in problems[0][2]


def test_the_marks_of_a_merge(package):
    found = lines(package, "rules")
    found[3:4] = ["<<<<<<< HEAD\n", found[3], "=======\n", found[3].replace("a", "b"), ">>>>>>> other\n"]
    put(package, "rules", found)
    [(row, _, words)] = told()
    assert row is None and "a merge that was not finished, in rows 4, 6, 8" in words


@pytest.mark.parametrize(("sign", "name"), [(";", "semicolons"), ("\t", "tabs")])
def test_another_separator(package, sign, name):
    rows = package.rows("agreement_parties")
    put(package, "agreement_parties", [sign.join(row) + "\n" for row in rows])
    [(_, _, words)] = told()
    assert f"is separated by {name}" in words


def test_line_ends_of_windows(package):
    found = [line.replace("\n", "\r\n") for line in lines(package, "rules")]
    put(package, "rules", found)
    [(_, _, words)] = told()
    assert words.startswith(f"{len(found)} lines end as Windows writes them (CR LF), the first in row 1")
    assert "line ends LF" in words


def test_bytes_that_are_no_text_and_all_else_that_is_wrong(package):
    raw = package.file("events").read_bytes().split(b"\n")
    raw[2] += b"\0"
    raw[4] += b"\xe9"
    raw[6] += b"\xff"
    raw[8] = b"No id" + raw[8][raw[8].index(b",") :]
    package.file("events").write_bytes(b"\xef\xbb\xbf" + b"\n".join(raw))
    found = checks.check()
    assert [(p.row, p.column, p.value) for p in found] == [
        (None, "", ""),
        (3, "", "\\0"),
        (5, "", "e9"),
        (7, "", "ff"),
        (9, "event_id", "No id"),
    ]
    assert "byte order mark" in found[0].allowed and "NUL" in found[1].allowed and "UTF-8" in found[2].allowed


def test_utf_16(package):
    package.file("rules").write_bytes(package.file("rules").read_text(encoding="utf-8").encode("utf-16"))
    [(_, _, words)] = told()
    assert "is UTF-16" in words


def test_a_column_that_stands_twice(package):
    found = lines(package, "rules")
    found[0] = found[0].replace("scope", "rule")
    put(package, "rules", found)
    assert {p[1:] for p in told()} == {
        ("scope", "the column is missing"),
        ("rule", "the column stands twice in the header; remove one"),
    }


def test_the_other_columns_are_checked_where_one_is_missing(package):
    package.set("rules", 3, "state", "unheard-of")
    found = lines(package, "rules")
    found[0] = found[0].replace("scope", "skope")
    put(package, "rules", found)
    assert {p[1] for p in told()} == {"scope", "skope", "state"}


def test_many_rows_that_do_not_fit_are_counted(package):
    found = lines(package, "observations")
    found[1:101] = [line.rstrip("\n") + ",more\n" for line in found[1:101]]
    put(package, "observations", found)
    problems = told()
    assert len(problems) == checks.MOST_PER_RULE + 1
    assert f"and {100 - checks.MOST_PER_RULE} more rows like these" in problems[0][2]
