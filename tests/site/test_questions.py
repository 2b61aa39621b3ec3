"""Ten questions that a reader brings, each answered within two clicks from the front page, with what the data say."""

from __future__ import annotations

import html
import posixpath
import re
from urllib.parse import urlsplit

import pytest

from storykit import receipts, verdicts

QUESTIONS = {
    "Which hub promised in 2018 opened in Europe, and when?": (
        ["book/elsewhere"],
        'outcomes("liege-open-2021-2021-11-08").as_of',
    ),
    "How long did the slowest cloud region take?": (
        ["book/elsewhere"],
        'partnerships("eg-huawei-2019").months_to_first_delivery',
    ),
    "How many jobs were counted at Liège?": (
        ["book/elsewhere"],
        'outcomes("be-jobs-350-2023-08-31").observed_value',
    ),
    "What did its operator and the minister's office say to that?": (
        ["book/kit", "claims/be-jobs-350"],
        'replies("be-jobs-350-2023-07-06").day',
    ),
    "Who published a count of people trained in Thailand?": (
        ["book/kit", "claims/th-microsoft-100k"],
        'outcomes("th-microsoft-100k-2025-11-26").observed_value',
    ),
    "What became of a million American jobs?": (
        ["claims/us-million-jobs"],
        'claims("us-million-jobs").verdict_words',
    ),
    "When was the text of a memorandum released?": (["book/kit"], 'sources("nzte-2021-11-16-oia").published'),
    "How much of the Thai land was in use?": (
        ["claims/th-alibaba-300-rai"],
        'outcomes("th-alibaba-300-rai-2022-12").observed_value',
    ),
    "Did New Zealand's region open in 2024?": (["claims/nz-aws-2024"], 'claims("nz-aws-2024").verdict_words'),
    "Is the unknown Malaysian?": (
        ["book/elsewhere"],
        'count("claims", country_iso2="MY", verdict="unknown")',
    ),
}
"""Question -> the pages to click through from the front page, and the expression of the answer."""


def links(site, page):
    """Pages that a page leads to."""
    text = (site / f"{page}.html").read_text(encoding="utf-8")
    found = (urlsplit(html.unescape(address)) for address in re.findall(r'<a\s[^>]*?href="([^"]*)"', text))
    here = posixpath.dirname(page)
    return {
        posixpath.normpath(posixpath.join(here, at.path)).removesuffix(".html")
        for at in found
        if at.path and not at.netloc
    }


def words(site, page):
    """What a reader reads on a page."""
    text = (site / f"{page}.html").read_text(encoding="utf-8")
    text = re.sub(r"(?s)<(script|style|svg)\b.*?</\1>", " ", text[text.index("<main") :])
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", text)))


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_reader_finds_the_answer_within_two_clicks(site, question):
    clicks, answer = QUESTIONS[question]
    assert len(clicks) <= 2
    for here, there in zip(["book/index", *clicks], clicks):
        assert there in links(site, here), f"{here} does not lead to {there}"
    assert receipts.num(answer) in words(site, clicks[-1])


def test_every_claim_is_one_click_from_the_front_page(site):
    assert {f"claims/{claim}" for claim in verdicts.all_verdicts()["claim_id"]} <= links(site, "book/index")
