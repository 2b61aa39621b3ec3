"""When a chapter runs again: exactly when its inputs change."""

from __future__ import annotations

import json

import nbformat
import pytest
from jupyter_cache.executors.base import ExecutorRunResult

from storykit import descriptor
from storykit.site import execution


def chapter(folder, name="zone", code="print(len(tables.load('units')))"):
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    opening = f"from storykit import open_chapter, tables\nopen_chapter('{name}')"
    quiet = {"tags": ["remove-cell"]}  # what it prints is for the test
    cells = [nbformat.v4.new_code_cell(source, metadata=quiet) for source in (opening, code)]
    notebook.cells = cells
    file = folder / "book" / f"{name}.ipynb"
    nbformat.write(notebook, file)
    return file


@pytest.fixture
def book(small, monkeypatch):
    monkeypatch.chdir(small)
    monkeypatch.setenv("STORYKIT_READS", "")  # so that what a run sets is taken back
    monkeypatch.delenv("STORYKIT_READS")
    return small


def run(book, *files, executor="local-serial"):
    return execution.run_stale(list(files), book / "_build" / "cache", executor)


def touch_table(book, name, old, new):
    file = book / "data" / "tables" / f"{name}.csv"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_what_a_chapter_reads_is_found_out(book):
    run(book, chapter(book))
    assert [r for r in execution.known_reads("zone") if ":" not in r] == ["units"]
    assert "module:tables" in execution.known_reads("zone")


def test_runs_once_then_only_when_its_table_changes(book):
    file = chapter(book)
    assert run(book, file) == ["zone"]
    assert run(book, file) == []
    touch_table(book, "claims", "A firm", "Another firm")  # not read by the chapter
    assert run(book, file) == []
    touch_table(book, "units", "SMEs,,SMEs", "firms,,firms")
    assert run(book, file) == ["zone"]
    assert run(book, file) == []


def test_code_changes_run_again_and_prose_does_not(book):
    file = chapter(book)
    run(book, file)
    notebook = nbformat.read(file, as_version=4)
    notebook.cells.append(nbformat.v4.new_markdown_cell("More words."))
    nbformat.write(notebook, file)
    assert run(book, file) == []
    chapter(book, code="print(tables.load('units').shape)")
    assert run(book, file) == ["zone"]


def test_a_changed_fact_runs_the_code_that_writes_it_again_and_others_do_not(book):
    file = chapter(
        book, code="from storykit import receipts, words\nreceipts.num('@first'), words.labels('zone-map')"
    )
    held = {"first": "chosen/MY/2017", "other": "sales/MY/2018", "label": "Here"}

    def said(**changed) -> list[str]:
        held.update(changed)
        text = (
            f"```{{facts}}\nfirst = {held['first']}\nother = {held['other']}\n```\n"
            f"```{{figure-text}} zone-map\nlabels: a = {held['label']}\n```"
        )
        notebook = nbformat.read(file, as_version=4)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        notebook.cells = [nbformat.v4.new_markdown_cell(text), *code]
        nbformat.write(notebook, file)
        return run(book, file)

    assert said() == ["zone"]
    assert said(other="sales/MY/2019") == []
    assert said(first="chosen/MY/2017 * 2") == ["zone"]
    assert said(label="There") == ["zone"]
    assert said() == []


@pytest.mark.long
def test_every_table_for_itself(book):
    """One chapter reads each table; when that table changes, it is stale and none of the others."""
    files = {
        name: chapter(book, name.replace("_", "-"), f"print(len(tables.load('{name}')))")
        for name in descriptor.names()
    }
    run(book, *files.values(), executor="local-parallel")
    digests = {name: execution.digest(name) for name in files}
    for name in files:
        file = descriptor.path(name)
        text = file.read_text()
        file.write_text(text + text.splitlines()[-1].replace(text.splitlines()[-1][:3], "zzz", 1) + "\n")
        changed = {other for other in files if execution.digest(other) != digests[other]}
        assert changed == {name}
        file.write_text(text)


def test_a_table_saved_while_its_chapter_runs_is_read_again(book, capsys):
    """The outputs of such a run may show the old table or the new one; they are not kept."""
    file = descriptor.path("units")
    save = (
        "from pathlib import Path\n"
        f"file, saved = Path({str(file)!r}), Path('saved')\n"
        "print(tables.load('units').loc['smes', 'label'])\n"
        "if not saved.exists():\n"
        "    saved.touch()\n"
        "    file.write_text(file.read_text().replace('SMEs,,SMEs', 'firms,,firms'))"
    )
    zone = chapter(book, code=save)
    cache = book / "_build" / "cache"
    assert execution.run_stale([zone], cache, "local-serial") == ["zone"]
    assert capsys.readouterr().out.count("running 1 of 1 chapters: zone") == 2
    kept = execution.get_cache(str(cache)).match_cache_notebook(execution.read_file(str(zone)))
    bundle = execution.get_cache(str(cache)).get_cache_bundle(kept.pk)
    assert bundle.nb.cells[1].outputs[0]["text"] == "firms\n"


