"""Which signs may stand in a text that readers get: in a cell, in the descriptor, on a page.

What is refused is what nobody sees, what turns a text around, what no program can read, and the traces of a
program that read or wrote it wrongly. Letters of every language may stand.
"""

from __future__ import annotations

import re
import unicodedata

import pandas as pd

_CONTROL = "\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\u2028\u2029"
"""Tab and line feed apart: where those may stand is for the format to say. XML has no word for most of these."""
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_JOINERS = "\u200c\u200d"
"""Needed within words of some scripts (Persian, Hindi) and within emoji; between other signs nobody sees them."""
_UNSEEN = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u2060-\u2064\u206a-\u206f\u2800\u3164\ufeff\uffa0"
    "\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_NOBODYS = "\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff\U000f0000-\U0010ffff"
_LOST = "\ufffd"
_JOINED = "[\u0590-\u0dff\u0f00-\u0fff\u1000-\u109f\u1780-\u18af\u2190-\u2bff\ufe0f\U0001f000-\U0001faff]"
_LATIN = {
    **dict(zip("АВЕЅІЈКМНОРСТХаеіјорсухѕ", "ABESIJKMHOPCTXaeijopcyxs")),  # Cyrillic
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEZHIKMNOPTYXo")),  # Greek
}
"""Letter that looks like a Latin one -> that one."""
_LOOK_LATIN = "".join(_LATIN)
_TO_LATIN = str.maketrans("".join(_LATIN), "".join(_LATIN.values()))

_AS_CP1252 = "".join(
    bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0xC0)
).replace("-", "")
"""What the second and further bytes of UTF-8 become if they are read as Windows' western code page."""
_QUOTES = "‘’“”»…–—"
_NO_QUOTE = "".join(sign for sign in _AS_CP1252 if sign not in _QUOTES)
_MOJIBAKE = (
    f"[ÃÂ][{re.escape(_AS_CP1252)}]|â[€‚„†‡ˆ‰Šœ]|ï[¼½»¿]|ðŸ|[à-ï][{re.escape(_NO_QUOTE)}]{{2}}"
    f"|[ÐÑ][{re.escape(_NO_QUOTE)}](?=[ÐÑ][{re.escape(_AS_CP1252)}])"
)
_BROKEN_CELL = r"#(?:REF!|N/A|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!)|#{5,}"
_TURNED = r"\A(?:[0-9]+(?:\.[0-9]+)?E\+[0-9]+|[0-9]{1,2}-%s|%s-[0-9]{2})\Z".replace(
    "%s", "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
)
_NOTHING = r"\A(?:nan|NaN|NaT|<NA>|None|null|NULL|undefined|\[object Object\])\Z"
_ENTITY = "&(?:amp|lt|gt|quot|apos|nbsp|#[0-9]+|#x[0-9A-Fa-f]+);"

_RULES = {
    f"[{_CONTROL}]": "a control sign, which no reader sees and the feed cannot hold; remove it",
    f"[{_BIDI}]": "a sign that turns the direction of writing; remove it, pages set the direction themselves",
    f"[{_UNSEEN}]|(?<!{_JOINED})[{_JOINERS}]": "a sign that nobody sees; remove it",
    f"[{_SPACES}]": "a space that is none of the keyboard's; write an ordinary one",
    f"[{_LOST}]": "the mark of a letter that was lost when a program read the text; write the letter again",
    f"[{_NOBODYS}]": "a sign that means nothing outside one program; write a letter or word for it",
    _MOJIBAKE: "UTF-8 that a program read as another encoding (Ã© for é); write the letters that were meant",
    _BROKEN_CELL: "what a spreadsheet shows in place of a value; write the value, or leave the cell empty",
    _ENTITY: "a sign as HTML writes it; write the sign itself",
    f"(?<=[A-Za-z])[{_LOOK_LATIN}]|[{_LOOK_LATIN}](?=[A-Za-z])": (
        "a Cyrillic or Greek letter within a word of Latin ones, which it looks like; write the Latin letter"
    ),
}
"""Pattern -> what it is and what to do."""
_OF_CELLS = {
    _TURNED: "what a spreadsheet made of another text (a date, a long number); write the text, as text",
    _NOTHING: "a program's word for nothing; leave the cell empty",
}
"""The same, where a text is the whole of a cell."""
_EACH = [(re.compile(pattern), words) for pattern, words in (_RULES | _OF_CELLS).items()]
_ANY = re.compile("|".join(_RULES | _OF_CELLS))
_PLAIN, _WHOLE = re.compile(r"[ !\"$%'-~]*"), re.compile("|".join(_OF_CELLS))
"""Signs of which no rule speaks, and what the whole of a cell may not be: most texts are told good by these two alone."""
_COMPOSED = (
    "letters and accents written apart (not NFC); write é as one sign, or nobody who types it finds it"
)


def faults(text: str) -> list[str]:
    """What is wrong with a text, one entry for each kind of sign: the sign, what it is, what to do."""
    if _PLAIN.fullmatch(text) and not _WHOLE.match(text):
        return []
    found = []
    if _ANY.search(text):
        for pattern, words in _EACH:
            if match := pattern.search(text):
                found.append(f"holds {_shown(match[0])}, {words}")
    if not unicodedata.is_normalized("NFC", text):
        found.append(f"holds {_COMPOSED}")
    return found


def _shown(signs: str) -> str:
    """The signs if they can be seen, else their number and name."""
    if all(sign.isprintable() and sign != _LOST and not unicodedata.combining(sign) for sign in signs):
        return signs if len(signs) > 1 else f"{signs} (U+{ord(signs):04X})"
    return " ".join(f"U+{ord(sign):04X} {unicodedata.name(sign, '')}".strip() for sign in signs)


def alike(column: pd.Series) -> dict[str, str]:
    """Values of a column that look like another one of it -> the other: quotes, dashes, widths, spaces, letters."""
    first: dict[str, str] = {}
    found: dict[str, str] = {}
    for value, _ in column.value_counts(sort=False).sort_values(ascending=False, kind="stable").items():
        text = str(value)
        known = first.setdefault(_looks(text), text)
        if known != text:
            found[text] = known
    return found


_ONE_SIGN = str.maketrans(
    dict.fromkeys("’‘‛ʼ`´′", "'") | dict.fromkeys("“”„‟″", '"') | dict.fromkeys("‐‑‒–—―−", "-")
)


def _looks(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).translate(_TO_LATIN).translate(_ONE_SIGN)
    return " ".join(plain.split())
