"""One way to ask another computer: patient, polite, and suspicious of the answer.

Every request has one limit of time for all it takes, is tried again with growing pauses, keeps to `Retry-After`
and to a pace, and follows no redirect to another host. Its answer may neither be larger than agreed nor of another
kind than asked for, and is refused if it is not whole or says the same thing twice.
"""

from __future__ import annotations

import csv
import io
import json
import queue
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import InvalidHeader
from urllib3.util.retry import Retry

from storykit.upstream import numbers

if TYPE_CHECKING:
    from _csv import Reader  # its name since Python 3.10; `csv` does not hand it on

MIB = 1024 * 1024
KINDS = {
    # raw.githubusercontent.com serves JSON as text/plain, object stores serve CSV as a stream of octets.
    "JSON": ("application/json", "text/json", "text/plain"),
    "CSV": (
        "text/csv",
        "application/csv",
        "text/plain",
        "application/vnd.ms-excel",
        "application/octet-stream",
        "binary/octet-stream",
    ),
}
"""What we ask for -> media types an answer may declare. None declared is allowed; the content decides."""


class UpstreamError(RuntimeError):
    """An answer that cannot be used; each argument names the address and says what is wrong."""


class Unreachable(UpstreamError):
    """No usable connection: no network, no such host, refused, too slow, or cut again and again."""


class _CutOff(Exception):
    """The connection ended before the answer did."""


class _AskedToWait(Exception):
    """`Retry-After` asks us to wait longer than we do; carries its words (seconds or a date)."""


class _Retry(Retry):
    """urllib3's retries shorten a long `Retry-After`, and so come back too early; these give up instead."""

    def parse_retry_after(self, retry_after: str) -> float:
        try:
            seconds = super().parse_retry_after(retry_after)
        except InvalidHeader:
            return 0  # then the ordinary pause applies
        if seconds >= self.retry_after_max:
            raise _AskedToWait(retry_after.strip())
        return seconds


