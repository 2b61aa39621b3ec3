"""How fresh and how sure a figure or a chapter is, computed from its rows.

The descriptor says of a table which field dates its rows (`storykit:date`), and which rows hold a plan there
(`storykit:plans`, field -> values): a plan is no age of the data.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable

from storykit import descriptor, periods, receipts, tables, verdicts


@dataclasses.dataclass(frozen=True)
class Freshness:
    """What the rows say about time and confidence.

    `newest` and `oldest` are periods ("" if no row is dated); `confidence` counts rows by level;
    `next_expected` is the earliest date on which a newer value is due; `overdue` whether that
    date lies before the day the data stand at.
    """

    newest: str
    oldest: str
    confidence: dict[str, int]
    next_expected: str
    overdue: bool

    @property
    def rows(self) -> int:
        return sum(self.confidence.values())

    def words(self) -> str:
        """One sentence for the page."""
        parts = []
        if self.newest:
            newest, oldest = (receipts.date_words(d) for d in (self.newest, self.oldest))
            parts.append(f"Data for {newest}" if newest == oldest else f"Data from {oldest} to {newest}")
        if self.rows:
            levels = [
                f"{self.confidence[k]} {k}" for k in ("high", "medium", "low") if self.confidence.get(k)
            ]
            parts.append(f"confidence of {self.rows} row{'s' if self.rows > 1 else ''}: " + ", ".join(levels))
        if self.next_expected:
            due = receipts.date_words(self.next_expected)
            parts.append(f"newer data were due {due}" if self.overdue else f"newer data expected {due}")
        return "; ".join(parts) + "." if parts else ""


def of(rows: Iterable[tuple[str, str]]) -> Freshness:
    """Freshness of rows given as (table, key); rows of tables without confidence are passed over."""
    dates: list[str] = []
    levels: Counter[str] = Counter()
    series: set[str] = set()
    for table, key in dict.fromkeys(rows):
        record = tables.records(table).get(key, {})
        if "confidence" not in record:
            continue
        levels[record["confidence"]] += 1
        date = _date(table, record)
        if date and date != "undated":
            dates.append(date)
        if table == "observations":
            series.add(record["series_id"])
    dates.sort(key=lambda d: periods.bounds(d)[1])
    known = tables.records("series")
    expected = sorted(d for d in (known[name]["next_expected"] for name in series) if d)
    due = expected[0] if expected else ""
    as_of = periods.bounds(verdicts.data_as_of())[0]
    overdue = bool(due) and periods.bounds(due)[1] < as_of
    return Freshness(dates[-1] if dates else "", dates[0] if dates else "", dict(levels), due, overdue)


def _date(table: str, record: dict[str, str]) -> str:
    """The date of a row; "" if its table has none, or if it is a plan."""
    about = descriptor.resource(table)
    plans = about.get("storykit:plans", {})
    ahead = any(record[field] in values for field, values in plans.items())
    return record[about["storykit:date"]] if "storykit:date" in about and not ahead else ""
