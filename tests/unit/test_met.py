"""What would have to be true for a claim to be met: said by the rules that decide, compared where one thing is counted."""

from __future__ import annotations

import pytest
from test_claims import addresses, change  # noqa: F401

from storykit.site import claim_view, met
from storykit.site.templates import render


def told(claim="thousand-firms"):
    claims = claim_view.Claims()
    record = claims.decided[claim]
    found = claims.outcomes.get(claim, [])
    deciding = next((o for o in found if o["outcome_id"] == record["verdict_outcome"]), None)
    return met.view(record, deciding)


def test_a_promise_that_was_kept_says_by_how_much(small):
    view = told()
    assert view.told == (
        "It takes a published count of at least 1,500 SMEs. What is counted: firms.",
        "The finding that decides counts 1,972 SMEs: 472 SMEs more than promised, 131% of it.",
        "It is dated 31 December 2017 or earlier; one of a later day would make it met late.",
    )
    slider = view.slider
    assert (slider.sign, slider.turns_at, slider.starts_at, slider.step) == (">=", "1500", "1972", "10")


def test_a_number_short_of_the_goal_says_what_is_lacking(small):
    change(
        small, "outcomes", '1972,smes,"Chosen, not selling.",met', '900,smes,"Chosen, not selling.",missed'
    )
    assert "counts 900 SMEs: 600 SMEs less than promised, 60% of it." in told().told[1]


@pytest.mark.parametrize(
    ("count", "part"),
    [("1", "less than 1%"), ("7.5", "less than 1%"), ("7.6", "1%"), ("22.4", "1%"), ("23", "2%")],
)
def test_of_the_smallest_part_of_a_goal_no_percent_is_written(small, count, part):
    change(
        small,
        "outcomes",
        '1972,smes,"Chosen, not selling.",met',
        f'{count},smes,"Chosen, not selling.",missed',
    )
    assert told().told[1].endswith(f" less than promised, {part} of it.")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            '1972,smes,"Chosen, not selling.",met',
            '900,smes,"Chosen, not selling.",met',
        ),  # met although short: counts something else
        ('1972,smes,"Chosen, not selling.",met', '1972,smes,"Chosen, not selling.",missed'),
        ('1972,smes,"Chosen, not selling.",met', '1972,smes,"Chosen, not selling.",unknown'),
        ('1972,smes,"Chosen, not selling.",met', '1972,percent,"Chosen, not selling.",met'),
        ('1972,smes,"Chosen, not selling.",met', ',,"Chosen, not selling.",met'),
    ],
)
def test_a_number_that_may_be_of_something_else_is_not_compared(small, old, new):
    change(small, "outcomes", old, new)
    view = told()
    assert view.slider is None and not any("counts" in sentence for sentence in view.told[1:])


def test_what_has_no_number_asks_for_a_finding(small):
    assert told("no-number").told == (
        "It takes a finding that says so. What is looked at: what was promised.",
        "No date was given, so it may be of any day.",
    )


def test_fewer_hours_are_more(small):
    change(small, "units", "smes,SMEs,,SMEs,smes,1", "smes,SMEs,,SMEs,second,1")
    view = told()
    assert view.told[0].startswith("It takes a published count of at most 1,500")
    assert view.slider is None  # 1,972 seconds do not keep it, and the finding says met


def test_the_page_compares_and_says_it_without_script(small, addresses):  # noqa: F811
    html = render(claim_view.page(claim_view.Claims(), "thousand-firms", (), addresses, ""))
    assert "What would have to be true for <em>met</em>?" in html and "472 SMEs more than promised" in html
    assert 'data-sign="&gt;="' in html and 'data-yes="what was promised, or more"' in html
