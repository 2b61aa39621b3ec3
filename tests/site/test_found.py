"""Pages are cited, found, copied and challenged: of every kind, on the built site."""

from __future__ import annotations

import functools
import http.server
import json
import re
import threading
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import lxml.html
import pytest
from conftest import names, watch, with_figures

from storykit.site import identity, outside


@functools.cache
def page(site: Path, name: str):
    return lxml.html.document_fromstring((site / name).read_text(encoding="utf-8"))


def cited(site: Path) -> list[str]:
    """Every page that somebody may cite."""
    known = [name.removesuffix(".html") for name in names(site)]
    found = [f"{name}.html" for name in known if identity.is_cited(name)]
    return [name for name in found if not page(site, name).xpath("//meta[@http-equiv='refresh']")]


def of_each_kind(site: Path) -> list[str]:
    folders: dict[str, str] = {}
    for name in cited(site):
        folders.setdefault(name.split("/")[0], name)
    return [*folders.values(), "book/data.html", "book/index.html"]


def meta(document, name: str) -> list[str]:
    return document.xpath("//meta[@name=$name]/@content", name=name)


NAMED = {"book/index.html": "promised-built-used", "book/data.html": "promised-built-used-data"}
"""The book and its data are cited as themselves."""


def test_every_page_has_its_citation_in_four_forms(site):
    lacking = []
    for name in cited(site):
        document = page(site, name)
        stem = NAMED.get(name) or name.removesuffix(".html").split("/")[-1]
        files = document.xpath('//details[@class="cite"]//a/@href')
        bibtex = "\n".join(document.xpath('//details[@class="cite"]//pre/text()'))
        ris = [unquote(f) for f in files if "research-info" in f and "ER  - " in unquote(f)]
        csl = [
            json.loads(unquote(f.split(",", 1)[1])) for f in files if f.startswith("data:application/json")
        ]
        own = f"@misc{{{stem}," in bibtex
        if (
            not own
            or not ris
            or not csl
            or stem not in [item["id"] for (item,) in csl]
            or not meta(document, "citation_title")
        ):
            lacking.append(name)
    assert lacking == []


def test_every_page_says_in_json_what_it_is(site):
    kinds = {
        "claims": {"WebPage", "ClaimReview"},
        "series": {"Dataset"},
        "tables": {"Dataset"},
        "figures": {"ImageObject"},
    }
    wrong = []
    for name in cited(site):
        (text,) = page(site, name).xpath('//script[@type="application/ld+json"]/text()')
        graph = json.loads(text)["@graph"]
        allowed = kinds.get(name.split("/")[0], {"Article", "WebPage", "Book", "DataCatalog"})
        trail = [step["item"] for thing in graph[1:] for step in thing["itemListElement"]]
        if graph[0]["@type"] not in allowed or not all(trail):
            wrong.append(name)
        if graph[0]["@type"] == "Dataset" and not 50 <= len(graph[0]["description"]) <= 5000:
            wrong.append(f"{name}: its description")
        for thing in graph[0].get("distribution", []):
            if not (site / name).parent.joinpath(thing["contentUrl"]).is_file():
                wrong.append(f"{name}: {thing['contentUrl']}")
    assert wrong == []


def test_every_description_ends_at_a_sentence(site):
    found = {name: meta(page(site, name), "description") for name in cited(site)}
    assert {
        name: words
        for name, words in found.items()
        if not words or not re.search(r"[.!?][”\"’)]*$", words[0])
    } == {}


def test_every_page_leads_to_the_feed(site):
    for name in cited(site):
        (feed,) = page(site, name).xpath('//link[@rel="alternate"][@type="application/atom+xml"]/@href')
        assert ((site / name).parent / feed).is_file(), name


def test_without_an_address_what_needs_one_is_left_out(site):
    if page(site, "book/index.html").xpath('//link[@rel="canonical"]'):
        pytest.skip("this site has an address")
    assert not any((site / name).exists() for name in ("sitemap.xml", "robots.txt", "_cards"))
    assert (site / ".nojekyll").is_file()


