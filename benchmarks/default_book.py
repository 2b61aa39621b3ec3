"""Writes our chapters as a default Jupyter Book: stock theme, stock plotly and folium output.

    python default_book.py <folder>     run inside a built copy of the project

The words are ours with numbers filled in; each figure is the same data in plotly's own `notebook` renderer
(the library inside the page, once a page), each map the same points as plain folium with its default tiles.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import nbformat

from storykit import project, receipts

_VERDICT = re.compile(r"\s*\{verdict\}`[^`]*`")
_LOCAL_LINK = re.compile(r"\[([^\]]*)\]\((?!https?:)[^)]*\)")
_DIRECTIVE = re.compile(r"^(`{3,})\{.*?^\1$", re.DOTALL | re.MULTILINE)
_FIGURE = re.compile(r'\bid="([a-z0-9-]+)"')
_STATE = re.compile(r'<script type="application/json" id="state">(.*?)</script>', re.DOTALL)

SET_UP = """
import json

import folium
import plotly.graph_objects as go
import plotly.io

plotly.io.renderers.default = "notebook"
"""
CHART = 'go.Figure(json.load(open("{name}.json")))'
MAP = """
places = folium.Map()
for at, label in json.load(open("{name}.json")):
    folium.CircleMarker(at, radius=5, popup=label).add_to(places)
places.fit_bounds(places.get_bounds())
places
"""


def write(folder: Path) -> list[str]:
    """Write config, table of contents, notebooks and their data; returns the chapters' names."""
    figures = project.root() / "_build" / "html" / "_figures"
    folder.mkdir(parents=True)
    names = []
    for file in sorted((project.root() / "book").glob("*.ipynb")):
        source = nbformat.read(file, as_version=4)
        notebook = nbformat.v4.new_notebook()
        notebook.metadata["kernelspec"] = {
            "name": "python3",
            "display_name": "Python 3",
            "language": "python",
        }
        notebook.cells = [_code(SET_UP)]
        for cell in source.cells:
            if cell.cell_type == "markdown":
                notebook.cells.append(nbformat.v4.new_markdown_cell(words(file.stem, cell.source)))
                continue
            for name in figures_of(cell.source):
                if (figures / f"{name}.json").is_file():
                    notebook.cells.append(_code(_figure(figures, name, folder)))
        # The title must come first.
        notebook.cells[:2] = notebook.cells[1::-1]
        nbformat.write(notebook, folder / file.name)
        names.append(file.stem)
    (folder / "index.md").write_text("# The default book\n", encoding="utf-8")
    files = "\n".join(f"  - file: {name}" for name in names)
    (folder / "_toc.yml").write_text(f"format: jb-book\nroot: index\nchapters:\n{files}\n", encoding="utf-8")
    (folder / "_config.yml").write_text(
        "title: The default book\nexecute:\n  execute_notebooks: force\n", encoding="utf-8"
    )
    return names


def words(page: str, source: str) -> str:
    """A text of one of our pages with its numbers filled in, without our directives and links within the book."""
    plain = receipts.plain(_VERDICT.sub("", _DIRECTIVE.sub("", source)), receipts.of_page(page))
    return _LOCAL_LINK.sub(r"\1", plain)


def figures_of(source: str) -> list[str]:
    """Ids of the figures that a code cell draws."""
    return _FIGURE.findall(source)


def _code(text: str):
    return nbformat.v4.new_code_cell(text.strip(), metadata={"tags": ["remove-input"]})


def _figure(figures: Path, name: str, folder: Path) -> str:
    frame = figures / f"{name}.map.html"
    if frame.is_file():
        state = json.loads(_STATE.search(frame.read_text(encoding="utf-8"))[1])
        content, code = [[point["at"], point["label"]] for point in state["points"]], MAP
    else:
        about = json.loads((figures / f"{name}.json").read_text(encoding="utf-8"))
        content = {"data": about["data"], "layout": {**about["layout"], "height": about["height"]}}
        code = CHART
    (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return code.format(name=name)


if __name__ == "__main__":
    print("\n".join(write(Path(sys.argv[1]))))
