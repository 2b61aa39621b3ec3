"""What the front page is made of: marks by kind, the reason on a tile, news, and pictures in doors."""

from __future__ import annotations

import pytest
from markupsafe import Markup

from storykit import project, receipts, reshape, verdicts
from storykit.site import claim_view, sets, views
from storykit.site.markup import PageWriter
from storykit.site.templates import render

GROUPS = [("There", "built", ["opening", "capacity", "money", "rule"])]
USED = [("Used", "used", ["training", "jobs", "trade", "users"]), ("More", "promised", ["output"])]


@pytest.fixture(autouse=True)
def _in_the_project(monkeypatch):
    monkeypatch.chdir(project.root())


def writer() -> PageWriter:
    return PageWriter("index", lambda here, there: f"{there}.html")


def test_a_mark_stands_for_each_claim():
    view = sets.marks(writer(), 'country_iso2="MY"', "Promises", [*GROUPS, *USED])
    here = verdicts.all_verdicts().query("country_iso2 == 'MY'")
    rows = [row for group in view.groups for row in group.rows]
    assert sum(row.all.claims for row in rows) == len(here)
    html = render(view)
    assert html.count('class="mark"') == len(here)
    assert all(sum(part.claims for part in row.parts) == row.all.claims for row in rows)


def test_a_kind_that_no_group_has_and_one_that_is_none_are_refused():
    with pytest.raises(receipts.ReceiptError, match="No group has the kind"):
        sets.marks(writer(), "", "Promises", GROUPS)
    with pytest.raises(receipts.ReceiptError, match="'opennings' is no kind"):
        sets.marks(writer(), "", "Promises", [*GROUPS, ("x", "used", ["opennings"])])
    with pytest.raises(receipts.ReceiptError, match="'opening' is no kind of claim, or named twice"):
        sets.marks(writer(), "", "Promises", [*GROUPS, ("x", "used", ["opening"])])


def test_each_tile_gives_its_reason():
    told = {r["claim_id"]: claim_view.brief(r) for r in reshape.records(verdicts.all_verdicts())}
    assert all(told.values())
    known = verdicts.all_verdicts()
    counted = known[(known["verdict"] == "partly") & known["target_value"].notna()]
    assert any(" of " in told[claim] for claim in counted.index)
    for claim in known[known["verdict"] == "unknown"].index:
        assert "no published evidence" in told[claim]


def test_a_door_without_a_picture_shows_none():
    door = views.Door("a.html", "A", "Words.")
    assert "<img" not in render(views.Doors((door,)))
    html = render(views.Doors((views.Door("a.html", "A", "Words.", "_figures/some-figure"),)))
    assert html.count("<img") == 2 and isinstance(html, Markup)
