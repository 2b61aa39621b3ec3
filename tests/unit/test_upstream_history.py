"""Each place's own history guards what a refresh takes: made-up histories, and all that the project holds."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from decimal import Decimal

import pytest
from upstream_answers import DAY, merged, one, small, told

from storykit import tables
from storykit.upstream import apply
from storykit.upstream.apply import Batch, Known, Row
from storykit.upstream.history import History

FEW = ["a/MY/2019 10", "a/MY/2020 12"]
MANY = [f"a/MY/{year} {value}" for year, value in zip(range(2015, 2021), (8, 9, 10, 9, 11, 12))]
SIGNED = [f"a/MY/{year} {value}" for year, value in zip(range(2015, 2021), (5, 6, -2, 4, 5, 6))]
STEEP = [f"a/MY/{year} {value}" for year, value in zip(range(2014, 2021), (0.01, 0.2, 1, 5, 20, 60, 90))]
ZEROS = [f"a/MY/{year} 0" for year in range(2016, 2021)]
ZEROS_BESIDE = [*ZEROS, "a/SG/2020 4"]


@pytest.mark.parametrize(
    ("held", "value", "words"),
    [
        (MANY, "36", ""),
        (MANY, "37", "more than 3 times the largest value of this place (12)"),
        (MANY, "12000", "more than 3 times the largest"),
        (MANY, "2.7", ""),
        (MANY, "2.6", "less than the smallest value of this place (8) divided by 3"),
        (MANY, "0.012", "less than the smallest"),
        (MANY, "0", "is zero, and the smallest value of this place is 8"),
        (MANY, "-12", "is below zero, and the series holds nothing below zero"),
        (FEW, "120", ""),
        (FEW, "121", "more than 10 times the largest"),
        (FEW, "0.9", "divided by 10"),
        (SIGNED, "22", ""),
        (SIGNED, "23", "far outside the -2 to 6 that this place has had"),
        (SIGNED, "-19", "far outside"),
        (SIGNED, "6000", "far outside"),
        (STEEP, "95", ""),
        (STEEP, "85", ""),
        (STEEP, "0.09", "more than 20 times off 90, its value of 2020"),
        (ZEROS_BESIDE, "399", ""),
        (ZEROS_BESIDE, "401", "more than 100 times the largest value the series holds"),
    ],
)
def test_a_value_is_measured_by_its_own_place(held, value, words):
    outcome = merged(small(held), one("a", "2021", value))
    assert [words in event for event in told(outcome, "odd")] == ([True] if words else [])
    assert any(row["period"] == "2021" for row in outcome.tables["observations"]) is not bool(words)


def test_a_place_without_a_history_is_measured_by_the_series():
    held = [*MANY, "b/MY-07/2020 0"]
    assert told(merged(small(held), one("a", "2021", "1201", "SG")), "odd")
    assert not told(merged(small(held), one("a", "2021", "1199", "SG")), "odd")


def test_a_revision_is_measured_like_a_new_value_and_the_old_one_leads_on():
    known = small(MANY)
    outcome = merged(known, one("a", "2018", "9000"))
    assert outcome.tables["observations"] == known["observations"] and told(outcome, "odd")
    assert told(merged(known, one("a", "2018", "9.9")), "revised")


def test_a_revision_is_compared_with_the_value_it_replaces():
    assert told(merged(small(STEEP), one("a", "2020", "4")), "odd"), "15 times below 2019, and 22 below 2020"


def test_an_odd_value_is_no_history_for_the_next_and_a_good_one_is():
    outcome = merged(
        small(MANY), one("a", "2021", "13000"), one("a", "2022", "14000"), one("a", "2023", "14")
    )
    assert len(told(outcome, "odd")) == 2 and told(outcome, "added") == ["a: 1 (MY 2023)"]
    assert not told(merged(small(MANY), one("a", "2021", "30"), one("a", "2022", "85")), "odd")


def test_a_forecast_that_an_editor_put_in_is_no_history():
    known = small([*MANY, "a/MY/2021 5000"])
    known["observations"][-1]["nature"] = "forecast"
    assert told(merged(known, one("a", "2022", "5000")), "odd")


# --- as a whole -----------------------------------------------------------------------------------


def whole(held: list[str], given: dict[str, list], places: tuple[str, ...] = ("MY",)):
    rows = [
        one("a", period, str(v), place)
        for period, values in given.items()
        for place, v in zip(places, values)
    ]
    return merged(small(held), *rows)


@pytest.mark.parametrize("ratio", ["1000", "0.001", "1.12", "0.7", "-1"])
def test_a_series_rebased_as_a_whole_is_a_break_and_no_revisions(ratio):
    known = small(SIGNED if ratio == "-1" else MANY)
    rows = [one("a", r["period"], str(Decimal(r["value"]) * Decimal(ratio))) for r in known["observations"]]
    outcome = merged(known, *rows, one("a", "2021", str(12 * Decimal(ratio))))
    assert outcome.tables["observations"] == known["observations"]
    (event,) = told(outcome, "break")
    assert "a/MY: all 6 periods held changed by about the same ratio" in event and not told(
        outcome, "revised"
    )


def test_a_rebasing_may_differ_a_little_from_year_to_year():
    values = zip(range(2015, 2021), ("8.9", "10.1", "11.2", "10.2", "12.4", "13.4"))
    outcome = merged(small(MANY), *(one("a", str(year), value) for year, value in values))
    assert told(outcome, "break") and not told(outcome, "revised")


def rebased(places: list[str], ratios: list[str]) -> list[Row]:
    return [
        one("a", key.split("/")[2], str(Decimal(value) * Decimal(ratio)))
        for (key, value), ratio in zip((text.split() for text in places), ratios)
    ]


def test_two_periods_are_too_few_to_tell_a_break():
    assert told(merged(small(FEW), *rebased(FEW, ["1.3"] * 2)), "revised")
    three = [*FEW, "a/MY/2021 14"]
    assert told(merged(small(three), *rebased(three, ["1.3"] * 3)), "break")


@pytest.mark.parametrize("other", ["1.5", "1.15"])
def test_one_ratio_unlike_the_others_is_no_break(other):
    known = small(MANY)
    outcome = merged(known, *rebased(MANY, ["1.3"] * 5 + [other]))
    assert len(told(outcome, "revised")) == 6 and not told(outcome, "break")


def test_a_corrected_value_and_an_editors_lead_do_not_hide_or_make_a_break():
    entry = {"correction_id": "c", "table": "observations", "key": "a/MY/2017", "field": "value"}
    known = small(MANY, corrections=(entry | {"upstream_value": "10", "value": "3"},))
    known["observations"][2]["value"] = "3"
    assert told(merged(known, *rebased(MANY, ["1.3"] * 6)), "break")
    known = small([*MANY, *(text.replace(" ", "~2 ") for text in MANY)])
    for row in known["observations"][:6]:
        row["source_ids"] = "census"
    outcome = merged(known, *rebased(MANY, ["1.3"] * 6))
    assert len(told(outcome, "differs")) == 6 and not told(outcome, "break")


@pytest.mark.parametrize("mark", [{"nature": "forecast"}, {"flag": "obs_status 'Q'"}])
def test_rows_that_are_not_taken_make_no_break(mark):
    rows = [dataclasses.replace(row, **mark) for row in rebased(MANY, ["1.3"] * 6)]
    outcome = merged(small(MANY), *rows)
    assert not told(outcome, "break") and not told(outcome, "revised")


def test_another_series_and_a_few_equal_values_are_no_mistaken_name():
    given = [
        f"a/MY/{year} {value}" for year, value in zip(range(2015, 2021), (9.4, 9.9, 12, 9.7, 13.2, 12.9))
    ]
    other_series = [text.replace("a/MY", "b/SG") for text in given]
    few_equal = [text.replace("MY", "SG") for text in given[:4]]
    for beside in (other_series, few_equal):
        outcome = merged(small([*MANY, *beside]), *rebased(given, ["1"] * 6))
        assert told(outcome, "revised") and not told(outcome, "odd")


@pytest.mark.parametrize(
    "values",
    [
        {"2018": "9.5", "2019": "11.5", "2020": "12.6"},
        {"2015": "8.1", "2016": "9.1", "2017": "9.8", "2018": "9.3", "2019": "10.7", "2020": "12.2"},
        {"2015": "8.05", "2016": "9.05", "2017": "10.06", "2018": "9.05", "2019": "11.06", "2020": "12.07"},
    ],
)
def test_ordinary_revisions_are_no_break(values):
    given = {f"{year}": held.split()[1] for held, year in zip(MANY, range(2015, 2021))} | values
    outcome = merged(
        small([*MANY, "a/SG/2020 1.25"]), *(one("a", year, value) for year, value in given.items())
    )
    assert len(told(outcome, "revised")) == len(values) and not told(outcome, "break")


def test_places_that_came_under_each_others_names_are_not_taken():
    years = range(2016, 2021)
    held = [f"a/{place}/{y} {v + n / 10}" for place, v in (("MY", 4), ("SG", 5)) for n, y in enumerate(years)]
    given = {str(y): [5 + n / 10, 4 + n / 10] for n, y in enumerate(years)} | {"2021": [5.6, 4.6]}
    outcome = whole(held, given, ("MY", "SG"))
    assert told(outcome, "odd") == [
        "a/MY: the values of SG came under its name",
        "a/SG: the values of MY came under its name",
    ]
    assert not told(outcome, "added") and not told(outcome, "revised")


@pytest.mark.parametrize(("step", "words"), [(1, "next"), (-1, "previous")])
def test_values_that_slipped_by_a_period_are_not_taken(step, words):
    held = {str(2012 + n): str(value) for n, value in enumerate((4, 5, 4.5, 6, 7, 6.5, 8))}
    given = {str(int(year) - step): value for year, value in held.items()}
    outcome = merged(
        small([f"a/MY/{year} {value}" for year, value in held.items()]),
        *(one("a", year, value) for year, value in given.items()),
    )
    assert f"a/MY: each period has the value of the {words} one" in told(outcome, "odd")
    assert not told(outcome, "revised") and not told(outcome, "added")


@pytest.mark.parametrize("value", ["10", "0"])
def test_one_value_for_all_periods_is_not_taken(value):
    outcome = merged(small(MANY), *(one("a", str(year), value) for year in range(2015, 2022)))
    assert told(outcome, "odd") == [f"a/MY: one value, {value}, for all 7 periods"]
    assert not told(outcome, "revised") and not told(outcome, "added")


def test_a_series_without_any_value_is_told_and_kept():
    known = small(MANY)
    outcome = apply.apply(Batch(answered={"a"}), known, DAY)
    assert told(outcome, "vanished") and outcome.tables["observations"] == known["observations"]


# --- what the project holds -----------------------------------------------------------------------


@pytest.fixture
def histories(project) -> dict:
    """{(series, place): [(period, value)]} of all that a refresh may change, oldest first."""
    known = Known({name: tables.raw(name).to_dict("records") for name in ("series", "observations")})
    refreshed = {row["series_id"] for row in known["series"] if row["upstream"]}
    found = defaultdict(list)
    for row in known["observations"]:
        if row["series_id"] in refreshed and row["standing"] == "lead":
            found[row["series_id"], row["geography"]].append((row["period"], float(row["value"])))
    return {place: sorted(values) for place, values in found.items()}


def judged(histories: dict, factor: float = 1, known: int = 1) -> tuple[int, list]:
    """How many values were put to the history before them, and which were odd."""
    asked, odd = 0, []
    below = {series for (series, _), values in histories.items() if any(v < 0 for _, v in values)}
    for (series, place), values in histories.items():
        history = History()
        if series in below:  # the series, not the place, decides whether there is a sign
            history.add(series, "", "", -1e-9)
        for number, (period, value) in enumerate(values):
            if number >= known:
                asked += 1
                if words := history.odd(series, place, period, value * factor):
                    odd.append(f"{series}/{place}/{period}: {value:g} {words}")
            history.add(series, place, period, value)
    return asked, odd


def test_what_really_happened_passes_and_another_unit_does_not(histories):
    asked, odd = judged(histories)
    assert asked > 4000 and odd == []
    for factor, least in ((1000, 1.0), (100, 0.995), (10, 0.95)):
        asked, odd = judged(histories, factor, known=4)
        assert len(odd) >= least * asked, factor


def test_what_the_project_holds_is_no_change_as_a_whole(project):
    known = Known(
        {
            n: tables.raw(n).to_dict("records")
            for n in ("series", "observations", "geographies", "sources", "corrections")
        }
    )
    refreshed = {row["series_id"] for row in known["series"] if row["upstream"]}
    rows = [
        Row(r["series_id"], r["geography"], r["period"], Decimal(r["value"]), r["source_ids"].split(";")[0])
        for r in known["observations"]
        if r["series_id"] in refreshed and r["standing"] == "lead"
    ]
    outcome = apply.apply(Batch(rows=rows), known, DAY)
    assert not outcome.problems and {event.kind for event in outcome.events} <= {"corrected"}
