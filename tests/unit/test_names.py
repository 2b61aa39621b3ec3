"""Named facts: what a name may stand for, what is refused, and where names come from."""

from __future__ import annotations

import pytest

from storykit import pages, project, receipts
from storykit.receipts import ReceiptError, language, names, of_page

BLOCK = """# A page

```{facts}
# how many
chosen = chosen/MY/2017
more_than = @chosen > 1500
twice = @chosen * 2 + @chosen
share = sales/MY/2018 / sales/MY/2019 | percent 1
firms = claims("thousand-firms")
listed = ["goods", "no-number"]
long_one = count("claims",
    claim_id=@listed)
```
"""


@pytest.fixture
def page(small):
    def write(text: str, name: str = "page") -> receipts.Names:
        (small / "book" / f"{name}.md").write_text(text, encoding="utf-8")
        return of_page("page")

    return write


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("@chosen", "1,972 SMEs"),
        ("@chosen | plain", "1,972"),
        ("@twice | plain", "5,916"),  # the name is one operand, whatever stands around it
        ("@chosen * 2", "3,944 SMEs"),
        ("@share", "about 47.4%"),
        ("@share | percent 0", "about 47%"),  # what stands at the place goes before what stands at the name
        ("@firms.target_value", "1,500 SMEs"),
        ('count("claims", claim_id=@listed) | words', "two"),
        ("@long_one", "2"),
    ],
)
def test_a_name_stands_for_a_number_a_row_a_list(page, inside, text):
    found = receipts.receipt(inside, page(BLOCK))
    assert found.text == text


def test_a_bar_parts_expression_and_words_with_or_without_spaces(page):
    known = page(
        "```{facts}\ntight = sales/MY/2018 / sales/MY/2019|percent 1\n"
        "quoted = count('claims', statement__has='a|b') |words\n```\n"
    )
    assert receipts.receipt("@tight", known).text == "about 47.4%"
    assert receipts.receipt("@quoted", known).text == "zero"


def test_names_are_those_the_page_has_now(page):
    assert receipts.receipt("@sold", page("```{facts}\nsold = sales/MY/2018\n```\n")).text == "RM52.1 million"
    assert (
        receipts.receipt("@sold", page("```{facts}\nsold = sales/MY/2017 * 2\n```\n")).text == "RM80 million"
    )


def test_an_expression_is_called_by_its_name_though_another_name_is_wrong(page):
    known = page("```{facts}\nwrong = @nothing + 1\nsold = sales/MY/2018\nagain = sales/MY/2018\n```\n")
    assert known.called("sales/MY/2018") == "@sold"
    assert known.called("sales/MY/2017") == "sales/MY/2017"


def test_a_verdict_is_asked_for_by_a_fact_of_its_claim(page):
    known = page(BLOCK + "\n```{facts}\ngoal = @firms.target_value\n```\n")
    assert [known.claim(i) for i in ("thousand-firms", "@firms", "@goal")] == ["thousand-firms"] * 3
    assert receipts.inside_expanded("verdict", "@goal", known) == "thousand-firms"
    with pytest.raises(ReceiptError, match=r"@twice is .* no claim and no field of one"):
        known.claim("@twice")


def test_a_name_is_replaced_in_the_parsed_expression_not_in_the_text(page):
    names_ = page("```{facts}\nsum = sales/MY/2017 + sales/MY/2018\n```\n")
    assert (
        receipts.receipt("@sum * 2", names_).text
        == receipts.receipt("(sales/MY/2017 + sales/MY/2018) * 2").text
    )


def test_a_condition_is_named_and_its_values_too(page):
    found = receipts.sentence("more <@more_than>", page(BLOCK))
    assert found.holds and found.condition == "chosen/MY/2017 > 1500"
    assert found.values == "@chosen = 1972"