def test_with_an_address_the_sitemap_lists_every_page_once(site):
    if not (site / "sitemap.xml").is_file():
        pytest.skip("this site has no address")
    listed = re.findall(r"<loc>(.*?)</loc>", (site / "sitemap.xml").read_text(encoding="utf-8"))
    canonical = [
        page(site, name).xpath('//link[@rel="canonical"]/@href')[0]
        for name in cited(site)
        if "whole" not in name
    ]
    assert sorted(listed) == sorted(canonical) and len(set(listed)) == len(listed)


def test_the_index_of_pages_names_every_page_once(site):
    listed = json.loads((site / outside.INDEX / "pages.json").read_text(encoding="utf-8"))
    assert sorted(f"{name}.html" for name in listed) == sorted(
        n for n in cited(site) if n != "book/whole.html"
    )


def test_the_claims_for_programs_are_the_ledgers(site):
    found = json.loads((site / outside.CLAIMS).read_text(encoding="utf-8"))["claims"]
    assert {f"claims/{claim['claim_id']}.html" for claim in found} == set(names(site, "claims"))
    for claim in found[::20]:
        badge = page(site, f"claims/{claim['claim_id']}.html").xpath(
            '//p[@class="claim-verdict"]/span/@class'
        )[0]
        assert f"verdict-{claim['verdict']}" in badge


def test_the_copy_of_a_page_holds_the_numbers_of_the_page(site):
    for name in with_figures(site):
        text = (site / name).with_suffix(".md").read_text(encoding="utf-8")
        told = page(site, name).xpath("//main//p//a[contains(@class, 'receipt')]")
        lost = [
            a.text_content()
            for a in told
            if f"[{a.text_content()}]({a.get('href')})" not in text.replace("\\", "")
        ]
        assert told and lost == [], name
        assert "receipt-card" not in text and "<a " not in text
    whole = (site / "llms-full.txt").read_text(encoding="utf-8")
    assert all(f.read_text(encoding="utf-8").strip() in whole for f in (site / "book").glob("*.md"))


def test_what_llms_txt_lists_is_there(site):
    text = (site / "llms.txt").read_text(encoding="utf-8")
    linked = [address for address in re.findall(r"\]\((.*?)\)", text) if "://" not in address]
    assert text.startswith("# ") and linked
    assert [address for address in linked if not (site / address).is_file()] == []


def test_the_whole_book_has_every_figure_of_the_chapters_and_no_name_twice(site):
    document = page(site, "book/whole.html")
    pictures = {Path(src).name for src in document.xpath('//figure[contains(@class, "fig")]//img/@src')}
    bound = {f"book/{link.lstrip('#')}.html" for link in document.xpath('//ol[@class="whole-list"]//a/@href')}
    menu = page(site, "book/index.html").xpath('//ul[@class="menu-story"]//a/@href')
    story = {urlsplit(link).path or "index.html" for link in menu}
    assert {Path(name).name for name in bound} == story, "it binds the chapters of the story"
    wanted = set()
    for name in bound & set(with_figures(site)):
        wanted |= {f"{fig}.light.svg" for fig in page(site, name).xpath('//figure[@class="fig"]/@data-fig')}
    assert wanted - pictures == set()
    ids = document.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert len(document.xpath("//h1")) == 1
    assert not document.xpath("//img[@loading]"), "what is printed must be there"


def test_nothing_on_the_page_of_the_whole_book_lies_over_another_thing(open_page):
    """A figure that is lower than what it holds lets its table and sources run over the text below."""
    page = open_page("book/whole.html")
    over = page.locator("figure.fig").evaluate_all(
        "all => all.filter((each) => each.scrollHeight > each.clientHeight + 2).map((each) => each.id)"
    )
    assert over == []


def serve(folder: Path, missing: Path):
    """A host that answers with a page of the site where there is nothing."""

    class Host(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *words):
            pass

        def send_error(self, code, message=None, explain=None):
            body = missing.read_bytes()
            self.send_response(code)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Host, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture(params=["", "repo/"])
