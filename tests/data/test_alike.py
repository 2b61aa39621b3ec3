"""What must not be put together is refused: sums with other horizons; and a promise is not missed before its date."""

from __future__ import annotations

import pytest

from storykit import checks, receipts

PARTNERSHIPS = "partnerships.amount of 'id-microsoft-2021' and 'my-microsoft-2021'"


@pytest.mark.parametrize(
    "expression",
    [
        'partnerships("my-microsoft-2021").amount + partnerships("id-microsoft-2021").amount',
        'partnerships("my-microsoft-2021").amount > partnerships("id-microsoft-2021").amount',
        'partnerships("my-microsoft-2021").amount / partnerships("id-microsoft-2021").amount',
        'total("partnerships", "amount", currency="USD")',
        'claims("aws-25-5bn").target_value + claims("china-investment-170bn").target_value',
        'total("claims", "target_value", asks="money", target_unit="usd_billion")',
    ],
)
def test_sums_with_other_horizons_are_neither_added_nor_compared(project, expression):
    with pytest.raises(receipts.ReceiptError, match=r"not alike in (amount_basis and amount_years|due_by)"):
        receipts.evaluate(expression)


@pytest.mark.parametrize(
    "expression",
    [
        'partnerships("my-microsoft-2021").amount + partnerships("sa-sccc-2020").amount',  # both over five years
        'partnerships("mx-aws-2024").amount == partnerships("th-aws-2022").amount',  # both over fifteen
        'claims("be-jobs-600").target_value > claims("be-jobs-350").target_value',  # no sums of money
        'claims("aws-25-5bn").target_value > 20',
    ],
)
def test_what_is_alike_may_be_compared(project, expression):
    receipts.evaluate(expression)


def test_no_promise_is_missed_before_its_date(package):
    row = package.where("outcomes", "outcome_id", "ke-groundbreaking-2024-2026-05-10")
    package.set("outcomes", row, "as_of", "2024-11")
    (problem,) = checks.check()
    assert (problem.row, problem.column, problem.value) == (row, "verdict", "missed")
    assert "before the date that is due (2024-12); until then it is open" in problem.allowed
    package.set("outcomes", row, "as_of", "2024-12")
    assert checks.check() == []