def test_the_descriptor_counts_for_those_who_read_what_it_says(book):
    verdict = "from storykit import verdicts\nprint(len(verdicts.all_verdicts()))"
    files = {"plain": chapter(book, "plain"), "judged": chapter(book, "judged", verdict)}
    run(book, *files.values())
    file = book / "data" / "datapackage.json"
    package = json.loads(file.read_text())
    assert execution.content("about:nothing") == execution.contents_now().get("about:nothing", "gone")
    package["storykit:asOf"] = "2031-01-01"
    file.write_text(json.dumps(package))
    assert run(book, *files.values()) == ["judged"]
    _describe(book, "units", lambda schema: schema["fields"][1].update(description="Another word."))
    assert run(book, *files.values()) == ["plain"]


def test_a_file_beside_the_code_counts_as_code(tmp_path, monkeypatch):
    monkeypatch.setattr(execution, "_PACKAGE", tmp_path)
    (tmp_path / "look").mkdir()
    for name, text in (("__init__.py", "1"), ("tokens.json", "{}")):
        (tmp_path / "look" / name).write_text(text)
    before = execution.content("module:look")
    (tmp_path / "look" / "tokens.json").write_text('{"light": {}}')
    assert execution.content("module:look") != before


def test_a_chapter_that_fails_is_named_and_the_others_are_kept(book):
    good, bad = chapter(book, "good"), chapter(book, "bad", "1 / 0")
    with pytest.raises(
        execution.ExecutionFailed,
        match=r"book/bad\.ipynb, cell 2 stopped with an error:\n    1 / 0\n  ZeroDivisionError: division by zero",
    ):
        run(book, good, bad)
    assert execution.known_reads("good")
    assert run(book, good) == []


def test_all_that_no_page_may_show_is_told_at_once_by_cell(book):
    file = chapter(book, "bad")
    notebook = nbformat.read(file, as_version=4)
    sources = [
        "print('12 ports')",
        "import warnings; warnings.warn('old')",
        "{'a': 1}",
        "import plotly.graph_objects as go; go.Figure(go.Bar(y=[1]))",
        "tables.load('nothing')",
        "raise ValueError('odd')",
        "follows",
        "quiet = 1;",
    ]
    notebook.cells += [nbformat.v4.new_markdown_cell("# Words"), *map(nbformat.v4.new_code_cell, sources)]
    nbformat.write(notebook, file)
    for _ in range(2):  # what is refused is not kept, so it is told again
        with pytest.raises(execution.ExecutionFailed) as refusal:
            run(book, file)
        told = str(refusal.value).split("\n\n")
        assert [line.split(":")[0] for line in told] == [
            "book/bad.ipynb, cell 4 prints '12 ports'",
            told[1].split(":")[0],
            "book/bad.ipynb, cell 6 shows something that is no figure; wrap it in figures.Figure or maps.Map, or end the cell with a semicolon",
            "book/bad.ipynb, cell 7 shows a chart or map without the figure contract; wrap it in figures.Figure or maps.Map, or end the cell with a semicolon",
            "book/bad.ipynb, cell 8 stopped with an error",
            "book/bad.ipynb, cell 9 stopped with an error",
        ]
        assert "cell 5 warns" in told[1] and "no table 'nothing'" in told[4] and "odd" in told[5]


def test_a_notebook_that_is_no_chapter_is_refused_before_anything_runs(book):
    from storykit.site import notebooks

    assert notebooks.unfit(chapter(book)) == []
    assert (
        'open_chapter("copied")'
        in notebooks.unfit(chapter(book, "zone").rename(book / "book" / "copied.ipynb"))[0]
    )
    broken = chapter(book, "broken", "%matplotlib inline\nvalues = (1,")
    (line,) = notebooks.unfit(broken)
    assert line.startswith("book/broken.ipynb, cell 2, line 2: ")
    broken.write_text("<<<<<<< HEAD\n" + broken.read_text())
    assert "is not a notebook" in notebooks.unfit(broken)[0] and "merge" in notebooks.unfit(broken)[0]
    plain = book / "book" / "plain.ipynb"
    nbformat.write(nbformat.v4.new_notebook(), plain)
    assert "opens no chapter" in notebooks.unfit(plain)[0]


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ('pd.read_csv("../data/tables/observations.csv")', 'tables.load("observations")'),
        ('pd.read_csv(root / "data" / "tables" / "observations.csv")', 'tables.load("observations")'),
        ('duckdb.sql(f"{root}/data/tables/observations.parquet")', 'tables.load("observations")'),
        ('pd.read_csv(f"../data/tables/{name}.csv")', 'tables.load("…")'),
        ('gpd.read_file("../data/geo/world.geojson")', 'tables.geometry("world")'),
    ],
)
def test_a_table_that_is_read_past_the_list_of_what_a_chapter_reads_is_named_in_one_line(book, line, instead):
    from storykit.site import notebooks

    (told,) = notebooks.unfit(chapter(book, "past", f"rows = 1\n{line}"))
    assert told.startswith("book/past.ipynb, cell 2, line 2: ") and told.endswith(f"write {instead}")
    assert "is read past the list" in told and "\n" not in told
    assert (
        notebooks.unfit(chapter(book, "told", 'words = "All of it stands in observations.csv, with a note."'))
        == []
    )


