"""The same chapters as a default Jupyter Book and as ours, side by side in a real Chromium."""

from __future__ import annotations

import contextlib
import functools
import gzip
import http.server
import itertools
import json
import statistics
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import project as p
from playwright.sync_api import Error, TimeoutError, sync_playwright

from storykit.site import pictures

FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Other hosts are counted, not reached: whatever the network, both books are measured alike.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
PHONE = {"viewport": {"width": 412, "height": 823}, "device_scale_factor": 1.75, "is_mobile": True}
DESKTOP = {"viewport": {"width": 1280, "height": 900}}
SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
SLOWER_CPU = 4
PATIENCE = 120_000

OBSERVE = """
window.seen = {lcp: 0, cls: 0, tasks: []};
const watch = (type, each) => new PerformanceObserver(list => list.getEntries().forEach(each)).observe({type, buffered: true});
watch('largest-contentful-paint', e => { seen.lcp = e.startTime; });
watch('layout-shift', e => { if (!e.hadRecentInput) seen.cls += e.value; });
watch('longtask', e => seen.tasks.push([e.startTime, e.duration]));
"""
VITALS = """() => {
  const first = (performance.getEntriesByName('first-contentful-paint')[0] || {startTime: 0}).startTime;
  const blocked = seen.tasks.filter(([at, long]) => at + long > first).reduce((sum, [at, long]) => sum + Math.max(0, long - 50), 0);
  return {lcp: seen.lcp, cls: seen.cls, tbt: blocked};
}"""
POINTS = """plot => {
  const box = plot.getBoundingClientRect(), layout = plot._fullLayout, found = [];
  for (const trace of plot._fullData) {
    if (trace.visible !== true || trace.hoverinfo === 'skip' || !trace.x || !trace.y) continue;
    const axis = name => layout[name[0] + 'axis' + name.slice(1)];
    const x = axis(trace.xaxis || 'x'), y = axis(trace.yaxis || 'y');
    for (const i of [0, Math.floor(trace.x.length / 2), trace.x.length - 1]) {
      let [left, top] = [x.d2p(trace.x[i]), y.d2p(trace.y[i])];
      if (trace.type === 'bar' && trace.orientation === 'h') left = (left + x.d2p(0)) / 2;
      else if (trace.type === 'bar') top = (top + y.d2p(0)) / 2;
      const at = [box.left + x._offset + left, box.top + y._offset + top];
      if (at.every(Number.isFinite) && at[1] > 0 && at[1] < innerHeight && at[0] > 0 && at[0] < innerWidth) found.push(at);
    }
  }
  return found.slice(0, 60);
}"""


def measure(source: Path, only: list[str] | None, runs: int) -> None:
    browser_path = pictures.browser()
    if browser_path is None:
        raise p.BenchError("there is no Chromium; storykit browser installs one")
    with p.workshop("pages") as folder:
        p.say("building our book ...")
        ours = p.copy(source, folder / "ours", pictures=p.pictures_of(source))
        p.build(ours)
        p.say("building the same chapters the default way ...")
        default = folder / "default"
        _, _, names = p.run(ours, str(Path(__file__).with_name("default_book.py")), str(default))
        call = "import sys; from jupyter_book.cli.main import main; sys.exit(main())"
        p.run(ours, "-c", call, "build", str(default))
        if only and (strangers := set(only) - set(names.split())):
            raise p.BenchError(
                f"there is no chapter {', '.join(sorted(strangers))}; there are {', '.join(names.split())}"
            )
        chapters = [name for name in names.split() if not only or name in only]
        books = {
            "default": (default / "_build" / "html", ""),
            "ours": ((ours / "_build" / "html").resolve(), "book/"),
        }
        found: dict[str, list[dict]] = {"default": [], "ours": []}
        with sync_playwright() as play:
            chromium = play.chromium.launch(executable_path=browser_path, args=FLAGS)
            for chapter in chapters:
                for book, (site, prefix) in books.items():
                    with served(site) as server:
                        result = _page(chromium, server, f"{prefix}{chapter}.html", book, runs)
                    found[book].append(result)
                    p.say(
                        f"  {chapter}, {book}: {json.dumps({k: v for k, v in result.items() if k != 'hosts'})}"
                    )
            chromium.close()
        _print(chapters, found, runs)