def test_a_receipt_keeps_the_name_that_stood_alone_on_any_page(page):
    inside = receipts.inside_expanded("num", "@share", page(BLOCK))
    assert inside == "sales/MY/2018 / sales/MY/2019 | percent 1 | as @share"
    found = receipts.receipt(inside)  # without the page's names
    assert (found.name, found.text) == ("share", "about 47.4%")


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ("@chosn", "There is no fact @chosn. Did you mean @chosen?"),
        ("@nothing_like_it", "A page names its facts"),
        ("chosen", "a named fact is written @chosen"),
        ("@firms.nofield", "has no field 'nofield'"),
        ("@listed", "A list stands only behind"),
        ("@chosen.value", "only a row has fields|has no field|Say which field"),
    ],
)
def test_a_name_that_is_none_is_refused(page, inside, words):
    if inside == "@chosen.value":  # a name of an observation is its row
        assert receipts.receipt(inside, page(BLOCK)).text == "1,972 SMEs"
        return
    with pytest.raises(ReceiptError) as error:
        receipts.receipt(inside, page(BLOCK))
    assert words in str(error.value)


def test_an_at_sign_in_a_quoted_text_is_no_name(page):
    assert receipts.receipt('count("claims", made_by__not="@chosen")', page(BLOCK)).text == "3"


def problems(page: str = "page") -> list[str]:
    return [f"{place.line}: {words}" for place, words in names.problems(page)]


@pytest.mark.parametrize(
    ("block", "found"),
    [
        ("a = chosen/MY/2017\na = sales/MY/2018", "3: @a is named in book/page.md, line 2 too"),
        ("a = @b\nb = @a", "2: A name cannot lead back to itself: @a -> @b -> @a."),
        ("Big = chosen/MY/2017", "2: 'Big' is no entry; write name = expression"),
        ("chosen/MY/2017", "2: 'chosen/MY/2017' is no entry"),
        ("chosen" * 20, f"2: '{'chosen' * 10}' is no entry"),
        ("a =", "2: @a stands for nothing"),
        ("a = chosen/MY/2017 >", "2: Cannot read the expression"),
        ("a = @nowhere", "2: There is no fact @nowhere"),
        ("a = @Nowhere", "2: There is no fact @Nowhere"),
        ("a = chosen/MY/2017 * 2\nb = chosen/MY/2017*2", "3: @b stands for the same as @a"),
        (f'a = count("claims", made_by="{"x" * 150}")', "2: @a has"),
    ],
)
def test_what_is_wrong_with_a_block_is_told_with_its_line(page, block, found):
    page(f"```{{facts}}\n{block}\n```\n")
    assert any(line.startswith(found) for line in problems()), problems()


def test_names_of_the_whole_book(page, small):
    page("```{facts}\nchosen = chosen/MY/2017\n```\n", pages.COMMON)
    assert receipts.receipt("@chosen", page("A page.")).text == "1,972 SMEs"
    page("```{facts}\nchosen = sales/MY/2018\n```\n")
    assert problems() == ["2: @chosen is named in book/facts.md, line 2 too; one of them needs another name"]
    assert pages.COMMON not in pages.names()


def test_an_answer_is_worked_out_once_and_again_when_its_rows_change(page, small):
    names_ = page(BLOCK)
    first = receipts.evaluate("@twice", names_)
    assert receipts.evaluate("chosen/MY/2017*2 + chosen/MY/2017") is first  # one spelling for one expression
    file = small / "data/tables/observations.csv"
    file.write_text(file.read_text().replace("1972", "1000"))
    assert receipts.receipt("@twice | plain", names_).text == "3,000"


def test_an_answer_that_was_kept_still_counts_as_read(page):
    from storykit import reads

    receipts.evaluate("chosen/MY/2017")
    with reads.listening() as read:
        receipts.evaluate("chosen/MY/2017")
    assert {table for name in read for table in reads.tables(name)} >= {"observations"}


def test_who_listens_hears_on_when_a_listener_inside_has_heard_the_same(page):
    from storykit import reads

    with reads.listening() as outer:
        with reads.listening() as inner:
            reads.remember("claims")
        reads.remember("outcomes")
    assert (outer, inner) == ({"claims", "outcomes"}, {"claims"})


