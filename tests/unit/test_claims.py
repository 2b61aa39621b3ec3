"""A claim's page says all that is known of it, and the ledger leads to every claim however many there are."""

from __future__ import annotations

import functools
import gzip
import json
import types

import pandas as pd
import pytest

from storykit import verdicts
from storykit.site import claim_view, inspection, ledger, links, uses, views
from storykit.site.templates import render

HOSTILE = "\"'><script>alert(1)</script>"


@pytest.fixture
def addresses(small):
    return links.Addresses("claims/goods", lambda here, there: f"../{there}.html")


def page(addresses, claim="goods", uses=(), report="book/contribute.html#wrong"):
    return claim_view.page(claim_view.Claims(), claim, uses, addresses, report)


def change(folder, table, old, new):
    file = folder / "data" / "tables" / f"{table}.csv"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def add_table(folder, name, kinds, rows):
    """A table that the small package does not have."""
    file = folder / "data" / "datapackage.json"
    package = json.loads(file.read_text())
    fields = [
        {"name": n, "type": t, "description": n} | ({"delimiter": ";"} if t == "list" else {})
        for n, t in kinds.items()
    ]
    package["resources"].append(
        {
            "name": name,
            "type": "table",
            "path": f"tables/{name}.csv",
            "title": name,
            "description": name,
            "schema": {"fields": fields, "primaryKey": [next(iter(kinds))]},
        }
    )
    file.write_text(json.dumps(package))
    pd.DataFrame(rows, columns=list(kinds)).to_csv(folder / "data" / "tables" / f"{name}.csv", index=False)


# --- the page of a claim ---


def test_a_page_tells_promise_verdict_and_every_finding_apart(addresses):
    view = page(addresses)
    assert (view.statement, view.badge.words) == ("Goods worth US$65 billion.", "no published evidence")
    assert view.reason == "November 2026: Nothing published."
    assert view.promise_confidence.startswith(("high", "medium", "low")) and view.finding_confidence
    facts = dict(view.facts)
    assert (facts["Promised"], facts["Due"], facts["To be counted"]) == ("US$65 billion", "2025", "goods")
    assert [(f.when, f.value) for f in view.findings] == [
        ("April 2018", "RM52.1 million"),
        ("November 2026", ""),
    ]
    assert [bool(f.decides) for f in view.findings] == [False, True]
    assert view.report == (
        "../book/contribute.html?figure=goods&says=Goods+worth+US%2465+billion.+%28no+published+evidence%29"
        "&data-version=1.0.0#wrong"
    )


def test_which_finding_decides_is_said_with_its_rule(small, addresses):
    kept = page(addresses, "thousand-firms").findings
    assert [f.decides for f in kept] == [verdicts.RULES["kept"]]
    change(small, "outcomes", "2017-11-03,1972", "2018-11-03,1972")
    late = page(addresses, "thousand-firms")
    assert late.badge.words == "met late"
    assert (
        late.findings[0].decides.startswith(verdicts.RULES["newest"])
        and "after its date" in late.findings[0].decides
    )


def test_a_claim_that_nobody_looked_at_says_so(addresses):
    html = render(page(addresses, "no-number"))
    assert "Not yet followed up: nobody has looked." in html and "What was found" not in html
    assert "Confidence of the finding" not in html and "Confidence of the promise" in html


def test_original_words_stand_in_their_language_with_speaker_day_and_source(small, addresses):
    kinds = dict.fromkeys(("quotation_id", "claim_id", "words", "language", "speaker", "said_on"), "string")
    rows = [("q1", "goods", f"D'ici 2025 {HOSTILE}", "fr", "Le ministre", "2017-03-22", "paper", "")]
    add_table(small, "quotations", {**kinds, "source_ids": "list", "note": "string"}, rows)
    html = render(page(addresses))
    assert '<blockquote lang="fr">D&#39;ici 2025 &#34;&#39;&gt;&lt;script&gt;' in html
    assert "Le ministre, 22 March 2017" in html and "The Paper, 13 May 2017" in html and "not ours" in html
    assert "<script" not in html


def test_hostile_words_in_the_data_stay_words_on_every_page(small, addresses):
    change(small, "claims", "A thousand firms will sell.", "<img src=x onerror=alert(1)> sell")
    change(small, "outcomes", "Nothing published.", "<script>alert(1)</script>")
    html = "".join(render(page(addresses, claim)) for claim in ("goods", "thousand-firms", "no-number"))
    assert "<img" not in html and "<script" not in html and "<b>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_no_related_claim_is_listed_twice_but_where_it_is_nearest(small, addresses):
    change(small, "claims", "sell.,firms,", "sell.,goods,")
    measure, thread = page(addresses).related
    assert (measure.title, thread.title) == ("With the same measure: goods", "Of the same thread")
    assert [c.statement.words for c in measure.claims] == ["A thousand firms will sell."]
    assert [c.statement.words for c in thread.claims] == ["Something good."]


