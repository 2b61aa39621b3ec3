"""One way to ask another computer: patient, polite, and suspicious of the answer.

Every request has time limits, is tried again with growing pauses, keeps to `Retry-After` and to a pace, and
its answer may neither be larger than agreed nor of another kind than asked for.
"""

from __future__ import annotations

import csv
import io
import json
import re
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import InvalidHeader
from urllib3.util.retry import Retry

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
    """An answer that cannot be used; the message names the address and says what is wrong."""


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


class Client:
    """Asks for JSON and CSV.

    Parameters
    ----------
    attempts
        How often one request is sent at most.
    backoff
        Seconds of the first pause; each further pause is twice as long.
    timeout
        Seconds to wait for a connection, and for each next piece of the answer.
    interval
        Least seconds between two requests to the same host.
    most_bytes
        Largest answer, unpacked.
    most_seconds
        Longest time for one answer to come in, however steadily it drips.
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
        self._session = requests.Session()
        self._session.max_redirects = 5
        self._session.headers["User-Agent"] = "storykit (data refresh of a Jupyter Book)"
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=retries))

    def json(self, url: str, params: dict | None = None):
        """The answer as Python objects; numbers with a fraction are `Decimal`, so that no digit is invented.

        Raises
        ------
        UpstreamError, Unreachable
        """
        body = self._get(url, params, "JSON")
        try:
            return json.loads(body, parse_float=Decimal, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as problem:
            raise UpstreamError(f"{url}: the answer is not JSON ({problem}).") from None

    def csv(self, url: str, columns: tuple[str, ...]) -> Iterator[dict[str, str]]:
        """The rows of a CSV file as {column: text}; the file must have at least these columns.

        Raises
        ------
        UpstreamError, Unreachable
        """
        try:
            text = self._get(url, None, "CSV").decode("utf-8-sig")
        except UnicodeDecodeError as problem:
            raise UpstreamError(f"{url}: the file is not UTF-8 ({problem.reason}).") from None
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        header = reader.fieldnames or []
        if lost := [name for name in columns if name not in header]:
            raise UpstreamError(
                f"{url}: column {', '.join(lost)} is missing; there are: "
                f"{', '.join(header) or 'none'}. The upstream has changed its file."
            )
        return _whole_rows(url, reader)

    def _get(self, url: str, params: dict | None, kind: str) -> bytes:
        """The body of the answer, tried again if the connection is cut within it."""
        for attempt in range(1, self._attempts + 1):
            try:
                return self._once(url, params, kind)
            except _CutOff:
                if attempt < self._attempts:
                    time.sleep(self._backoff * 2 ** (attempt - 1))
        raise Unreachable(f"{url}: the connection was cut {self._attempts} times within the answer.")

    def _once(self, url: str, params: dict | None, kind: str) -> bytes:
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
        if body.lstrip()[:1] == b"<":
            raise UpstreamError(_other_kind(url, kind, "a page of HTML or XML", body))
        return body

    def _read(self, url: str, answer: requests.Response) -> bytes:
        limit = f"more than the {self._most_bytes / MIB:g} MiB allowed. Nothing of it was used."
        announced = answer.headers.get("Content-Length", "")
        if announced.isdigit() and int(announced) > self._most_bytes:
            raise UpstreamError(f"{url}: the answer has {int(announced) / MIB:.0f} MiB, {limit}")
        body, end = bytearray(), time.monotonic() + self._most_seconds
        for piece in answer.iter_content(64 * 1024):
            body += piece
            if len(body) > self._most_bytes:
                raise UpstreamError(f"{url}: the answer is {limit}")
            if time.monotonic() > end:
                raise Unreachable(f"{url}: the answer took more than {self._most_seconds:g} seconds.")
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


def _whole_rows(url: str, reader: csv.DictReader) -> Iterator[dict[str, str]]:
    try:
        for row in reader:
            if None in row or None in row.values():
                raise UpstreamError(f"{url}: line {reader.line_num} has more or fewer cells than the header.")
            yield row
    except csv.Error as problem:
        raise UpstreamError(f"{url}: line {reader.line_num} cannot be read as CSV ({problem}).") from None


def _refuse_constant(word: str):
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
