"""Jupyter Book's own settings of repository, launch and look: what each does here, or why it does nothing.

Jupyter Book writes most of them into `html_theme_options`; the theme takes them from there, so that a book built
by Sphinx alone has the same buttons.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from sphinx.config import Config

from storykit.site import views

UNSET = "https://github.com/executablebooks/jupyter-book"
"""What Jupyter Book takes for the repository of a book that names none: its own."""
FORGES = ("github", "gitlab", "bitbucket")
INTERFACES = {"classic": "tree", "jupyterlab": "lab/tree"}
LAUNCHES = {
    "binderhub_url": "Binder",
    "jupyterhub_url": "JupyterHub",
    "colab_url": "Colab",
    "deepnote_url": "Deepnote",
}
"""The service behind a launch button, by its setting."""
_ONLY_GITHUB = ("colab_url", "deepnote_url")
_BUTTONS = ("use_repository_button", "use_edit_page_button", "use_issues_button")
_ADDRESS = re.compile(r"https?://[^\s/?#]+\.?[^\s]*")
_BRANCH = re.compile(r"(?!.*(\.\.|//|@\{))[^\s~^:?*\[\\]+")


def option(config: Config, name: str, otherwise: Any = "") -> Any:
    """An option of the theme as the book sets it."""
    return (config.html_theme_options or {}).get(name) or otherwise


def launches(config: Config) -> dict[str, str]:
    """Setting -> address of each service that notebooks can be opened in."""
    set_ = option(config, "launch_buttons", {})
    return {name: str(set_[name]).strip().rstrip("/") for name in LAUNCHES if set_.get(name)}


def repository(config: Config) -> str:
    """The web address of the repository, "" where the book names none."""
    url = str(option(config, "repository_url")).rstrip("/").removesuffix(".git")
    return "" if url == UNSET else url


def forge(config: Config) -> str:
    """The kind of forge that the repository lies on, "" if it is none that is known."""
    if said := option(config, "repository_provider"):
        return str(said)
    host = urlsplit(repository(config)).netloc.lower()
    return next((kind for kind in FORGES if kind in host), "")


def problems(config: Config) -> list[str]:
    """Settings that cannot do what they promise, one line each."""
    return [
        f"_config.yml, {line}"
        for line in (*_of_repository(config), *_of_launches(config), *_of_files(config))
    ]


def _of_repository(config: Config) -> Iterator[str]:
    url, branch = repository(config), str(option(config, "repository_branch"))
    if url and (not _ADDRESS.fullmatch(url) or len(urlsplit(url).path.strip("/").split("/")) < 2):
        yield f"repository.url: {url!r}: must be the web address of a repository, with owner and name"
    elif url and forge(config) not in FORGES:
        yield (
            f"repository.url: {url!r} lies on a forge that is not known; there are {', '.join(FORGES)}. If it works "
            "like one of them, say so: sphinx.config.html_theme_options.repository_provider"
        )
    if branch and not _BRANCH.fullmatch(branch):
        yield (
            f"repository.branch: {branch!r} cannot be the name of a branch, which has no spaces and none of ~^:?*[\\; "
            "write it as the repository has it, such as main"
        )
    if not url:
        for button in _BUTTONS:
            if option(config, button):
                yield f"html.{button}: needs the address of the repository, repository.url"


def _of_launches(config: Config) -> Iterator[str]:
    interface = option(config, "launch_buttons", {}).get("notebook_interface") or "classic"
    if interface not in INTERFACES:
        yield f"launch_buttons.notebook_interface: {interface!r}: there are {', '.join(INTERFACES)}"
    for name, address in launches(config).items():
        if not _ADDRESS.fullmatch(address):
            yield f"launch_buttons.{name}: {address!r}: must be a web address, or empty"
        elif not repository(config):
            yield f"launch_buttons.{name}: {LAUNCHES[name]} opens a repository; give its address, repository.url"
        elif name in _ONLY_GITHUB and forge(config) in FORGES[1:]:
            yield f"launch_buttons.{name}: {LAUNCHES[name]} opens repositories on GitHub only, not {repository(config)}"


def _of_files(config: Config) -> Iterator[str]:
    for name, file in (("logo", config.html_logo), ("html.favicon", config.html_favicon)):
        if file and "://" in file:
            yield f"{name}: {file!r}: must be a file of the book; no page loads anything from another host"


def without_effect(config: Config) -> list[str]:
    """Settings that this theme does not have, with the reason, one line each."""
    analytics = {
        name
        for name, value in option(config, "analytics", {}).items()
        if value and name.endswith(("_id", "_domain"))
    }
    comments = {name for name, on in (config.comments_config or {}).items() if on}
    announcement = str(option(config, "announcement"))
    live = option(config, "launch_buttons", {})
    told = {
        "launch_buttons.thebe": (live.get("thebe"), "it loads its script and a kernel from other hosts"),
        "launch_buttons.jupyterlite_url": (live.get("jupyterlite_url"), "the chapters' packages do not run in it"),
        "html.analytics": (analytics, "no page tells another host who reads it"),
        "html.comments": (comments, "they load scripts from other hosts"),
        "html.announcement as an address": ("://" in announcement.split(" ")[0], "pages load nothing from another host; write the text itself"),
        "html.navbar_footer_text": (option(config, "navbar_footer_text"), "there is no bar at the side; use extra_footer"),
        "html.home_page_in_navbar: false": ((config.html_theme_options or {}).get("home_page_in_toc") is False, "the menu always leads to the front page"),
    }  # fmt: skip
    return [
        f"_config.yml, {name}: this theme does not have it: {why}" for name, (on, why) in told.items() if on
    ]


def announcement(config: Config) -> str:
    """The text above every page, in HTML as the book writes it; "" where it gives none."""
    text = str(option(config, "announcement"))
    return "" if "://" in text.split(" ")[0] else text


def kept_files(config: Config) -> set[str]:
    """Names of files in `_static` that the settings ask for."""
    return {Path(file).name for file in (config.html_logo, config.html_favicon) if file}


# --- links ----------------------------------------------------------------------------------------


def _path(config: Config, file: str) -> str:
    inside = str(option(config, "path_to_docs")).strip("/")
    return quote(f"{inside}/{file}" if inside else file)


def launch_links(config: Config, file: str) -> tuple[views.Link, ...]:
    """Where a notebook of the book, such as `book/zone.ipynb`, opens and runs."""
    url, path = repository(config), _path(config, file)
    branch = quote(option(config, "repository_branch", "master"), safe="")
    interface = option(config, "launch_buttons", {}).get("notebook_interface") or "classic"
    *_, owner, name = [quote(part) for part in urlsplit(url).path.strip("/").split("/")] if url else ("", "")
    before = INTERFACES[interface]
    kind = {"github": f"gh/{owner}/{name}", "gitlab": f"gl/{owner}%2F{name}"}
    host = urlsplit(url).netloc
    binder = kind[forge(config)] if host in ("github.com", "gitlab.com") else f"git/{quote(url, safe='')}"
    query = {
        "repo": url,
        "urlpath": f"{before}/{name}/{path}",
        "branch": option(config, "repository_branch", "master"),
    }
    ways = {
        "binderhub_url": f"/v2/{binder}/{branch}?urlpath={quote(f'{before}/{path}', safe='')}",
        "jupyterhub_url": f"/hub/user-redirect/git-pull?{urlencode(query)}",
        "colab_url": f"/github/{owner}/{name}/blob/{branch}/{path}",
        "deepnote_url": "/launch?" + urlencode({"url": f"{url}/blob/{branch}/{path}"}),
    }
    return tuple(
        views.Link(LAUNCHES[name], address + ways[name]) for name, address in launches(config).items()
    )


def fetching(config: Config) -> tuple[str, ...]:
    """Lines of a first cell that fetch and install the book where a service opens the chapter alone; none if none does."""
    if not any(name in _ONLY_GITHUB for name in launches(config)):
        return ()
    branch, inside = (
        option(config, "repository_branch", "master"),
        str(option(config, "path_to_docs")).strip("/"),
    )
    return (
        f"!git clone -q --depth 1 --branch {shlex.quote(branch)} {shlex.quote(repository(config))} the-book",
        f"%cd {'/'.join(filter(None, ['the-book', inside]))}",
        "%pip install -q -r requirements.txt",
    )


def repository_links(config: Config, page: str, file: str) -> tuple[views.Link, ...]:
    """The repository, this page's file to edit in it, and an issue about this page; what the book asks for of it."""
    url, path = repository(config), _path(config, file)
    branch = quote(option(config, "repository_branch", "master"), safe="")
    title = urlencode({"title": f"Issue on page /{page}.html"})
    edit = {
        "github": f"/edit/{branch}/{path}",
        "gitlab": f"/-/edit/{branch}/{path}",
        "bitbucket": f"/src/{branch}/{path}?mode=edit",
    }
    issue = {
        "github": f"/issues/new?{title}",
        "gitlab": f"/-/issues/new?{title.replace('title', 'issue[title]', 1)}",
        "bitbucket": f"/issues/new?{title}",
    }
    kind = forge(config)
    ways = {
        "use_repository_button": ("Repository", ""),
        "use_edit_page_button": ("Edit this page", edit.get(kind, "")),
        "use_issues_button": ("Open an issue", issue.get(kind, "")),
    }
    return tuple(views.Link(words, url + way) for name, (words, way) in ways.items() if option(config, name))