def test_related_claims_lead_to_all_of_them(addresses):
    related = page(addresses).related
    assert [group.title for group in related] == ["Of the same thread"]
    assert [c.statement.words for c in related[0].claims] == [
        "Something good.",
        "A thousand firms will sell.",
    ]
    assert related[0].more.words == "All 3 in the ledger"


def test_of_many_claims_alike_so_many_are_listed(monkeypatch):
    days = [f"{year}-01-01" for year in range(2000, 2020)]
    decided = pd.DataFrame(
        {"claim_id": [f"c{d}" for d in days], "made_on": days, "thread": "zone", "metric": ""}
    )
    monkeypatch.setattr(verdicts, "all_verdicts", lambda: decided)
    monkeypatch.setattr(claim_view, "_by_claim", lambda _: {})
    monkeypatch.setattr(claim_view.descriptor, "names", list)
    near, shared = claim_view.Claims().alike("c2010-01-01", "thread", {"c2010-01-01", "c2009-01-01"})
    assert (
        near == ["c2007-01-01", "c2008-01-01", "c2011-01-01", "c2012-01-01", "c2013-01-01"] and shared == 20
    )
    assert (
        len(claim_view.Claims().alike("c2019-01-01", "thread", {"c2019-01-01"})[0]) == claim_view.MOST_RELATED
    )


# --- the strip ---


def strip(made_on, due_by, *found):
    record = {
        "made_on": made_on,
        "due_by": due_by,
        "made_by": "X",
        "verdict": "open",
        "verdict_words": "still open",
    }
    rows = [{"as_of": day, "verdict": verdict} for day, verdict in found]
    return claim_view.strip(record, rows, rows[-1] if rows else None)


@pytest.mark.parametrize(
    ("made_on", "due_by", "found", "places"),
    [
        ("2010-01-01", "2019-12-31", ["2014-12-31"], [0, 1000, 500]),
        ("2010", "2019", ["2014"], [0, 1000, 500]),  # said from its first day, due and found until the last
        ("2010-01-01", "2014-12-31", ["2019-12-31"], [0, 500, 1000]),
        ("2010-01-01", "", ["2019-12-31"], [0, 1000]),
        ("", "2010-01-01", ["2019-12-31"], [0, 1000]),
        ("2019-12-31", "2010-01-01", [], [1000, 0]),  # due before it was said: drawn as it stands in the data
        ("2017-05-13", "2017-05-13", ["2017-05-13"], [0, 0, 0]),
        ("2017-05-13", "", [], [0]),
        ("", "", [], []),
    ],
)
def test_marks_stand_to_scale(made_on, due_by, found, places):
    drawn = strip(made_on, due_by, *((day, "open") for day in found))
    assert [mark.at for mark in drawn.marks] == pytest.approx(places, abs=1)
    assert all(0 <= at <= claim_view.LENGTH for at in (*drawn.ticks, drawn.begins, drawn.ends))
    if made_on and due_by:
        assert [drawn.begins, drawn.ends] == pytest.approx(places[:2], abs=1)


def test_years_stand_at_the_ends_and_between_them():
    drawn = strip("2017-05-13", "2020", ("2026-11", "missed"))
    assert (drawn.first, drawn.last, len(drawn.ticks)) == ("2017", "2026", 9)
    assert strip("2017-05-13", "2017-12", ("2017-11", "met")).first == ""


def test_a_strip_says_in_words_what_it_draws():
    said, due, found = strip("2017-05-13", "2020", ("2018", "open"), ("2026-11", "missed")).stops
    assert (said.when, due.when, due.more) == ("13 May 2017", "2020", "4 years later")
    assert (found.when, found.more) == ("November 2026", "still open; 1 more finding")
    undated, never, nobody = strip("", "").stops
    assert (undated.when, never.when, nobody.when) == ("undated", "no date given", "nobody has looked yet")


# --- where the book uses a claim ---