def test_a_chapter_that_a_build_runs_gets_the_answers_that_the_build_has(page, small, monkeypatch):
    folder = small / "reads"
    monkeypatch.setenv("STORYKIT_READS", "")  # so that what follows is taken back
    project.export(small, folder)
    answer = receipts.evaluate("chosen/MY/2017")
    receipts.carry()
    project.current().answers.clear()
    project.current().chapter = "page"
    assert receipts.evaluate("chosen/MY/2017") == answer
    monkeypatch.setattr("storykit.receipts.language._worked_out", lambda *_: pytest.fail("worked out again"))
    project.current().answers.clear()
    receipts.evaluate("chosen/MY/2017")


@pytest.fixture
def handed_on(page, small, monkeypatch):
    """A build that has handed on an answer to the next, which has none of its own."""
    monkeypatch.setenv("STORYKIT_READS", "")  # so that what follows is taken back
    project.export(small, small / "reads")
    receipts.evaluate("chosen/MY/2017")
    receipts.carry("rules")
    project.current().answers.clear()
    return small / "reads" / "answers.pickle"


def worked_out(monkeypatch):
    """Whether the answer has to be worked out."""
    asked = []
    real = language._worked_out
    monkeypatch.setattr(language, "_worked_out", lambda tree, text: asked.append(text) or real(tree, text))
    assert receipts.num("chosen/MY/2017") == "1,972 SMEs"
    return bool(asked)


def test_the_next_build_has_the_answers_of_the_last(handed_on, monkeypatch):
    receipts.carry_on("rules")
    assert not worked_out(monkeypatch)


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-3], lambda b: b"", lambda b: b[:-1] + b"x", lambda b: b"x" + b]
)
def test_damaged_answers_are_worked_out_again(handed_on, monkeypatch, damage):
    handed_on.write_bytes(damage(handed_on.read_bytes()))
    receipts.carry_on("rules")
    assert worked_out(monkeypatch)


def test_answers_by_other_rules_or_of_other_data_are_worked_out_again(handed_on, small, monkeypatch):
    file = small / "data/tables/observations.csv"
    before = handed_on.read_bytes()
    file.write_text(
        file.read_text().replace(
            "1972,exact,observed,lead,,paper,high", "1972,exact,observed,lead,,paper,low"
        )
    )
    receipts.carry_on("rules")
    assert worked_out(monkeypatch)
    file.write_text(
        file.read_text().replace(
            "1972,exact,observed,lead,,paper,low", "1972,exact,observed,lead,,paper,high"
        )
    )
    project.current().answers.clear()
    handed_on.write_bytes(before)
    receipts.carry_on("other rules")
    assert worked_out(monkeypatch) and not handed_on.exists()


def test_answers_hold_as_long_as_their_own_rows_do(handed_on, small, monkeypatch):
    file = small / "data/tables/observations.csv"
    file.write_text(file.read_text().replace("sales/MY/2017", "sales/MY/2016"))
    receipts.carry_on("rules")
    assert not worked_out(monkeypatch)


def test_answers_that_nobody_asked_for_are_handed_on_as_long_as_they_hold(handed_on, small, monkeypatch):
    receipts.carry_on("rules")
    receipts.evaluate("sales/MY/2018")
    receipts.carry("rules")
    project.current().answers.clear()
    assert not worked_out(monkeypatch)
    project.current().answers.clear()
    file = small / "data/tables/observations.csv"
    whole = file.read_text()
    file.write_text(
        whole.replace("1972,exact,observed,lead,,paper,high", "1972,exact,observed,lead,,paper,low")
    )
    receipts.carry("rules")
    file.write_text(whole)
    assert worked_out(monkeypatch)


def test_other_data_have_other_answers(small, tmp_path_factory):
    receipts.evaluate("chosen/MY/2017")
    file = small / "data/tables/observations.csv"
    with project.trying({file: file.read_text().replace("1972", "7")}):
        assert receipts.num("chosen/MY/2017 | plain") == "7"
    assert receipts.num("chosen/MY/2017 | plain") == "1,972"


def test_a_list_may_hold_named_lists(page):
    known = page(BLOCK + '\n```{facts}\nmore = count("claims", claim_id=["thousand-firms", @listed])\n```\n')
    assert receipts.plain("{num}`@more`", known) == "3"
