"""The verdict of a claim, on hand-made cases."""

from __future__ import annotations

import pytest

from storykit import verdicts

AS_OF = "2026-11-23"


def outcomes(*rows):
    return [{"outcome_id": f"o{n}", "as_of": when, "verdict": word} for n, (when, word) in enumerate(rows)]


@pytest.mark.parametrize(
    ("due", "rows", "word", "overdue"),
    [
        ("2017-12", [("2017-11-03", "met")], "met", False),
        ("", [("2017-11-03", "met")], "met", False),
        ("2017-12", [("2017-11-03", "open"), ("2018-04", "partly")], "partly", False),
        (
            "2017-12",
            [("2018-04", "partly"), ("2017-11-03", "open")],
            "partly",
            False,
        ),  # order of rows does not matter
        ("2017-10", [("2017-11-03", "late")], "late", False),
        ("2017-10", [("2017-11-01", "missed"), ("2018-01", "late")], "late", False),
        ("2025", [("2024-06", "open")], "open", True),
        ("2030", [("2024-06", "open")], "open", False),
        ("2026", [("2024-06", "open")], "open", False),  # the year is not over
        ("2026-11-22", [("2024-06", "open")], "open", True),
        ("", [("2024-06", "open")], "open", False),
        ("2025", [("2026-11", "unknown")], "unknown", False),
        ("2025", [], "not-followed-up", True),
        ("2030", [], "not-followed-up", False),
        ("", [], "not-followed-up", False),
        ("2025", [("2018", "superseded")], "superseded", False),
        # A year counts to its last day: a finding of 2018 is newer than one of June 2018.
        ("2025", [("2018-06", "open"), ("2018", "missed")], "missed", False),
    ],
)
def test_newest_outcome_decides(due, rows, word, overdue):
    found = verdicts.decide(due, outcomes(*rows), AS_OF)
    assert (found.word, found.overdue) == (word, overdue)


def rows(*given):
    """Outcome rows of (as_of, verdict) or (as_of, verdict, reason to decide)."""
    return [
        {"outcome_id": f"o{n}", "as_of": when, "verdict": word, "decides": "".join(why)}
        for n, (when, word, *why) in enumerate(given)
    ]


@pytest.mark.parametrize(
    ("due", "found", "word", "outcome"),
    [
        # Two openings in time stay met when one of them closes six years later.
        ("2018-03", [("2018-02-27", "met"), ("2024-07-15", "partly")], "met", "o0"),
        # A goal for 2020 is not met by a count of 2024 ...
        ("2020", [("2017", "open"), ("2024-07", "met")], "late", "o1"),
        # ... and stays met where a count of 2019 had reached it.
        ("2020", [("2019", "met"), ("2024-07", "met")], "met", "o0"),
        # Found missed after its date, and kept later.
        ("2017-10", [("2017-11", "missed"), ("2018-01", "met")], "late", "o1"),
        ("2017-10", [("2017-11", "missed"), ("2018-01", "late")], "late", "o1"),
        # On the last day is in time; a year that ends after the day is not.
        ("2016-09-09", [("2016-09-09", "met")], "met", "o0"),
        ("2026-09-24", [("2026", "met")], "late", "o0"),
        # Without a date every finding is in time.
        ("", [("2018-11", "met"), ("2026-11", "unknown")], "met", "o0"),
        # What came in part does not stay: the newest decides ...
        ("", [("2015-07", "partly"), ("2026-11", "unknown")], "unknown", "o1"),
        # ... unless an editor gave a reason, which goes before what was kept in time as well.
        ("", [("2015-07", "partly", "A part is shown."), ("2026-11", "unknown")], "partly", "o0"),
        ("2025", [("2021-12", "met"), ("2022", "unknown", "Another measure.")], "unknown", "o1"),
        # Of several with a reason the newest.
        ("", [("2018", "met", "a"), ("2020", "partly", "b"), ("2022", "open")], "partly", "o1"),
        # What was taken back stays taken back where the row says so, whatever was counted later.
        ("2022-01", [("2018-09-19", "withdrawn", "Taken back."), ("2020", "missed")], "withdrawn", "o0"),
        ("2026", [("2025-10", "withdrawn")], "withdrawn", "o0"),
        ("", [("2020", "not-ratable"), ("2023", "not-ratable")], "not-ratable", "o1"),
    ],
)
def test_each_turn_of_the_rule(due, found, word, outcome):
    decided = verdicts.decide(due, rows(*found), AS_OF)
    assert (decided.word, decided.outcome_id) == (word, outcome)


@pytest.mark.parametrize(
    ("found", "rule"),
    [
        ([("2018", "met", "Counted anew."), ("2019", "met")], "marked"),
        ([("2018", "met"), ("2019", "partly")], "kept"),
        ([("2018", "partly"), ("2022", "met")], "newest"),
    ],
)
def test_the_rule_that_decided_is_named_and_said_in_words(found, rule):
    assert verdicts.decide("2020", rows(*found), AS_OF).rule == rule
    assert rule in verdicts.RULES


def test_a_promise_whose_finding_decides_though_open_is_overdue():
    found = rows(("2024-06", "open", "The only count."), ("2024-07", "unknown"))
    assert verdicts.decide("2025", found, AS_OF).words == "still open, overdue"


def test_unknown_is_not_the_same_as_not_followed_up():
    assert verdicts.WORDS["unknown"] != verdicts.WORDS[verdicts.NOT_FOLLOWED_UP]
    assert set(verdicts.WORDS) == set(verdicts.MEANINGS)


def test_all_claims_get_one(small):
    decided = verdicts.all_verdicts()
    assert decided["verdict"].to_dict() == {
        "thousand-firms": "met",
        "goods": "unknown",
        "no-number": "not-followed-up",
    }
    assert decided.loc["goods", "verdict_outcome"] == "o3"


def test_verdicts_follow_the_tables_of_claims_and_of_outcomes(small):
    assert verdicts.all_verdicts().loc["thousand-firms", "verdict"] == "met"
    for table, before, after, word in (
        ("claims", "2017-12-31", "2017-06-30", "late"),
        ("outcomes", ",met,", ",partly,", "partly"),
    ):
        file = small / "data" / "tables" / f"{table}.csv"
        file.write_text(file.read_text().replace(before, after))
        assert verdicts.all_verdicts().loc["thousand-firms", "verdict"] == word


def test_overdue_is_said_wherever_the_verdict_is():
    assert verdicts.decide("2025", outcomes(("2024-06", "open")), AS_OF).words == "still open, overdue"
    assert verdicts.decide("2030", outcomes(("2024-06", "open")), AS_OF).words == "still open"


def test_findings_stand_with_their_claim_and_the_newest_has_its_verdict(small):
    claims = verdicts.all_verdicts()
    found = verdicts.findings(claims.loc[["goods"]])
    told = found[["outcome_id", "verdict_then", "newest"]].to_numpy().tolist()
    assert told == [["o2", "still open", ""], ["o3", "no published evidence", "no published evidence"]]
    assert set(found["statement"]) == {claims.loc["goods", "statement"]}


def test_claims_stand_in_the_order_of_verdicts_and_else_as_they_were(small):
    words = ["unknown", "late", "met", "unknown", "late"]
    claims = verdicts.all_verdicts().iloc[[0] * len(words)].assign(verdict=words, place=range(len(words)))
    assert list(verdicts.in_order(claims)["place"]) == [2, 1, 4, 0, 3]