def hosted(site, tmp_path, request):
    """The site at a root and under a path, as a host shows it: unknown addresses answer with 404.html."""
    place = tmp_path / request.param
    if request.param:
        place.symlink_to(site, target_is_directory=True)
    server = serve(tmp_path if request.param else site, missing=site / "404.html")
    yield f"http://127.0.0.1:{server.server_port}/{request.param}"
    server.shutdown()


@pytest.mark.parametrize("lost", ["clams/x/y/dftz-goods-65bn.html", "claims/dftz-good-65bn.html", "dftz"])
def test_an_unknown_address_finds_the_nearest_at_any_depth(hosted, browser, lost):
    context = browser.new_context()
    opened = context.new_page()
    opened.goto(f"{hosted}{lost}")
    opened.locator(".lost-nearest:visible").wait_for()
    assert opened.locator("h1").inner_text() == "There is no such page"
    near = opened.locator(".lost-nearest a").evaluate_all("links => links.map((a) => a.href)")
    assert any("dftz" in address for address in near) and all(a.startswith(hosted) for a in near)
    opened.locator("[data-lost] button").click()
    opened.wait_for_url(f"{hosted}search.html?q=dftz**")
    context.close()


def test_an_address_of_markup_is_never_markup(hosted, browser):
    context = browser.new_context()
    opened = context.new_page()
    opened.goto(f"{hosted}claims/%3Cimg%20src=x%20onerror=alert(1)%3E.html")
    opened.locator("#search-q").wait_for()
    assert opened.locator("main img").count() == 0
    context.close()


def test_a_number_is_challenged_from_its_card(open_page):
    opened = open_page("book/dftz.html")
    opened.locator("a.receipt[data-receipt]").first.click()
    link = opened.locator(".card a", has_text="Challenge this number")
    asked = parse_qs(urlsplit(link.get_attribute("href")).query)
    assert asked["says"] and asked["figure"] and asked["page"][0].endswith("/book/dftz.html")
    link.click()
    opened.wait_for_url("**/contribute.html?**")
    assert f"Figure or row: {asked['figure'][0]}\n" in opened.locator("#report-text").input_value()


def test_every_verdict_and_series_is_challenged_where_it_stands(site):
    for name in of_each_kind(site):
        if name.split("/")[0] in ("claims", "series", "tables"):
            (link,) = page(site, name).xpath(
                '//div[@class="cite-page"]//a[starts-with(., "Challenge")]/@href'
            )
            assert "figure=" in link, name


def test_links_to_paragraphs_add_one_tab_stop(open_page):
    opened = open_page("book/dftz.html")
    assert opened.locator(".to-paragraph").count() == 0
    before = opened.evaluate("document.documentElement.scrollHeight")
    opened.locator(".reading button").click()
    assert opened.locator(".to-paragraph").count() > 20
    link = opened.locator(".to-paragraph").nth(3)
    target = link.get_attribute("href")
    link.click()
    assert opened.evaluate("location.hash") == target and opened.locator(target).count() == 1
    opened.locator(".reading button").click()
    assert opened.evaluate("document.documentElement.scrollHeight") == before


def test_new_pages_open_quietly_and_are_whole_without_script(site, open_page):
    for name in ("book/whole.html", "404.html"):
        opened = open_page(name, java_script_enabled=False, viewport={"width": 320, "height": 700})
        watch(opened)
        assert opened.locator("h1").count() == 1
        assert opened.evaluate("document.documentElement.scrollWidth") <= 320, name


def test_the_progress_of_reading_takes_no_room(open_page):
    opened = open_page("book/dftz.html")
    bar = opened.evaluate("getComputedStyle(document.body, '::before').position")
    assert bar == "fixed"
    still = open_page("book/dftz.html", reduced_motion="reduce")
    assert still.evaluate("getComputedStyle(document.body, '::before').content") == "none"