class Session(requests.Session):
    """Follows redirects within a host only: whoever answers elsewhere is not the source that a row names."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        target = super().get_redirect_target(resp)
        if target is None:
            return None
        try:
            here, there = urlsplit(resp.url), urlsplit(urljoin(resp.url, target))
        except ValueError:
            raise UpstreamError(f"{resp.url}: sends us on to {target!r}, which is no address.") from None
        if there.netloc.lower() != here.netloc.lower():
            raise UpstreamError(
                f"{resp.url}: {here.netloc} sends us on to another host, {there.netloc or target}. "
                "If the source has moved there, write its new address into the module."
            )
        if (here.scheme, there.scheme) not in (("http", "http"), ("http", "https"), ("https", "https")):
            raise UpstreamError(f"{resp.url}: sends us on from {here.scheme} to {there.scheme}.")
        return target


class Client:
    """Asks for JSON and CSV.

    Parameters
    ----------
    attempts
        How often one request is sent at most.
    backoff
        Seconds of the first pause; each further pause is twice as long.
    timeout
        Seconds of silence that end one try: before a connection, and before each next piece of the answer.
    interval
        Least seconds between two requests to the same host.
    most_bytes
        Largest answer, unpacked.
    most_seconds
        Longest time for one answer, with all tries and pauses, whatever drips: a handshake, headers, the body.
    longest_wait
        Seconds; a `Retry-After` of this or more ends the request instead of blocking the refresh.
    """

    def __init__(
        self,
        *,
        attempts: int = 4,
        backoff: float = 1.0,
        timeout: tuple[float, float] = (10, 60),
        interval: float = 0.5,
        most_bytes: int = 64 * MIB,
        most_seconds: float = 300,
        longest_wait: int = 120,
    ):
        self._attempts, self._backoff, self._timeout = attempts, backoff, timeout
        self._interval, self._most_bytes, self._most_seconds = interval, most_bytes, most_seconds
        self._last: dict[str, float] = {}
        retries = _Retry(
            total=attempts - 1,
            backoff_factor=backoff,
            allowed_methods=("GET",),
            status_forcelist=(429, 500, 502, 503, 504),
            raise_on_status=False,
            retry_after_max=longest_wait,
        )
        self._session = Session()
        self._session.max_redirects = 5
        self._session.headers["User-Agent"] = "storykit (data refresh of a Jupyter Book)"
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=retries))

    def json(self, url: str, params: dict[str, Any] | None = None) -> Any:
        """The answer as Python objects; numbers are `Decimal`, so that no digit is invented (`numbers.literal`).

        Raises
        ------
        UpstreamError, Unreachable
        """
        text = _text(url, self._get(url, params, "JSON"))
        try:
            return json.loads(
                text,
                parse_float=numbers.literal,
                parse_int=numbers.literal,
                parse_constant=_refuse_constant,
                object_pairs_hook=_once_each,
            )
        except (ValueError, RecursionError) as problem:
            raise UpstreamError(f"{url}: the answer is not JSON ({problem}).") from None

    def csv(self, url: str, columns: tuple[str, ...]) -> Iterator[dict[str, str]]:
        """The rows of a CSV file as {column: text}; the file must have at least these columns.

        Raises
        ------
        UpstreamError, Unreachable
        """
        text = _text(url, self._get(url, None, "CSV"))
        if not text.endswith("\n"):
            raise UpstreamError(
                f"{url}: the last line has no end: the file was cut off. Nothing of it was used."
            )
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        rows = _cells(url, reader)
        header = next(rows, [])
        _check_header(url, header, columns)
        return _whole_rows(url, reader, header, rows)

    def _get(self, url: str, params: dict[str, Any] | None, kind: str) -> bytes:
        """The body of the answer, within the time for all it takes."""
        return _within(self._most_seconds, url, lambda: self._patiently(url, params, kind))

    def _patiently(self, url: str, params: dict[str, Any] | None, kind: str) -> bytes:
        """Tried again if the connection is cut within the answer."""
        for attempt in range(1, self._attempts + 1):
            try:
                return self._once(url, params, kind)
            except _CutOff:
                if attempt < self._attempts:
                    time.sleep(self._backoff * 2 ** (attempt - 1))
        raise Unreachable(f"{url}: the connection was cut {self._attempts} times within the answer.")

    def _once(self, url: str, params: dict[str, Any] | None, kind: str) -> bytes:
        self._keep_pace(urlsplit(url).netloc)
        try:
            with self._session.get(url, params=params, timeout=self._timeout, stream=True) as answer:
                _check_status(url, answer)
                _check_kind(url, answer.headers.get("Content-Type", ""), kind)
                body = self._read(url, answer)
        except _AskedToWait as wait:
            raise UpstreamError(f"{url}: the server asks to come back later (Retry-After: {wait}).") from None
        except (
            requests.exceptions.ChunkedEncodingError,
            requests.exceptions.ContentDecodingError,
        ) as problem:
            raise _CutOff from problem
        except requests.exceptions.SSLError as problem:
            raise Unreachable(f"{url}: the secure connection failed ({_root_cause(problem)}).") from None
        except (requests.exceptions.ConnectionError, requests.exceptions.Timeout) as problem:
            raise Unreachable(f"{url}: cannot be reached ({_root_cause(problem)}).") from None
        except requests.exceptions.RequestException as problem:
            raise UpstreamError(f"{url}: {problem}.") from None
        if not body.strip():
            raise UpstreamError(f"{url}: the answer is empty.")
        if body.lstrip()[:1] == b"<":
            raise UpstreamError(_other_kind(url, kind, "a page of HTML or XML", body))
        return body

    def _read(self, url: str, answer: requests.Response) -> bytes:
        limit = f"more than the {self._most_bytes / MIB:g} MiB allowed. Nothing of it was used."
        announced = answer.headers.get("Content-Length", "")
        if announced.isdigit() and int(announced) > self._most_bytes:
            raise UpstreamError(f"{url}: the answer has {int(announced) / MIB:.0f} MiB, {limit}")
        body = bytearray()
        for piece in answer.iter_content(64 * 1024):
            body += piece
            if len(body) > self._most_bytes:
                raise UpstreamError(f"{url}: the answer is {limit}")
        return bytes(body)

    def _keep_pace(self, host: str) -> None:
        wait = self._last.get(host, float("-inf")) + self._interval - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        self._last[host] = time.monotonic()


Say = Callable[[str], None]
"""Tells the person at the terminal how far it is."""


def _check_status(url: str, answer: requests.Response) -> None:
    if answer.status_code == 429:
        raise UpstreamError(f"{url}: too many requests (429), even after waiting. Try again later.")
    if answer.status_code != 200:
        raise UpstreamError(f"{url}: the server answered {answer.status_code} {answer.reason}.")


def _check_kind(url: str, declared: str, kind: str) -> None:
    media = declared.partition(";")[0].strip().lower()
    if media and media not in KINDS[kind]:
        raise UpstreamError(_other_kind(url, kind, media))


def _other_kind(url: str, kind: str, came: str, body: bytes = b"") -> str:
    title = re.search(rb"<title[^>]*>([^<]{1,80})", body[:4096], re.IGNORECASE)
    words = f", titled {title[1].decode('utf-8', 'replace').strip()!r}" if title else ""
    return f"{url}: {came}{words} came instead of {kind}. The address has moved, or a gateway stands between."


def _within(seconds: float, url: str, work: Callable[[], bytes]) -> bytes:
    """What `work` returns or raises; left alone after so many seconds, whatever it waits for.

    A socket's time limit begins anew with every byte, so that one byte a minute never meets it. The thread that
    is left dies with the connection or with the refresh, which waits for neither.
    """
    outcome: queue.SimpleQueue[tuple[bytes, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            outcome.put((work(), None))
        except BaseException as problem:
            outcome.put((b"", problem))

    threading.Thread(target=run, daemon=True).start()
    try:
        body, problem = outcome.get(timeout=seconds)
    except queue.Empty:
        raise Unreachable(f"{url}: the answer took more than {seconds:g} seconds.") from None
    if problem is not None:
        raise problem
    return body


def _text(url: str, body: bytes) -> str:
    """An answer as text: UTF-8, with or without its mark."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise UpstreamError(f"{url}: the answer is not UTF-8 ({problem.reason}).") from None
    if "\0" in text:
        raise UpstreamError(
            f"{url}: the answer is not UTF-8 (every second byte of UTF-16 is nought, as here)."
        )
    return text


