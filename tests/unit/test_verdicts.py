"""The verdict of a claim, on hand-made cases."""

from __future__ import annotations

import pytest

from storykit import project, verdicts

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


def test_kept_after_its_date_is_late_not_met():
    with pytest.raises(project.DataError, match="is late"):
        verdicts.decide("2017-10", outcomes(("2017-11", "missed"), ("2018-01", "met")), AS_OF)


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
