"""Writes our chapters as a project of Observable Framework: the same words, each chart by Observable Plot.

python framework_book.py <folder> <folder with node_modules>     run inside a built copy of the project
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import default_book as default
import nbformat

from storykit import project

DRAW = """import * as Plot from "@observablehq/plot";

const date = /^\\d{4}-\\d\\d-\\d\\d$/;
const value = (given) => (date.test(given) ? new Date(given) : given);

/** A chart of plotly's traces: bars, lines and points, each with what it says as a tip. */
export function draw(traces) {
  const marks = traces.filter((trace) => trace.x && trace.visible !== false).flatMap((trace) => {
    const rows = trace.x.map((x, i) => ({
      x: value(x), y: value(trace.y[i]), name: trace.name ?? "",
      said: Array.isArray(trace.hovertext) ? trace.hovertext[i] : trace.name ?? "",
    })).filter((row) => row.x !== null && row.y !== null);
    const said = {title: "said", tip: trace.hoverinfo !== "skip"};
    if (trace.type === "bar") {
      return trace.orientation === "h"
        ? [Plot.barX(rows, {x: "x", y: "y", fill: "name", ...said})] : [Plot.barY(rows, {x: "x", y: "y", fill: "name", ...said})];
    }
    const lines = (trace.mode ?? "").includes("lines") ? [Plot.line(rows, {x: "x", y: "y", stroke: "name"})] : [];
    return [...lines, Plot.dot(rows, {x: "x", y: "y", fill: "name", ...said})];
  });
  return Plot.plot({width: Math.min(760, innerWidth - 32), marginLeft: 120, color: {legend: true}, marks});
}
"""
CHART = """```js
display(draw(await FileAttachment("{name}.json").json()));
```"""
CONFIG = 'export default {title: "The peer", root: "src", search: false, pages: []};\n'


def write(folder: Path, libraries: Path) -> list[str]:
    """Write configuration, pages and their data; returns the chapters' names."""
    figures = project.root() / "_build" / "html" / "_figures"
    pages = folder / "src"
    pages.mkdir(parents=True)
    (folder / "node_modules").symlink_to(libraries)
    (folder / "package.json").write_text('{"type": "module", "private": true}\n', encoding="utf-8")
    (folder / "observablehq.config.js").write_text(CONFIG, encoding="utf-8")
    (pages / "draw.js").write_text(DRAW, encoding="utf-8")
    (pages / "index.md").write_text("# The peer\n", encoding="utf-8")
    names = []
    for file in sorted((project.root() / "book").glob("*.ipynb")):
        parts = ['```js\nimport {draw} from "./draw.js";\n```']
        for cell in nbformat.read(file, as_version=4).cells:
            if cell.cell_type == "markdown":
                parts.append(default.words(file.stem, cell.source))
                continue
            for name in default.figures_of(cell.source):
                if (figures / f"{name}.json").is_file():
                    about = json.loads((figures / f"{name}.json").read_text(encoding="utf-8"))
                    (pages / f"{name}.json").write_text(json.dumps(about["data"]), encoding="utf-8")
                    parts.append(CHART.format(name=name))
        parts[:2] = parts[1::-1]
        (pages / f"{file.stem}.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")
        names.append(file.stem)
    return names


if __name__ == "__main__":
    print("\n".join(write(Path(sys.argv[1]), Path(sys.argv[2]))))