class Stumbling:
    """A runner that loses every chapter, as one does whose kernel finds its port taken."""

    def __init__(self, logger):
        self.logger = logger

    def run_and_cache(self, *, filter_uris, timeout, allow_errors):
        try:
            raise OSError("Address already in use")
        except OSError:
            self.logger.error("Failed Executing", exc_info=True)
        return ExecutorRunResult(succeeded=[], excepted=[], errored=filter_uris)


def test_what_the_runner_loses_is_run_once_more(book, monkeypatch, capsys):
    load = execution.load_executor
    monkeypatch.setattr(
        execution,
        "load_executor",
        lambda name, cache, logger: (
            load(name, cache=cache, logger=logger) if name == "local-serial" else Stumbling(logger)
        ),
    )
    file = chapter(book)
    ran = execution.run_stale([file], book / "_build" / "cache", "local-parallel")
    assert ran == ["zone"] and "the runner lost zone; once more" in capsys.readouterr().out
    assert run(book, file) == []


def test_outputs_that_the_runner_loses_without_a_word_are_made_again(book, monkeypatch):
    run_once, calls = execution._run, []

    def forgetful(cache, executor, uris):
        done = run_once(cache, executor, uris)
        if not calls:
            cache.remove_cache(max(r.pk for r in cache.list_cache_records()))
        calls.append(uris)
        return done

    monkeypatch.setattr(execution, "_run", forgetful)
    file = chapter(book)
    assert run(book, file) == ["zone"] and len(calls) == 2
    assert run(book, file) == [] and len(calls) == 2


def test_a_runner_that_fails_twice_says_why(book, monkeypatch):
    monkeypatch.setattr(execution, "load_executor", lambda name, cache, logger: Stumbling(logger))
    with pytest.raises(execution.ExecutionFailed, match=r"(?s)zone\.ipynb.*Address already in use"):
        run(book, chapter(book))


def test_the_same_outputs_from_dask_with_two_workers(book, monkeypatch):
    monkeypatch.setenv("STORYKIT_WORKERS", "2")
    files = [chapter(book, name) for name in ("one", "two")]
    assert sorted(run(book, *files, executor="storykit-dask")) == ["one", "two"]
    assert run(book, *files) == []
    assert execution.known_reads("two")


def test_the_digest_travels_in_the_kernel_metadata(book):
    file = chapter(book)
    notebook = execution.read(file.read_text())
    assert len(notebook.metadata["kernelspec"][execution.DIGEST_KEY]) == 16
    plain = nbformat.v4.new_notebook()
    assert execution.DIGEST_KEY not in json.dumps(execution.read(nbformat.writes(plain)))


def test_a_room_of_several_files_counts_as_a_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(execution, "_PACKAGE", tmp_path)
    for room in ("forms", "site"):
        (tmp_path / room).mkdir()
        (tmp_path / room / "bars.py").write_text("1\n")
    (tmp_path / "tables.py").write_text("1\n")
    assert execution.modules() == ["module:forms", "module:tables"]  # no chapter enters the site
    before = execution.content("module:forms")
    (tmp_path / "forms" / "bars.py").write_text("22\n")
    assert execution.content("module:forms") not in (before, "gone")


def test_data_are_checked_again_exactly_when_they_change(book, monkeypatch):
    seen = []
    check = execution.checks.check
    monkeypatch.setattr(execution.checks, "check", lambda held=(): seen.append(held) or check(held))
    assert execution.problems_of_data() == [] and execution.problems_of_data() == []
    assert seen == [[]]  # the first time nothing is known to hold, the second time nothing is checked
    touch_table(book, "claims", "A firm", "Another firm")
    assert execution.problems_of_data() == []
    assert "claims" not in seen[1] and "outcomes" in seen[1]
    touch_table(book, "claims", "thousand-firms", "goods")  # a key that stands twice
    assert execution.problems_of_data() and execution.problems_of_data()
    assert len(seen) == 4  # what did not pass is checked each time


