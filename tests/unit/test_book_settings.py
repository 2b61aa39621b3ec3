"""Jupyter Book's settings of repository, launch and look: each does something, or the build says why not."""

from __future__ import annotations

from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from storykit.site import book_settings

REPOSITORY = "https://github.com/story/book"


def config(url=REPOSITORY, logo="", favicon="", comments=None, **options):
    """What Sphinx is given for a book with these settings."""
    return SimpleNamespace(
        html_theme_options={"repository_url": url, **options},
        html_logo=logo,
        html_favicon=favicon,
        comments_config=comments or {},
    )


def test_a_book_that_sets_nothing_has_no_button_and_no_complaint():
    unset = config(
        url=book_settings.UNSET, repository_branch="master", launch_buttons={"colab_url": "", "thebe": False}
    )
    assert book_settings.problems(unset) == book_settings.without_effect(unset) == []
    assert book_settings.launch_links(unset, "book/zone.ipynb") == ()
    assert book_settings.repository_links(unset, "book/zone", "book/zone.ipynb") == ()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"launch_buttons": {"binderhub_url": "mybinder"}}, "launch_buttons.binderhub_url: 'mybinder': must be a web address"),
        ({"launch_buttons": {"jupyterhub_url": "ftp://hub.example"}}, "launch_buttons.jupyterhub_url: 'ftp://hub.example'"),
        ({"launch_buttons": {"notebook_interface": "retro"}}, "there are classic, jupyterlab"),
        ({"repository_branch": "my branch"}, "repository.branch: 'my branch' cannot be the name of a branch"),
        ({"url": "https://forge.example/story/book"}, "lies on a forge that is not known"),
        ({"url": "github.com/story/book"}, "must be the web address of a repository"),
        ({"url": "https://github.com/story"}, "with owner and name"),
        ({"url": "", "use_edit_page_button": True}, "html.use_edit_page_button: needs the address"),
        ({"url": book_settings.UNSET, "launch_buttons": {"colab_url": "https://colab.example"}}, "Colab opens a repository"),
        ({"url": "https://gitlab.com/story/book", "launch_buttons": {"colab_url": "https://colab.example"}}, "on GitHub only"),
        ({"logo": "https://elsewhere.example/logo.svg"}, "must be a file of the book"),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_work_is_named_in_one_line(wrong, said):
    found = book_settings.problems(config(**wrong))
    assert (
        len(found) == 1 and found[0].startswith("_config.yml, ") and said in found[0] and "\n" not in found[0]
    )


@pytest.mark.parametrize(
    ("set_", "named"),
    [
        ({"launch_buttons": {"thebe": True}}, "launch_buttons.thebe"),
        ({"analytics": {"google_analytics_id": "G-1"}}, "html.analytics"),
        ({"comments": {"hypothesis": True}}, "html.comments"),
        ({"announcement": "https://elsewhere.example/news.html"}, "html.announcement"),
        ({"home_page_in_toc": False}, "html.home_page_in_navbar"),
        ({"navbar_footer_text": "x"}, "html.navbar_footer_text"),
    ],
)
def test_a_setting_that_this_theme_does_not_have_is_named_with_the_reason(set_, named):
    found = book_settings.without_effect(config(**set_))
    assert len(found) == 1 and named in found[0] and "this theme does not have it: " in found[0]


def test_what_jupyter_book_sets_by_itself_is_passed_over():
    usual = {
        "analytics": {"plausible_analytics_url": "https://plausible.example/js"},
        "home_page_in_toc": True,
    }
    assert book_settings.without_effect(config(comments={"hypothesis": False}, **usual)) == []


def launched(url=REPOSITORY, **buttons):
    options = {"repository_branch": "main", "path_to_docs": "site", "launch_buttons": buttons}
    return {
        link.words: link.href
        for link in book_settings.launch_links(config(url, **options), "book/zone.ipynb")
    }


def test_each_launch_button_opens_the_chapter_as_its_service_takes_it():
    links = launched(
        notebook_interface="jupyterlab",
        binderhub_url="https://binder.example/",
        jupyterhub_url="https://hub.example",
        colab_url="https://colab.example",
        deepnote_url="https://deepnote.example",
    )
    assert (
        links["Binder"]
        == "https://binder.example/v2/gh/story/book/main?urlpath=lab%2Ftree%2Fsite%2Fbook%2Fzone.ipynb"
    )
    assert links["Colab"] == "https://colab.example/github/story/book/blob/main/site/book/zone.ipynb"
    hub = parse_qs(urlsplit(links["JupyterHub"]).query)
    assert hub == {
        "repo": [REPOSITORY],
        "urlpath": ["lab/tree/book/site/book/zone.ipynb"],
        "branch": ["main"],
    }
    note = parse_qs(urlsplit(links["Deepnote"]).query)
    assert note == {"url": [f"{REPOSITORY}/blob/main/site/book/zone.ipynb"]}


def test_where_the_chapter_is_opened_alone_a_first_cell_fetches_the_rest():
    options = {"repository_branch": "main", "path_to_docs": "site"}
    alone = config(**options, launch_buttons={"colab_url": "https://colab.example"})
    assert book_settings.fetching(alone) == (
        f"!git clone -q --depth 1 --branch main {REPOSITORY} the-book",
        "%cd the-book/site",
        "%pip install -q -r requirements.txt",
    )
    whole = config(**options, launch_buttons={"binderhub_url": "https://binder.example"})
    assert book_settings.fetching(whole) == ()


def test_a_repository_elsewhere_opens_in_binder_too():
    assert (
        "/v2/gl/story%2Fbook/main"
        in launched("https://gitlab.com/story/book", binderhub_url="https://b.example")["Binder"]
    )
    own = launched("https://gitlab.story.example/story/book", binderhub_url="https://b.example")["Binder"]
    assert "/v2/git/https%3A%2F%2Fgitlab.story.example%2Fstory%2Fbook/main" in own


@pytest.mark.parametrize(
    ("url", "edit", "issue"),
    [
        (REPOSITORY, "/edit/main/book/cite.md", "/issues/new?title="),
        ("https://gitlab.com/story/book", "/-/edit/main/book/cite.md", "/-/issues/new?issue[title]="),
        ("https://bitbucket.org/story/book", "/src/main/book/cite.md?mode=edit", "/issues/new?title="),
    ],
)
def test_a_page_leads_to_its_file_and_an_issue_on_each_forge(url, edit, issue):
    buttons = dict.fromkeys(("use_repository_button", "use_edit_page_button", "use_issues_button"), True)
    found = book_settings.repository_links(
        config(url, repository_branch="main", **buttons), "book/cite", "book/cite.md"
    )
    assert [link.href for link in found][:2] == [url, url + edit]
    assert found[2].href.startswith(url + issue) and found[2].href.endswith("cite.html")


def test_only_the_buttons_that_are_asked_for_are_there():
    found = book_settings.repository_links(config(use_issues_button=True), "book/cite", "book/cite.md")
    assert [link.words for link in found] == ["Open an issue"]
