"""Words that readers have for what the reference pages call otherwise lead there."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect


@pytest.mark.parametrize(
    ("question", "page"),
    [
        ("SQL", "book/data.html"),
        ("Parquet", "book/data.html"),
        ("download", "book/data.html"),
        ("excel", "book/data.html"),
        ("mistake", "book/contribute.html"),
        ("error", "book/contribute.html"),
    ],
)
def test_a_readers_word_leads_to_the_page(open_page, question, page):
    found = open_page(f"search.html?q={question}").locator(f"#search-results a[href*='{page}']")
    expect(found.first).to_be_visible(timeout=20_000)
