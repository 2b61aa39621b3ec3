"""The card of a claim: drawn from its verdict, the same bytes every time, light, and only where it can be fetched."""

from __future__ import annotations

import io
import types
from pathlib import Path

import pytest
from PIL import Image

from storykit import look, project, verdicts
from storykit.site import npm, social

PROJECT = Path(__file__).parent.parent.parent
WORDS = {
    "statement": "Goods worth US$65 billion.",
    "who": "The government",
    "said": "March 2017",
    "verdict": "met",
    "verdict_words": "met",
    "day": "as of 23 November 2026",
    "site": "A small story",
}


@pytest.fixture
def fonts(small):
    with project.reading(PROJECT):
        npm.ensure_libraries()
    (small / "package.json").write_text((PROJECT / "package.json").read_text())
    (small / "node_modules").symlink_to(PROJECT / "node_modules")
    return small


def opened(**words) -> Image.Image:
    return Image.open(io.BytesIO(social.draw(**{**WORDS, **words}))).convert("RGB")


def test_a_card_is_the_same_every_time_and_light(fonts):
    assert social.draw(**WORDS) == social.draw(**WORDS)
    assert len(social.draw(**WORDS)) < 10 * 1024
    assert opened().size == social.SIZE


@pytest.mark.parametrize("verdict", verdicts.WORDS)
def test_a_card_has_the_colour_and_the_words_of_its_verdict(fonts, verdict):
    card = opened(verdict=verdict, verdict_words=verdicts.WORDS[verdict])
    wanted = tuple(bytes.fromhex(look.tokens()["light"][verdict][1:]))
    bar = card.getpixel((300, 2))
    assert max(abs(a - b) for a, b in zip(bar, wanted)) < 24, (bar, wanted)
    assert card.tobytes() != opened(verdict=verdict, verdict_words="other words").tobytes()


def test_a_statement_of_any_length_stays_in_its_room(fonts):
    for statement in ("Short.", "word " * 40, "word " * 400, "W" * 500, ""):
        card = opened(statement=statement, who="name " * 60)
        edge = card.crop((social.SIZE[0] - 8, 10, *social.SIZE))
        assert statement == "W" * 500 or len(edge.getcolors()) == 1, statement[:20]


def test_cards_are_drawn_only_where_they_can_be_fetched_and_follow_the_data(fonts, tmp_path):
    out = tmp_path / "out"
    out.mkdir()

    def app(base):
        return types.SimpleNamespace(config=types.SimpleNamespace(html_baseurl=base, html_title="Small"))

    social.write(app("https://host.example"), out)
    assert {p.stem for p in (out / "_cards").iterdir()} == {"thousand-firms", "goods", "no-number"}
    before = (out / "_cards" / "goods.png").read_bytes()
    (out / "_cards" / "gone.png").touch()
    file = fonts / "data" / "tables" / "claims.csv"
    file.write_text(file.read_text().replace("Goods worth US$65 billion.", "Goods worth less."))
    social.write(app("https://host.example"), out)
    assert (out / "_cards" / "goods.png").read_bytes() != before
    assert not (out / "_cards" / "gone.png").exists()
    social.write(app(""), out)
    assert not (out / "_cards").exists()
