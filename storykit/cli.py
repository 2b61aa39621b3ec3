"""The command `storykit`: reads what was typed, calls the module that does it, and says in a line what is wrong.

Each module is imported when its command runs, so that help and completion begin at once.
"""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from storykit import errors

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from storykit.upstream.http import Client

# --- what may be typed ------------------------------------------------------------------------------


class Name(click.ParamType[str]):
    """One of the names that there are; `known` gives them when they are asked for, `read` takes them from a path."""

    def __init__(self, name: str, known: Callable[[], Iterable[str]], read: Callable[[str], str] = str):
        self.name, self._known, self._read = name, known, read

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        name, known = self._read(value), list(self._known())
        if name not in known:
            near = errors.did_you_mean(name, known)
            self.fail(f"there is no {self.name} {name!r}.{near} There are: {', '.join(known)}.", param, ctx)
        return name

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        return [CompletionItem(name) for name in self._known() if name.startswith(incomplete)]


class Kind(Name):
    """What can be begun. Whether it can is for `new` to say, which looks at the data first."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return value


class Day(click.ParamType[str]):
    """A day as YYYY-MM-DD."""

    name = "yyyy-mm-dd"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return datetime.date.fromisoformat(value).isoformat()
        except ValueError:
            self.fail(f"{value!r} is no day; write it as YYYY-MM-DD, such as 2026-12-01.", param, ctx)


class Field(click.ParamType[tuple[str, str]]):
    """A field and its text as name=value."""

    name = "name=value"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        field, equals, text = value.partition("=")
        if not equals:
            self.fail(
                f"{value!r}: write it as name=value, such as --field title='A day of deals'.", param, ctx
            )
        return field.strip(), text.strip()


def _chapters() -> list[str]:
    from storykit import record

    return [file.stem for file in record.chapters()]


def _pages() -> list[str]:
    from storykit import pages

    return pages.names()


def _kinds() -> list[str]:
    from storykit import new

    return new.kinds()


def _sources() -> list[str]:
    from storykit.upstream import SOURCES

    return list(SOURCES)


CHAPTER = Name("chapter", _chapters, read=lambda text: Path(text).stem)
PAGE = Name("page", _pages, read=lambda text: Path(text).stem)

# --- the commands -----------------------------------------------------------------------------------


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog='Completion of what you type: eval "$(_STORYKIT_COMPLETE=bash_source storykit)" (or zsh_source; for '
    "fish: _STORYKIT_COMPLETE=fish_source storykit | source).",
)
def storykit() -> None:
    """Turns a Data Package into a Jupyter Book whose numbers open to their sources."""


@storykit.command()
def check() -> None:
    """Check the data, in seconds.

    All problems are named at once, with row, column, value and what is allowed.
    """
    from storykit import checks

    click.echo(checks.account())


@storykit.command()
@click.argument("pages", nargs=-1, type=PAGE, metavar="[PAGE]...")
def lint(pages: tuple[str, ...]) -> None:
    """Name every fault of the texts, in seconds.

    Of all pages, if none is named: roles, names, sentences, typed numbers, words of figures and limits of length, by
    file, cell and line. Remarks on style are shown for the pages named; nothing is refused for them.
    """
    from storykit import lint

    found, remarks = lint.problems(list(pages) or None), lint.remarks(list(pages) or None)
    for remark in remarks if pages else ():
        click.echo(f"{remark} (a remark)")
    if found:
        raise errors.UserError("\n".join([*map(str, found), f"{len(found)} to put right in book/."]))
    hint = (
        f" {len(remarks)} remarks on style: storykit lint PAGE shows them." if remarks and not pages else ""
    )
    click.echo(f"book/: no problem.{hint}")


@storykit.command()
@click.argument("pages", nargs=-1, type=PAGE)
def voice(pages: tuple[str, ...]) -> None:
    """Measure how pages read.

    Words, words before the first figure, negations, grade; of all chapters, if no page is named. Figures' own words and lists made from the data are not counted.
    """
    from storykit import pages as book
    from storykit import voice

    click.echo(voice.heading_line())
    for page in pages or [name for name in book.names() if book.file(name).suffix == ".ipynb"]:
        click.echo(voice.line(page))


@storykit.command()
@click.argument("page", type=PAGE)
def preview(page: str) -> None:
    """Write a page with its values, without a build.

    As one HTML file without pictures, in _build/preview.
    """
    from storykit import preview, project

    click.echo(f"Wrote {preview.write(page).relative_to(project.root())}.")


@storykit.command()
@click.argument("chapters", nargs=-1, type=CHAPTER, metavar="[CHAPTER]...")
@click.option(
    "--check", is_flag=True, help="Run and say which facts differ from what is stored; store nothing."
)
@click.option("--strip", is_flag=True, help="Strip stored outputs except facts; run nothing.")
@click.option(
    "--filter", "as_filter", is_flag=True, help="Strip the notebook on the standard input, for git."
)
def record(chapters: tuple[str, ...], check: bool, strip: bool, as_filter: bool) -> None:
    """Run chapters and store their facts.

    All chapters, if none is named. A chapter is named as its notebook is, with or without path and ending.
    """
    if as_filter:
        from storykit import stripping

        out = stripping.filtered(sys.stdin.buffer.read())
        sys.stdout.buffer.write(out)
        return
    if check and strip:
        raise click.UsageError("--check runs chapters and --strip runs nothing; give one of them.")
    from storykit import record

    do = record.check_all if check else record.strip_all if strip else record.record_all
    do(record.chapters(chapters))


@storykit.command()
@click.option("--old", default="HEAD", metavar="REVISION", help="What to compare with (the last commit).")
@click.option("--new", default="", metavar="REVISION", help="What to compare (the working tree).")
@click.option("--record", "why", metavar="WHY", help="Add an entry to the page of changes, with this reason.")
@click.option("--as-of", type=Day(), help="First let the data stand at this day.")
def report(old: str, new: str, why: str | None, as_of: str | None) -> None:
    """Say what the data change.

    Rows, numbers, sentences, verdicts and figures that move, the biggest first, with alarms.
    """
    from storykit import descriptor, report, verdicts

    if as_of:
        report.let_stand_at(as_of)
    found = report.compare(old, new)
    click.echo(report.markdown(found))
    if why is not None:
        name = report.record(found, why, descriptor.path("changes"), verdicts.data_as_of())
        click.echo(f"Recorded as {name} in data/tables/changes.csv.", err=True)


@storykit.command()
def release() -> None:
    """Give out the version of the data at hand.

    As a folder in _build/data-releases that a host keeps beside the site: the package as files and as one archive, and what differs from the release before.
    """
    from storykit import project, release

    made = release.make()
    shown = made.folder.relative_to(project.root())
    if made.known:
        click.echo(f"Version {made.release.version} is in {shown} already, with the same bytes.")
    else:
        click.echo(
            f"Wrote {shown}. Commit data/releases.json, and put the folder where the site's host keeps them."
        )


@storykit.command()
@click.argument("kind", type=Kind("kind", _kinds))
@click.argument("name")
@click.option(
    "--field", "fields", type=Field(), multiple=True, help="A field of what is begun; as often as needed."
)
def new(kind: str, name: str, fields: tuple[tuple[str, str], ...]) -> None:
    """Begin a chapter, a table or a row.

    KIND is chapter, table, claim, source, series, or the name of any table; NAME is the chapter's or table's name, or the key of the row.
    Leave fields out, and the command says which are missing, what they mean and what is allowed.
    """
    from storykit import new

    click.echo("\n".join(new.begin(kind, name, dict(fields))))


@storykit.command()
@click.argument("sources", nargs=-1, type=Name("source", _sources), metavar="[SOURCE]...")
@click.option("--dry-run", is_flag=True, help="Ask, check and report; change nothing.")
@click.option("--date", type=Day(), help="Day the data then stand at; superseded values keep it (today).")
@click.pass_obj
def refresh(client: Client | None, sources: tuple[str, ...], dry_run: bool, date: str | None) -> int:
    """Fetch new figures from official sources.

    From all of them, if none is named; what one source gives is taken as a whole or not at all.
    """
    from storykit.upstream.refresh import refresh

    return refresh(sources, date or datetime.date.today().isoformat(), dry_run, client)


@storykit.command()
def site() -> None:
    """Build the site to _build/html."""
    from storykit import project
    from storykit.site import command

    command.begin_if_needed(project.root())  # while all else is imported and looked at
    from storykit.site import build

    build.site()


@storykit.command()
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8000,
    show_default=True,
    help="Port to serve on; if it is taken, the next free one.",
)
def serve(port: int) -> None:
    """Build, serve on 127.0.0.1, build again as you save."""
    from storykit.site import build

    build.serve(port)


@storykit.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), required=False)
@click.option(
    "--against",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Another built site: name each page that does not say the same there.",
)
def inspect(folder: Path | None, against: Path | None) -> None:
    """Look at a built site as files.

    Links that lead nowhere, other hosts, incomplete figures, weights, names of files; in _build/html, if no folder is
    given.
    """
    from storykit import project
    from storykit.site import inspection

    folder = folder or project.root() / "_build" / "html"
    if found := inspection.inspect(folder):
        raise errors.UserError("\n".join(found))
    click.echo("The site holds.")
    if against:
        if found := inspection.differing(folder, against):
            raise errors.UserError("\n".join(found))
        click.echo(f"{len(inspection.pages(folder)):,} pages, 0 differ from those in {against}.")


@storykit.command()
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="The file to write; _build/book.pdf."
)
def pdf(output: Path | None) -> None:
    """Print the whole book of the built site as a PDF."""
    from storykit import project
    from storykit.site import pdf

    built = project.root() / "_build"
    click.echo(f"The book is in {pdf.make(built / 'html', (output or built / 'book.pdf').absolute())}")


@storykit.command()
def browser() -> None:
    """Find or install a Chromium, for pictures."""
    from storykit.site import browser

    click.echo(f"Chromium: {browser.ensure()}")


@storykit.command()
@click.option("--show", is_flag=True, help="Print what the page of proofs shows; gather nothing.")
def proof(show: bool) -> None:
    """Gather what the tests found out in data/proof.json.

    What they noted about the files as they are, under their commit; the page of proofs shows it.
    """
    from storykit.site import proof, proven

    for line in proven.lines() if show else proof.gather():
        click.echo(line)


@storykit.command()
def coverage() -> None:
    """Write data/COVERAGE.md.

    The account of where every collected row went, from the table coverage.
    """
    from storykit import coverage

    click.echo(f"Wrote data/{coverage.write().name}.")


@storykit.command()
def reference() -> None:
    """Write docs/receipts.md.

    The reference of the language of receipts, made from its functions, operators, filters and options.
    """
    from storykit.receipts import reference

    click.echo(f"Wrote docs/{reference.write().name}.")


@storykit.command()
def gallery() -> None:
    """Write docs/forms.md.

    Every form with an example that runs, and its picture.
    """
    from storykit.site import gallery

    click.echo(f"Wrote {len(gallery.write())} files to docs/.")


# --- running them -----------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None, client: Client | None = None) -> int:
    """Run the command and return its exit code; what a person has to put right is said in a line.

    Parameters
    ----------
    arguments : what was typed after `storykit`; by default, that of this process.
    client : asks the network in place of the usual one.
    """
    if errors.is_windows():
        print(errors.ON_WINDOWS, file=sys.stderr)
        return errors.UserError.exit_code
    try:
        return storykit.main(arguments, prog_name="storykit", standalone_mode=False, obj=client) or 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        print("Stopped.", file=sys.stderr)
        return errors.Stopped.exit_code
    except errors.UserError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except OSError as error:
        print(errors.of_system(error), file=sys.stderr)
        return errors.UserError.exit_code
