"""How to cite what the site shows: as text and as BibTeX."""

from __future__ import annotations

from storykit import descriptor, verdicts
from storykit.site import views


def citation(name: str, title: str, kind: str) -> views.Citation:
    """The citation of something that has a name and a title of its own; `kind` is what it is: a figure, a claim."""
    book, as_of = descriptor.package()["title"], verdicts.data_as_of()
    version = descriptor.about("version")
    text = f"“{title}”, {kind} {name} in {book}, data version {version} ({as_of})."
    fields = {
        "title": title,
        "howpublished": f"{kind.capitalize()} in {book}",
        "year": version[:4] if version[:4].isdigit() else as_of[:4],
        "note": f"Data version {version}",
    }
    lines = [f"  {field} = {{{words.translate(_TEX)}}}" for field, words in fields.items()]
    return views.Citation(text, f"@misc{{{name},\n" + ",\n".join(lines) + "\n}")


_TEX = str.maketrans(
    {sign: f"\\{sign}" for sign in "%$&_#{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)
"""What means something to TeX -> how it is written to mean itself."""