def _page(chromium, server, path: str, book: str, runs: int) -> dict:
    address = f"http://127.0.0.1:{server.server_port}/{path}"
    result = weigh(chromium, server, address)
    seen = [vitals(chromium, address) for _ in range(runs)]
    at_once = [_hover(chromium, address, book, rested=False) for _ in range(runs)]
    rested = [_hover(chromium, address, book, rested=True) for _ in range(runs)]
    for name in ("lcp", "tbt", "cls"):
        result[name] = round(statistics.median(v[name] for v in seen), 3)
    for name, answers in (("answer", at_once), ("hover", rested)):
        known = [a[name] for a in answers if a]
        result[name] = round(statistics.median(known)) if known else None
    return result


@contextlib.contextmanager
def visit(chromium, **options):
    context = chromium.new_context(**options)
    try:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        yield context, page
    finally:
        context.close()


def weigh(chromium, server, address: str) -> dict:
    """Bytes and requests of a first visit, before and after scrolling through the page."""
    with visit(chromium, **PHONE) as (context, page):
        others: list[str] = []
        context.on("request", lambda r: others.append(r.url) if _other(r.url) else None)
        server.sent.clear()
        page.goto(address, wait_until="load")
        page.wait_for_timeout(1000)
        first = sum(server.sent.values())
        height = page.evaluate("document.documentElement.scrollHeight")
        for top in range(0, height, 700):
            page.evaluate(f"scrollTo(0, {top})")
            page.wait_for_timeout(60)
        page.wait_for_timeout(1000)
        return {
            "first_bytes": first,
            "bytes": sum(server.sent.values()),
            "requests": len(server.sent),
            "others": len(others),
            "hosts": sorted({urlsplit(u).hostname for u in others}),
        }


def _other(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and parts.hostname != "127.0.0.1"


def throttle(context, page) -> None:
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_4G)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_CPU})


def vitals(chromium, address: str) -> dict:
    with visit(chromium, **PHONE) as (context, page):
        page.add_init_script(OBSERVE)
        throttle(context, page)
        page.goto(address, wait_until="load")
        page.wait_for_timeout(3000)
        return page.evaluate(VITALS)


def _hover(chromium, address: str, book: str, rested: bool) -> dict | None:
    """Milliseconds from the first hover over the first chart to its words, and from opening the page to it.

    `rested`: hover only when the page has loaded and lain still; else as soon as the chart is there.
    """
    with visit(chromium, **DESKTOP) as (context, page):
        throttle(context, page)
        try:
            page.goto(address, wait_until="load" if rested else "commit")
            page.wait_for_timeout(3000 if rested else 0)
            if book == "ours":
                stage = page.locator(".fig[data-kind=chart] .fig-stage.ready").first
                stage.scroll_into_view_if_needed()
                stage.evaluate("stage => stage.scrollIntoView({block: 'center', behavior: 'instant'})")
                began = page.evaluate("performance.now()")
                for x, y in _search(stage.locator("picture:visible").bounding_box()):
                    page.mouse.move(x, y)
                    if ended := page.evaluate("document.querySelector('.tip') && performance.now()"):
                        return {"hover": ended - began, "answer": ended}
                return None
            else:
                plot = page.locator(".js-plotly-plot:has(.hoverlayer)").first
                plot.wait_for(state="attached")
                plot.evaluate("plot => plot.scrollIntoView({block: 'center', behavior: 'instant'})")
                began = page.evaluate("performance.now()")
            for x, y in plot.evaluate(POINTS):
                page.mouse.move(x - 1, y)
                page.mouse.move(x, y)
                with contextlib.suppress(TimeoutError):
                    label = "() => document.querySelector('.hoverlayer .hovertext') && performance.now()"
                    ended = page.wait_for_function(label, timeout=600).json_value()
                    return {"hover": ended - began, "answer": ended}
        except Error as error:
            p.say(f"    no hover label: {str(error).splitlines()[0]}")
        return None


