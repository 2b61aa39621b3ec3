"""The files of each figure, `_figures/<id>.*`: table, readme, chart as data, live map, pictures."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import shutil
import textwrap
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import PIL
from sphinx.application import Sphinx

from storykit import disk, figures, maps, progress, receipts
from storykit.site import assets, execution, links, marks, pictures, pixels, plates, provenance, shell, views
from storykit.site.kept import Kept, unless_written
from storykit.site.templates import render

if TYPE_CHECKING:
    from storykit.site.extension import Story, StoryApp


def draw(app: StoryApp, out: Path) -> None:
    """The pictures of all figures, if there is a browser, and their marks: before pages are written, which weigh them."""
    pictures.undrawn().unlink(missing_ok=True)
    if not app.story.pictures:
        return
    folder, records = out / "_figures", [record for _, record in app.story.figures()]
    made_of = json.dumps(
        [app.story.engine, pictures.versions(), PIL.__version__, *map(_state, app.story.told)]
    )
    try:
        unless_written("pictures", folder, made_of, partial(_draw, app.story.told, folder))
    except (pictures.PictureError, pixels.PixelError):
        if pictures.draws():  # then it is the chart
            raise
        app.story.pictures = False
        pictures.undrawn().touch()
        progress.say(
            f"Chromium does not start ({pictures.browser()}): figures are shown as tables, without pictures"
        )
        return
    kept = Kept(execution.state_folder() / "marks", app.story.engine)
    for record in records:
        drawn = tuple(
            disk.digest(folder / f"{record.id}.{ending}") for ending, *_ in pictures.variants(record)
        )
        found, fault = kept.of_data((record.digest, drawn), partial(_marks, record, folder))
        if fault:
            progress.say(f"{record.id}: {fault}; who points at it waits for the charting library")
        else:
            app.story.marks[record.id] = found
    kept.save()


def _state(told: tuple[figures.Record, views.Provenance]) -> str:
    record, about = told
    return f"{record.digest} {about!r}"


def _draw(told: Sequence[tuple[figures.Record, views.Provenance]], folder: Path) -> list[Path]:
    """Draw what has not been drawn, and put it into `folder`, with the pictures to take away."""
    pictures.make([record for record, _ in told], _store(), folder)
    _write_pictures(told, folder)
    return [folder / name for record, _ in told for name in _pictures_of(record)]


def _marks(record: figures.Record, folder: Path) -> tuple[str, str]:
    """The marks of a figure; or why they cannot be taken."""
    try:
        return marks.read(record, folder), ""
    except marks.MarksError as error:
        return "", str(error)


def _store() -> Path:
    return execution.state_folder() / "pictures"


def write(app: StoryApp, out: Path) -> None:
    """`_figures`: the files and pictures of all figures, their index, and nothing that no page asks for."""
    folder = out / "_figures"
    folder.mkdir(exist_ok=True)
    story, language = app.story, app.config.language or "en"
    shown = [(page, record.id) for page, record in story.figures()]
    made_of = json.dumps(
        [story.engine, story.assets, story.marks, story.pictures, language, shown, *map(_state, story.told)]
    )
    unless_written("figures", folder, made_of, partial(_write, story, language, folder))


def _write(story: Story, language: str, folder: Path) -> list[Path]:
    shown, told = story.figures(), story.told
    index = {record.id: {"page": page, "rows": record.rows} for page, record in shown}
    texts = {"index.json": json.dumps(index, separators=(",", ":"))}
    for record, about in told:
        texts |= {
            f"{record.id}.{ending}": text for ending, text in _texts(record, about, story.assets, language)
        }
    texts |= {f"{name}.marks.json": text for name, text in story.marks.items()}
    for name, text in texts.items():
        assets.write(folder / name, text)
    drawn = [name for record, _ in told for name in _pictures_of(record)] if story.pictures else []
    wanted = {*texts, *drawn}
    wanted |= {name for record, _ in told for name in _led_on(record, folder, wanted)}
    for stray in folder.iterdir():
        if stray.name not in wanted:
            stray.unlink()
    return [folder / name for name in wanted]


def _led_on(record: figures.Record, folder: Path, names: set[str]) -> Iterator[str]:
    """Under ids of figures that lead here, too: a static host cannot lead a file on."""
    for old in record.formerly:
        for name in [name for name in names if name.split(".")[0] == record.id]:
            copy = old + name.removeprefix(record.id)
            shutil.copyfile(folder / name, folder / copy)
            yield copy


def about(app: Sphinx, record: figures.Record) -> views.Provenance:
    """What a figure says of itself wherever it is taken."""
    base = app.config.html_baseurl or ""
    addresses = links.Addresses(f"figures/{record.id}", app.builder.get_relative_uri, base)
    return provenance.of(record, addresses, app.config.html_title)


def _texts(
    record: figures.Record, about: views.Provenance, names: dict[str, str], language: str
) -> Iterator[tuple[str, str]]:
    """(file ending, content) of a figure's table, readme, chart and live map."""
    yield "csv", table(record)
    yield "readme.txt", readme(record, about)
    yield "json", json.dumps(chart(record, about), ensure_ascii=False, separators=(",", ":"))
    if record.frame is not None:
        frame = record.frame | {"title": receipts.plain(record.title), "language": language}
        yield "map.html", maps.document(frame, names)


