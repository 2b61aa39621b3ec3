"""HTML made from data: escaped, linked, and honest about what it rests on."""

from __future__ import annotations

import json
import re

import pytest

from storykit import receipts
from storykit.site import cards, markup, reference
from storykit.site.templates import render


@pytest.fixture
def writer(small):
    return markup.PageWriter("book/zone", lambda here, there: f"../{there}.html")


def part(writer, name, **options):
    return render(reference.PARTS[name](writer, None, options))


def put(folder, table, old, new):
    file = folder / "data" / "tables" / f"{table}.csv"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_a_receipt_is_a_link_and_its_card_says_where_the_number_comes_from(writer):
    link = writer.receipt("chosen/MY/2017")
    assert re.fullmatch(
        r'<a class="receipt" href="\.\./series/chosen\.html#o-MY-2017" data-receipt="r1">1,972 SMEs</a>', link
    )
    card = writer.cards()
    for words in (
        "1,972 SMEs",
        "Firms on the list.",
        "1972",
        "2017",
        "The Paper, 13 May 2017",
        "high: official",
        "at least 1,900 SMEs",
    ):
        assert words in card


def test_a_card_shows_earlier_values_and_a_formula_its_inputs(writer):
    writer.receipt("sales/MY/2019")
    assert "2017: RM40.0 million; 2018: RM52.1 million" in writer.cards()
    writer.receipt("sales/MY/2018 / sales/MY/2017 | percent")
    assert '<dd class="rc-name">[1] ÷ [2]</dd>' in writer.cards()
    assert writer.cards().index("2018: RM52.1 million</a></li>") < writer.cards().index(
        "2017: RM40.0 million</a>"
    )
    assert "../series/sales.html#o-MY-2017" in writer.cards()


def test_a_formula_is_spelled_with_the_numbers_of_its_inputs():
    inputs = [("observations", "a/MY/2018"), ("observations", "a/MY/2018-06"), ("claims", "x")]
    spelled = cards.spelled('(a/MY/2018-06 - observations("a/MY/2018")) * claims("x").target_value', inputs)
    assert spelled == '([2] − [1]) × claims("x").target_value'


def test_the_same_number_twice_has_one_card(writer):
    writer.receipt("chosen/MY/2017")
    writer.receipt("chosen/MY/2017")
    assert writer.cards().count("<section") == 1


def test_markup_in_the_data_shows_as_text(small, writer):
    put(small, "sources", "The Paper", "<script>alert(1)</script>")
    put(small, "series", "Firms on the list.", "<img src=x onerror=alert(1)>")
    put(small, "claims", "Goods worth US$65 billion.", "Goods <i>worth</i> & more")
    writer.receipt("chosen/MY/2017")
    html = writer.cards() + part(writer, "ledger") + part(writer, "wall")
    assert "<script>" not in html and "<img" not in html and "<i>" not in html and "<b>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "Goods &lt;i&gt;worth&lt;/i&gt; &amp; more" in html
    assert "The &lt;b&gt;government&lt;/b&gt;" in html


def test_the_ledger_has_a_row_for_every_claim_that_leads_to_its_page_and_keeps_its_anchors(writer):
    html = part(writer, "ledger")
    assert re.findall(r'<li class="claim" id="claim-([a-z-]+)"', html) == [
        "thousand-firms",
        "goods",
        "no-number",
    ]
    for words in (
        '<i id="outcome-o2"></i><i id="outcome-o3"></i>',
        'href="../claims/goods.html">Goods worth',
        'data-said="2017-03" data-due="2025"',
        'data-verdict="unknown"',
        'data-verdict="not-followed-up"',
    ):
        assert words in html


def test_a_verdict_badge_has_word_and_mark_and_link(writer):
    badge = writer.verdict("goods")
    assert 'class="verdict verdict-unknown"' in badge and "no published evidence" in badge
    assert 'href="../claims/goods.html"' in badge
    with pytest.raises(receipts.ReceiptError, match="has no row 'nothing'"):
        writer.verdict("nothing")


def test_disagreements_stand_side_by_side(writer):
    html = part(writer, "disagreements")
    assert "1,972 SMEs" in html and "at least 1,900 SMEs" in html and "rounded by the speaker" in html