def _search(box: dict) -> Iterator[tuple[float, float]]:
    """Places over a picture, from its middle outwards, again and again: a pointer that looks for a mark."""
    steps = sorted(itertools.product(range(-6, 7), repeat=2), key=lambda step: max(map(abs, step)))
    for across, down in steps * 20:
        yield box["x"] + box["width"] * (0.5 + across / 14), box["y"] + box["height"] * (0.5 + down / 14)


# --- serving ----------------------------------------------------------------------------------------


class _Gzip(http.server.SimpleHTTPRequestHandler):
    """Answers with gzip as a host of pages does, and notes the bytes of every answer."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        file = Path(self.translate_path(self.path))
        if file.is_dir():
            file = file / "index.html"
        body, packed = (compressed(file), True) if file.is_file() else (b"not found", False)
        packed = packed and file.suffix not in (".png", ".woff2", ".jpg")
        if file.is_file() and not packed:
            body = file.read_bytes()
        self.send_response(200 if file.is_file() else 404)
        self.send_header("Content-Type", self.guess_type(str(file)))
        self.send_header("Content-Length", str(len(body)))
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.wfile.write(body)
        self.server.sent[f"{len(self.server.sent)} {self.path}"] = len(body)

    def log_message(self, *words):
        pass


@functools.lru_cache(maxsize=512)
def compressed(file: Path) -> bytes:
    return gzip.compress(file.read_bytes(), 9, mtime=0)


@contextlib.contextmanager
def served(site: Path) -> Iterator[http.server.ThreadingHTTPServer]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Gzip, directory=str(site)))
    server.daemon_threads = True
    server.sent = {}
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


# --- printing ---------------------------------------------------------------------------------------

COLUMNS = [
    ("first screen, KiB", "first_bytes", 1024, ".0f"),
    ("whole page, KiB", "bytes", 1024, ".0f"),
    ("requests", "requests", 1, ".0f"),
    ("requests to other hosts", "others", 1, ".0f"),
    ("LCP, s", "lcp", 1000, ".2f"),
    ("blocking, ms", "tbt", 1, ".0f"),
    ("layout shift", "cls", 1, ".3f"),
    ("opened to first hover label, s", "answer", 1000, ".1f"),
    ("hover to label, loaded page at rest, s", "hover", 1000, ".2f"),
]


def _print(chapters: list[str], found: dict[str, list[dict]], runs: int) -> None:
    p.say(
        f"\nEach cell: the default way / ours. Bytes gzip, first visit. Times: applied slow 4G (1.6 Mbit/s, 150 ms) and "
        f"{SLOWER_CPU}x slower CPU, median of {runs}.\n"
    )
    lines = []
    for number, chapter in enumerate(chapters):
        pair = found["default"][number], found["ours"][number]
        lines.append(
            [chapter, *(_cell(*(side[key] for side in pair), scale, form) for _, key, scale, form in COLUMNS)]
        )
    sums, ratios = ["sum"], ["ours, of the default"]
    for _, key, scale, form in COLUMNS:
        # A chapter where one side has no answer is in neither sum.
        both = [
            (a[key], b[key]) for a, b in zip(*found.values()) if a[key] is not None and b[key] is not None
        ]
        one, other = sum(a for a, _ in both), sum(b for _, b in both)
        sums.append(_cell(one, other, scale, form))
        ratios.append(f"{other / one:.3f}" if one else "–")
    p.table(["chapter", *(name for name, *_ in COLUMNS)], [*lines, sums, ratios])
    for book, results in found.items():
        hosts = sorted({host for result in results for host in result["hosts"]})
        p.say(f"other hosts asked, {book}: {len(hosts)}{': ' + ', '.join(hosts) if hosts else ''}")
    p.say("No other host is reached, so what the default way loads from them is not in its bytes or times.")


def _cell(one, other, scale: float, form: str) -> str:
    return " / ".join("–" if value is None else format(value / scale, form) for value in (one, other))