def _cells(url: str, reader: Reader) -> Iterator[list[str]]:
    """The rows of a CSV file; blank lines are none."""
    try:
        yield from filter(None, reader)
    except csv.Error as problem:
        raise UpstreamError(f"{url}: line {reader.line_num} cannot be read as CSV ({problem}).") from None


def _check_header(url: str, header: list[str], columns: tuple[str, ...]) -> None:
    """Each column once, however its name is written, and all that are asked for."""
    names = Counter(name.strip("\ufeff\u200b \t\r\n\xa0").casefold() for name in header)
    if twice := [name for name, times in names.items() if times > 1]:
        raise UpstreamError(
            f"{url}: column {', '.join(map(repr, twice))} stands twice in the header ({', '.join(header)}); "
            "which of them counts nobody knows. Nothing of the file was used."
        )
    if lost := [name for name in columns if name not in header]:
        raise UpstreamError(
            f"{url}: column {', '.join(lost)} is missing; there are: "
            f"{', '.join(header) or 'none'}. The upstream has changed its file."
        )


def _whole_rows(
    url: str, reader: Reader, header: list[str], rows: Iterator[list[str]]
) -> Iterator[dict[str, str]]:
    for cells in rows:
        if len(cells) != len(header):
            raise UpstreamError(f"{url}: line {reader.line_num} has more or fewer cells than the header.")
        if any("\n" in cell for cell in cells):
            raise UpstreamError(f"{url}: a cell runs on to line {reader.line_num}: a quote was not closed.")
        yield dict(zip(header, cells, strict=True))


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, Any]:
    """A JSON object whose names are all different; of two alike the parser would silently take the last."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = [name for name, times in Counter(name for name, _ in pairs).items() if times > 1]
        raise ValueError(f"{', '.join(map(repr, twice))} stands twice in one object")
    return found


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number JSON knows")


def _root_cause(problem: BaseException) -> str:
    """The innermost words of a chain of errors: `Connection refused`, not five nested classes."""
    while True:
        inner = getattr(problem, "reason", None) or next(
            (a for a in problem.args if isinstance(a, BaseException)), None
        )
        if not isinstance(inner, BaseException):
            break
        problem = inner
    return str(problem).rpartition(": ")[2].strip().rstrip(".") or type(problem).__name__