def _describe(book, table, change):
    """Change the description of a table in the package's descriptor."""
    file = book / "data" / "datapackage.json"
    package = json.loads(file.read_text())
    change(next(entry for entry in package["resources"] if entry["name"] == table)["schema"])
    file.write_text(json.dumps(package))


def test_a_table_that_held_is_still_tied_to_the_others(book):
    reference = {"resource": "claims", "fields": ["claim_id"]}
    key = {"fields": ["claim_id"], "reference": reference}
    _describe(book, "outcomes", lambda schema: schema.update(foreignKeys=[key]))
    assert execution.problems_of_data() == []
    touch_table(book, "claims", "thousand-firms", "ten-firms")
    assert [p.file for p in execution.problems_of_data()] == ["data/tables/outcomes.csv"]


@pytest.mark.parametrize("room", ["checks", "tables"])
def test_changed_checks_leave_nothing_known(book, monkeypatch, room):
    assert execution.problems_of_data() == []
    seen, content = [], execution.content
    monkeypatch.setattr(
        execution, "content", lambda part: "new" if part == f"module:{room}" else content(part)
    )
    monkeypatch.setattr(execution.checks, "check", lambda held=(): seen.append(held) or [])
    assert content("module:checks").count(".py=") > 5  # all files of the room
    assert execution.problems_of_data() == [] and seen == [[]]


@pytest.fixture
def looked_at(book, monkeypatch):
    """Names of the pages whose text is looked at, as they are."""
    for name in ("one", "two"):
        (book / "book" / f"{name}.md").write_text(f"# {name}\n\nSold: {{num}}`sales/MY/2018`.\n")
    seen = []
    of_page = execution.lint._of_page
    monkeypatch.setattr(execution.lint, "_of_page", lambda page: seen.append(page) or of_page(page))
    assert execution.problems_of_texts() == [] and {"one", "two"} <= set(seen)
    seen.clear()
    return seen


def test_texts_are_looked_at_again_exactly_when_they_change(book, looked_at):
    assert execution.problems_of_texts() == [] and looked_at == []
    (book / "book" / "one.md").write_text("# one\n\nSold: {num}`sales/MY/2919`.\n")
    for _ in range(2):  # what did not pass is looked at each time
        assert ["sales/MY/2919" in str(problem) for problem in execution.problems_of_texts()] == [True]
    assert looked_at == ["one", "one"]


@pytest.mark.parametrize("what", ["a name for all", "a row", "the code", "damage"])
def test_what_all_texts_rest_on_leaves_nothing_known(book, looked_at, monkeypatch, what):
    if what == "a name for all":
        (book / "book" / "facts.md").write_text("# Facts\n\n```{facts}\nsold = sales/MY/2018\n```\n")
        (book / "book" / "two.md").write_text("# two\n\nSold: {num}`@sold`.\n")
    elif what == "a row":
        touch_table(book, "observations", "52.1", "52.3")
    elif what == "the code":
        monkeypatch.setattr(execution, "rules", lambda: "other code")
    else:
        (execution.state_folder() / "linted.json").write_text('{"rules": [')
    assert execution.problems_of_texts() == [] and {"one", "two"} <= set(looked_at)


def test_a_row_that_no_text_reads_leaves_all_texts_known(book, looked_at):
    touch_table(book, "claims", "A firm", "Another firm")
    touch_table(book, "observations", "40.0", "40.5")
    assert execution.problems_of_texts() == [] and looked_at == []
    touch_table(book, "observations", "52.1", "52.3")  # what was known is known of the data of now
    assert execution.problems_of_texts() == [] and {"one", "two"} <= set(looked_at)


def test_a_table_saved_while_a_text_is_looked_at_leaves_it_unknown(book, looked_at, monkeypatch):
    touch_table(book, "observations", "52.1", "52.3")
    of_page = execution.lint._of_page

    def meanwhile(page):
        yield from of_page(page)
        if page == "one":
            touch_table(book, "observations", "52.3", "52.4")

    monkeypatch.setattr(execution.lint, "_of_page", meanwhile)
    assert execution.problems_of_texts() == []
    looked_at.clear()
    monkeypatch.setattr(execution.lint, "_of_page", of_page)
    assert execution.problems_of_texts() == [] and "one" in looked_at
    assert "observations" in execution.tables_of_text("one")


def test_a_changed_descriptor_leaves_nothing_known(book):
    assert execution.problems_of_data() == []
    _describe(book, "claims", lambda schema: schema["fields"][1].update(constraints={"enum": ["other"]}))
    assert {p.file for p in execution.problems_of_data()} == {"data/tables/claims.csv"}
    (book / "data" / "datapackage.json").write_text("{")
    assert "is not JSON" in str(execution.problems_of_data()[0])
