"""The words of a figure: its labels, which its code asks for."""

from __future__ import annotations

import json

import pytest

from storykit import chapters, project, words

TEXT = """```{facts}
more = chosen/MY/2017
```

```{figure-text} zone-firms
labels: goal-2017 = said in {num}`claims("thousand-firms").made_on | year` | firms = {num}`@more | plain` <b>chosen</b>
title: Words
```

```{figure-text} zone-other
title: Words
```
"""


@pytest.fixture
def zone(small):
    def write(text: str) -> None:
        cell = {"cell_type": "markdown", "source": text, "metadata": {}}
        (small / "book" / "zone.ipynb").write_text(json.dumps({"cells": [cell]}), encoding="utf-8")
        chapters.open_chapter("zone")

    return write


def test_labels_are_words_in_order_with_their_numbers(zone):
    zone(TEXT)
    assert list(words.labels("zone-firms").items()) == [
        ("goal-2017", "said in 2017"),
        ("firms", "1,972 <b>chosen</b>"),
    ]


@pytest.mark.parametrize("id", ["zone-other", "zone-none"])
def test_a_figure_without_labels_is_told_where_to_write_them(zone, id):
    zone(TEXT)
    with pytest.raises(
        project.DataError, match=f"no labels for a figure '{id}'; write labels: value = Words"
    ):
        words.labels(id)


def test_a_typed_number_in_a_label_is_named_with_its_line(zone):
    zone(TEXT.replace("said in {num}", "the 1,972 firms, said in {num}"))
    told = [(place.line, fault) for place, fault in words.problems_of(words.words_of("zone")["zone-firms"])]
    assert [line for line, fault in told if "labels holds a typed number" in fault] == [6], told