def test_a_claim_is_used_where_it_is_named_and_not_where_it_is_counted(small, monkeypatch):
    rests = {
        "book/a": {("verdict", "goods"): "", ("num", 'count("claims", thread="dftz")'): ""},
        "book/b": {
            ("num", 'outcomes("o1").observed_value'): "",
            ("holds", 'One of three <count("claims") == 3 and outcomes("o1").verdict == "met">'): "",
        },
    }
    titles = {name: types.SimpleNamespace(astext=lambda name=name: name.upper()) for name in rests}
    record = types.SimpleNamespace(id="bars", title="Bars", rows=[("claims", "goods"), ("outcomes", "*")])
    app = types.SimpleNamespace(
        env=types.SimpleNamespace(story_rests=rests, titles=titles),
        story=types.SimpleNamespace(figures=lambda: [("book/b", record)]),
    )
    monkeypatch.setattr(uses.shell, "pages", lambda app: list(rests))
    found = uses.Uses(app)
    assert found.of("claims", "goods") == [("book/a", "", "BOOK/A"), ("book/b", "fig-bars", "Bars")]
    assert found.of("claims", "thousand-firms") == [("book/b", "", "BOOK/B")]
    assert found.of("claims", "no-number") == []


# --- the ledger ---


def decided(*made_on, thread="zone"):
    return (
        pd.DataFrame(
            {"claim_id": [f"c{n:04d}" for n in range(len(made_on))], "made_on": made_on, "thread": thread}
        )
        .set_index("claim_id", drop=False)
        .rename_axis(None)
    )


@pytest.fixture
def plain_threads(monkeypatch):
    monkeypatch.setattr(ledger, "threads", lambda: {"zone": "the zone", "cloud": "clouds"})


@pytest.mark.parametrize(("claims", "pages"), [(4, 0), (5, 2)])
def test_as_many_claims_as_a_page_can_carry_stand_on_one(plain_threads, claims, pages):
    days = ["2017-05-13", "2018", "2018-01", "2018-02", "2018-03"][:claims]
    assert len(ledger.parts(decided(*days), most=4)) == pages


def test_years_then_threads_then_numbers_and_every_claim_on_one_page(plain_threads):
    rows = pd.concat(
        [
            decided(*["2019-01-01"] * 3),
            decided(*["2018-01-01"] * 7).rename(index=lambda n: f"z{n}"),
            decided(*["2018-06-01"] * 2, thread="cloud").rename(index=lambda n: f"k{n}"),
            decided(*[""] * 2).rename(index=lambda n: f"u{n}"),
        ]
    )
    rows["claim_id"] = rows.index
    parts = ledger.parts(rows, most=3)
    assert [(part.name, len(part.claims)) for part in parts] == [
        ("ledger/2019", 3),
        ("ledger/2018-cloud", 2),
        ("ledger/2018-zone-1", 3),
        ("ledger/2018-zone-2", 3),
        ("ledger/2018-zone-3", 1),
        ("ledger/undated", 2),
    ]
    assert parts[2].title == "Claims of 2018: the zone, 1 of 3"
    assert sorted(claim for part in parts for claim in part.claims) == sorted(rows.index)


def test_a_full_page_of_long_claims_keeps_within_its_budget(small):
    """Words are made up from numbers, which compress worse than prose; frame, style and script take the rest."""
    frame_style_and_script = 28 * inspection.KIB
    row = dict(views.LedgerRow.__annotations__)
    rows = tuple(
        views.LedgerRow(
            **dict.fromkeys(row, f"word-{n}")
            | {
                "statement": views.Link(
                    " ".join(str(n * k * 7919 % 10007) for k in range(1, 18)), f"../claims/c{n}.html"
                ),
                "badge": views.Badge("met", "met"),
                "overdue": False,
                "featured": False,
                "findings": (f"outcome-c{n}-2026-11",),
            }
        )
        for n in range(ledger.MOST_ROWS)
    )
    weight = len(gzip.compress(render(views.LedgerRows(rows)).encode(), 9))
    assert weight + frame_style_and_script <= inspection.BUDGET_PLAIN


def test_a_divided_ledger_lists_its_pages_and_each_leads_on(small, monkeypatch):
    monkeypatch.setattr(ledger, "parts", functools.partial(ledger.parts, most=2))
    addresses = links.Addresses("book/ledger", lambda here, there: f"../{there}.html")
    claims = verdicts.all_verdicts()
    html = render(ledger.view(claims, addresses))
    listed = [part.name for part in ledger.parts(claims)]
    assert listed == ["ledger/2017-dftz-1", "ledger/2017-dftz-2"]
    assert (
        all(f'<a data-part href="../{name}.html">' in html for name in listed) and 'class="claim"' not in html
    )
    first, second = ledger.parts(claims)
    shown = render(ledger.part_view(first, None, second, claims, addresses))
    assert shown.count('class="claim"') == 2 and 'rel="next" href="../ledger/2017-dftz-2.html"' in shown


def test_filters_offer_what_occurs_with_how_often(small):
    offered = {choice.name: choice.values for choice in ledger.choices(verdicts.all_verdicts())}
    assert ("unknown", "no published evidence (1)") in offered["verdict"]
    assert set(offered) == {
        "verdict",
        "who",
    }  # a filter of one value, or of fields that the data lack, is none
