"""What promises and findings rest on can be counted."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from storykit import receipts, tables, verdicts


@pytest.fixture
def official(small):
    """The small package, whose paper is official."""
    file = small / "data" / "datapackage.json"
    package = json.loads(file.read_text())
    (sources,) = [entry for entry in package["resources"] if entry["name"] == "sources"]
    sources["storykit:official"] = ["official"]
    file.write_text(json.dumps(package))
    table = small / "data" / "tables" / "sources.csv"
    rows = pd.read_csv(table, dtype=str, keep_default_na=False)
    rows = pd.concat(
        [rows, rows.iloc[[0]].assign(source_id="gazette", kind="official", url="https://g.example/")]
    )
    rows.to_csv(table, index=False)
    return small


def test_one_document_several_and_an_official_one_are_told_apart(official):
    name = tables.load("sources").index[0]
    kinds = verdicts.support(pd.Series([[name], [name, name], ["gazette"], [name, "gazette"]]))
    assert kinds.to_list() == ["single", "single", "official", "official"]
    file = official / "data" / "tables" / "sources.csv"
    rows = pd.read_csv(file, dtype=str, keep_default_na=False)
    rows.loc[rows["source_id"] == "gazette", "kind"] = "news"
    rows.to_csv(file, index=False)
    assert verdicts.support(pd.Series([["gazette"], [name, "gazette"]])).to_list() == ["single", "several"]


def test_only_the_finding_that_a_verdict_rests_on_decides(small):
    found = verdicts.all_findings()
    assert found["deciding"].to_dict() == {"o1": True, "o2": False, "o3": True}
    assert receipts.evaluate('count("outcomes", deciding=True, verdict="unknown")').result.base == 1
    assert receipts.evaluate('count("outcomes", deciding=True, support="single")').result.base == 2


def test_a_claim_is_as_well_supported_as_the_best_of_its_findings(official):
    file = official / "data" / "tables" / "outcomes.csv"
    rows = pd.read_csv(file, dtype=str, keep_default_na=False)
    rows.loc[rows["outcome_id"] == "o2", "source_ids"] = "gazette"
    rows.to_csv(file, index=False)
    claims = verdicts.all_claims()
    assert claims["support"].to_dict() == dict.fromkeys(claims.index, "single")
    assert claims["found_support"].to_dict() == {
        "thousand-firms": "single",
        "goods": "official",
        "no-number": "single",
    }
    assert receipts.evaluate('count("claims", found_support="official")').result.base == 1


def test_a_word_for_no_support_is_refused(small):
    with pytest.raises(receipts.ReceiptError, match=r"never .officials.\. Did you mean"):
        receipts.evaluate('count("claims", support="officials")')


def test_rows_of_one_table_choose_those_of_another(small):
    looked_at = 'count("outcomes", claim_id=keys("claims", thread="dftz", due_by__not=""))'
    assert receipts.evaluate(looked_at).result.base == 3
    assert receipts.evaluate('count("outcomes", claim_id=keys("claims", due_by="2025"))').result.base == 2
    for wrong, words in (
        ('keys("claims", due_by="2031")', "no keys"),
        ('keys("claims")', "list stands only behind"),
        ('keys("ships")', "ships"),
    ):
        with pytest.raises(receipts.ReceiptError, match=words):
            receipts.evaluate(wrong)
