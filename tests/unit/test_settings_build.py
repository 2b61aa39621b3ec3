"""A whole book with every setting of Jupyter Book's that this theme knows, built by Jupyter Book's own command."""

from __future__ import annotations

import json
import zipfile

import lxml.html
import nbformat
import pytest
import test_whole_build as whole
import yaml

book = whole.book
REPOSITORY = "https://github.com/story/book"
SETTINGS = {
    "logo": "mark.svg",
    "repository": {"url": REPOSITORY, "branch": "main", "path_to_book": "site"},
    "launch_buttons": {
        "notebook_interface": "jupyterlab",
        "binderhub_url": "https://binder.example",
        "jupyterhub_url": "https://hub.example",
        "colab_url": "https://colab.example",
        "deepnote_url": "https://deepnote.example",
        "thebe": True,
    },
    "html": {
        "favicon": "mark.svg",
        "use_repository_button": True,
        "use_edit_page_button": True,
        "use_issues_button": True,
        "extra_footer": "<p>Made by <b>nobody</b>.</p>",
        "announcement": "<b>Read</b> the second edition",
        "analytics": {"google_analytics_id": "G-1"},
        "home_page_in_navbar": False,
    },
}


def configure(book, **settings) -> None:
    """Add settings to the book's own."""
    file = book / "_config.yml"
    config = yaml.safe_load(file.read_text(encoding="utf-8"))
    for name, value in settings.items():
        config[name] = {**config[name], **value} if isinstance(config.get(name), dict) else value
    file.write_text(yaml.safe_dump(config), encoding="utf-8")


def test_every_setting_does_something_or_the_build_says_why_not(book):
    (book / "mark.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>')
    configure(book, **SETTINGS)
    done = whole.plain_build(book)
    assert done.returncode == 0, done.stderr
    told = done.stdout + done.stderr
    for name in ("launch_buttons.thebe", "html.analytics", "html.home_page_in_navbar: false"):
        assert told.count(f"{name}: this theme does not have it: ") == 1
    site = book / "_build" / "html"
    page = lxml.html.parse(site / "book" / "zone.html")
    links = {a.text_content(): a.get("href") for a in page.xpath('//section[@class="take"]//a')}
    assert links["Binder"].startswith(
        "https://binder.example/v2/gh/story/book/main?urlpath=lab%2Ftree%2Fsite%2F"
    )
    assert {"JupyterHub", "Colab", "Deepnote"} <= links.keys()
    fetched = page.xpath('string(//section[@class="take"]//pre)').splitlines()
    assert REPOSITORY in fetched[0] and fetched[1:] == [
        "%cd the-book/site",
        "%pip install -q -r requirements.txt",
    ]
    assert links["Repository"] == REPOSITORY
    assert links["Edit this page"] == f"{REPOSITORY}/edit/main/site/book/zone.ipynb"
    assert links["Open an issue"].startswith(f"{REPOSITORY}/issues/new?title=")
    assert page.xpath('string(//link[@rel="icon"]/@href)') == "../_static/mark.svg"
    assert page.xpath('string(//a[@class="home"]/img/@src)') == "../_static/mark.svg"
    assert (site / "_static" / "mark.svg").is_file()
    assert page.xpath('string(//*[@class="announcement"]/b)') == "Read"
    assert page.xpath('string(//footer//p/b[.="nobody"])') == "nobody"
    other = lxml.html.parse(site / "book" / "contribute.html")
    assert {a.text_content() for a in other.xpath('//section[@class="take"]//a')} == {
        "Repository",
        "Edit this page",
        "Open an issue",
    }
    offered(site, links)


def offered(site, links) -> None:
    """The notebook and the archive that the page leads to."""
    notebook = nbformat.read(site / "book" / links["The notebook"], as_version=4)
    nbformat.validate(notebook)
    assert "RM40.0 million" in str(notebook.cells)
    with zipfile.ZipFile(site / "book" / links["The notebook to run"]) as archive:
        held = set(archive.namelist())
        tables = json.loads(archive.read("zone/data/datapackage.json"))["resources"]
    assert {"zone/zone.ipynb", "zone/book/zone.ipynb", "zone/requirements.txt", "zone/README.md"} <= held
    names = {table["name"] for table in tables}
    assert {"observations", "series", "sources"} <= names and not {"claims", "changes"} & names
    assert {f"zone/data/tables/{name}.csv" for name in names} == {n for n in held if "/tables/" in n}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            {"repository": {"url": REPOSITORY, "branch": "my branch"}},
            "repository.branch: 'my branch' cannot be the name of a branch",
        ),
        (
            {"repository": {"url": REPOSITORY}, "launch_buttons": {"binderhub_url": "mybinder"}},
            "launch_buttons.binderhub_url: 'mybinder': must be a web address",
        ),
    ],
)
def test_a_setting_that_cannot_work_stops_the_build_in_one_line(book, settings, said):
    configure(book, **settings)
    done = whole.build(book)
    assert done.returncode == 1
    assert done.stderr.count(said) == 1 and "Traceback" not in done.stderr