def test_a_false_sentence_is_never_written(writer):
    with pytest.raises(receipts.ReceiptError, match="no longer support"):
        writer.sentence("fell <sales/MY/2018 < sales/MY/2017>")


def test_a_list_of_claims_holds_what_its_rule_says(writer):
    html = part(writer, "claims", where='verdict="unknown"')
    assert "Goods worth US$65 billion." in html
    assert "A thousand firms will sell." not in html
    with pytest.raises(receipts.ReceiptError, match="needs a rule"):
        part(writer, "claims")


def test_a_list_of_claims_tells_each_reply(small, writer):
    assert "Reply of" not in part(writer, "claims", where='claim_id="goods"')
    with_replies(small, "2020-02,The other firm,It came in time.", "2019-05,The firm,It is on its way.")
    html = part(writer, "claims", where='claim_id="goods"')
    assert html.index("Reply of The firm, May 2019:") < html.index("Reply of The other firm, February 2020:")
    assert "Reply of" not in part(writer, "claims", where='claim_id="no-number"')


def with_replies(small, *rows):
    """Adds a table of replies to the claim `goods`: each row a day, a party and what it says."""
    table = small / "data" / "tables" / "replies.csv"
    lines = [f"r{number},goods,{row},paper" for number, row in enumerate(rows)]
    table.write_text("\n".join(["reply_id,claim_id,day,party,says,source_ids", *lines]) + "\n")
    file = small / "data" / "datapackage.json"
    package = json.loads(file.read_text())
    names = ["reply_id", "claim_id", "day", "party", "says", "source_ids"]
    fields = [{"name": n, "type": "list" if n == "source_ids" else "string", "description": n} for n in names]
    fields[-1]["delimiter"] = ";"
    entry = {"name": "replies", "type": "table", "path": "tables/replies.csv", "title": "Replies"}
    entry |= {"description": "Made up.", "schema": {"fields": fields, "primaryKey": ["reply_id"]}}
    package["resources"].append(entry)
    file.write_text(json.dumps(package))


def with_kinds(small):
    """Gives the claims a kind: two of trade, one of an opening."""
    kinds = {"thousand-firms": "trade", "goods": "trade", "no-number": "opening"}
    table = small / "data" / "tables" / "claims.csv"
    head, *rows = table.read_text().splitlines()
    table.write_text("\n".join([f"asks,{head}", *(f"{kinds[r.split(',')[0]]},{r}" for r in rows)]) + "\n")
    file = small / "data" / "datapackage.json"
    package = json.loads(file.read_text())
    fields = next(e for e in package["resources"] if e["name"] == "claims")["schema"]["fields"]
    labels = {"opening": "opening: it is there", "trade": "trade or sales: goods are sold"}
    categories = [{"value": value, "label": label} for value, label in labels.items()]
    fields.insert(0, {"name": "asks", "type": "string", "description": "Kind", "categories": categories})
    file.write_text(json.dumps(package))


def cells(html):
    """Row by row the texts of a table."""
    return [
        re.findall(r"<t[hd][^>]*>(?:<a [^>]*>)?([^<]*)", row) for row in re.findall(r"<tr>.*?</tr>", html)
    ]


def test_claims_are_counted_by_kind_and_verdict(small, writer):
    with_kinds(small)
    assert cells(part(writer, "sets", content=["All of them"])) == [
        ["Kind", "met", "no published evidence", "not yet followed up", "all"],
        ["opening", "0", "0", "1", "1"],
        ["trade or sales", "1", "1", "0", "2"],
        ["all kinds", "1", "1", "1", "3"],
    ]


def test_a_count_leads_to_the_ledger_where_that_can_show_the_same_claims(small, writer):
    with_kinds(small)
    html = part(writer, "sets", where='thread="dftz"')
    assert '<a href="../book/ledger.html?thread=dftz&amp;asks=trade&amp;verdict=met">1</a>' in html
    assert "href" not in part(writer, "sets", where='due_by__not=""')


def test_the_kinds_are_told_in_their_order(small, writer):
    with_kinds(small)
    assert "<strong>opening</strong>: it is there.</li>\n<li><strong>trade or sales" in part(
        writer, "kind-meanings"
    )