def table(record: figures.Record) -> str:
    """The table of a figure as CSV, safe to open in a spreadsheet."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(map(safe, record.columns))
    for row in record.table:
        writer.writerow(value if number else safe(value) for value, number in zip(row, record.numeric))
    return written.getvalue()


def safe(value: figures.Cell) -> figures.Cell:
    """A text that a spreadsheet would take for a formula, with an apostrophe before it; all else as it is."""
    return f"'{value}" if isinstance(value, str) and value.startswith(tuple("=+-@\t\r")) else value


def chart(record: figures.Record, about: views.Provenance) -> dict[str, Any]:
    """A figure for programs: what it says of itself, its table, and the chart as plotly.js draws it."""
    said = dataclasses.asdict(about)
    del said["dated"]  # date and version are there apart
    said["data_version"] = said.pop("version")
    return {
        **said,
        "columns": record.columns,
        "rows": record.table,
        "height": record.height,
        "narrow_height": record.narrow_height,
        "narrow": record.narrow,
        **record.spec,
    }


def readme(record: figures.Record, about: views.Provenance) -> str:
    """What stands beside the CSV, for people."""
    kinds = ("number" if number else "text" for number in record.numeric)
    address = about.address or about.book
    parts = [
        ("", [about.title, about.subtitle, about.description, about.notes]),
        ("From", [f"Figure {about.id} of {about.book}, {about.author}.", address, f"{about.dated}."]),
        ("Licence", [f"{about.licence_title}: {about.licence_address}"]),
        ("To cite", [about.citation]),
        (f"Columns of {about.id}.csv", [f"{c} ({k})" for c, k in zip(record.columns, kinds)]),
        (
            "How it is written",
            [f"UTF-8, commas, one line of headings, then {len(record.table)} rows.", *_WAYS],
        ),
        ("Series", [f"{s.id}, in {s.unit}: {s.label}. {s.definition}" for s in about.series]),
        ("Sources", [f"{s.publisher}: {s.title} {s.url}".strip() for s in about.sources]),
    ]
    return "\n\n".join(_part(heading, lines) for heading, lines in parts if lines) + "\n"


_WAYS = (
    "An empty cell: nothing was found, or nothing applies.",
    "A text that begins with =, +, -, @ has an apostrophe before it, so that no spreadsheet runs it as a formula; "
    "take it away to have the text as it is. Numbers have none.",
)


def _part(heading: str, lines: Sequence[str]) -> str:
    head = [heading, "-" * len(heading)] if heading else []
    wrapped = (textwrap.wrap(line, 96, break_long_words=False, break_on_hyphens=False) for line in lines)
    return "\n".join([*head, *("\n  ".join(line) for line in wrapped if line)])


def _pictures_of(record: figures.Record) -> list[str]:
    """The names of all pictures of a figure."""
    return [f"{record.id}.{ending}" for ending in ("svg", "png", *(e for e, *_ in pictures.variants(record)))]


def _write_pictures(told: Sequence[tuple[figures.Record, views.Provenance]], folder: Path) -> None:
    """The pictures to take away, `<id>.svg` and `<id>.png`."""
    store, jobs, places = _store(), {}, {}
    set_before = Kept(execution.state_folder() / "plates", f"{shell.digest()} {PIL.__version__}")
    for record, about in told:
        drawing = folder / f"{record.id}.light.svg"
        made = partial(_plate, about, drawing, record.height)
        plate, svg = set_before.get((repr(about), disk.digest(drawing), record.height), made)
        assets.write(folder / f"{record.id}.svg", svg)
        kept = store / pixels.name(plate, svg)
        places[folder / f"{record.id}.png"] = kept
        if not kept.is_file():
            jobs[kept] = (plate, svg)
    set_before.save()
    pixels.make(jobs)
    for place, kept in places.items():
        pictures.put(kept, place)
    pictures.forget(store)


def _plate(about: views.Provenance, drawing: Path, height: int) -> tuple[views.Plate, str]:
    """The picture that travels, as it is set and as it is written."""
    plate = plates.plate(about, drawing.read_text(encoding="utf-8"), figures.WIDTH, height)
    return plate, render(plate)
