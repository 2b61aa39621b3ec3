"""Networks: who is tied to whom."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from storykit import reshape
from storykit.figures import NARROW, WIDTH
from storykit.forms.plan import SIDE, Box, Canvas, Form, Plan, scatter
from storykit.forms.words import SMALL, TEXT, clean, ink, wrap

Places = dict[str, tuple[float, float]]
"""Where each node stands, in 0..1."""


def network(
    nodes: pd.DataFrame,
    edges: pd.DataFrame,
    groups: dict[str, tuple[str, str]],
    group: str = "group",
    named: int = 14,
    height: int = 560,
    key: str = "id",
    ends: tuple[str, str] = ("source", "target"),
    state: str = "state",
    states: tuple[str, str] = ("ties", "signed, not delivered"),
) -> Form:
    """Who is tied to whom. Places are layout only; the same rows always give the same picture.

    Parameters
    ----------
    nodes
        Columns `key`, `label`, and `group`. Nodes without an edge are left out.
    edges
        Two columns of keys (`ends`), `title` (for the hover of both ends), optional `state`
        (promised: dotted; anything else: solid).
    groups
        `{value of group: (token, words)}`, in the order of the key.
    named
        How many of the best connected are written out at 760 px (half as many on a phone).
    states
        Words for the solid and the dotted ties.
    """
    plan = Plan()
    nodes = nodes.assign(id=nodes[key])
    edges = edges.assign(source=edges[ends[0]], target=edges[ends[1]])
    edges = edges.assign(state=edges.get(state, "built"))
    places = _graph_places(edges)
    known = nodes[nodes["id"].isin(places)].drop_duplicates("id").set_index("id", drop=False)
    degree = pd.concat([edges["source"], edges["target"]]).value_counts().to_dict()
    ties = _ties(edges)
    plan.key([("●", token, words) for key, (token, words) in groups.items() if (known[group] == key).any()])
    plan.traces += _edge_traces(edges, places, states)
    most = max(degree.values())
    size = {i: 7 + 19 * math.sqrt(degree.get(i, 0) / most) for i in known.index}
    for key, (token, words) in groups.items():
        part = known[known[group] == key]
        if len(part):
            plan.traces.append(_node_trace(part, places, size, ties, token, words))
    _node_names(plan, known, places, degree, size, named, height)
    plan.layout["xaxis"] = {"visible": False, "range": [-0.03, 1.03], "fixedrange": True}
    plan.layout["yaxis"] = {"visible": False, "range": [-0.03, 1.03], "fixedrange": True}
    return plan.form(height + plan.margin["t"], height + plan.narrow_margin["t"])


def affiliations(
    rows: pd.DataFrame, members: Sequence[str], bodies: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The nodes and edges of a network of members and what they belong to, as `network` takes them.

    Parameters
    ----------
    rows
        One row per tie, with the columns below, `tie` (words for the hover of both ends) and `state`.
    members, bodies
        Names of the columns with the id, the label and the group of each kind of node.
    """
    nodes = [
        pd.DataFrame(dict(zip(("id", "label", "group"), (rows[c] for c in kind))))
        for kind in (members, bodies)
    ]
    ends = {"source": rows[members[0]], "target": rows[bodies[0]]}
    return pd.concat(nodes), pd.DataFrame({**ends, "title": rows["tie"], "state": rows["state"]})


def _graph_places(edges: pd.DataFrame) -> Places:
    """Every node in 0..1 x 0..1: the large component above, the small ones in a strip below."""
    import networkx

    graph: networkx.Graph[str] = networkx.Graph()
    graph.add_nodes_from(sorted({*edges["source"], *edges["target"]}))
    graph.add_edges_from(sorted(zip(edges["source"], edges["target"])))
    parts = sorted(networkx.connected_components(graph), key=lambda c: (-len(c), min(c)))
    large = [c for c in parts if len(c) >= 8] or parts[:1]
    small = [c for c in parts if c not in large]
    strip = 0.0 if not small else min(0.3, 0.04 + 0.09 * math.ceil(len(small) / 10))
    places: Places = {}
    left = 0.0
    share = [math.sqrt(len(c)) for c in large]
    for component, part in zip(large, share):
        width = part / sum(share)
        _spread(
            networkx,
            graph,
            component,
            (left, strip + (0.04 if strip else 0), left + width * 0.98, 1.0),
            places,
        )
        left += width
    columns = min(10, max(1, len(small)))
    rows = max(1, math.ceil(len(small) / columns))
    for index, component in enumerate(small):
        r, c = divmod(index, columns)
        box = (
            c / columns + 0.02,
            strip * (rows - 1 - r) / rows + 0.015,
            (c + 0.8) / columns,
            strip * (rows - r - 0.35) / rows,
        )
        _spread(networkx, graph, component, box, places)
    return places


def _spread(networkx: ModuleType, graph: Any, component: set[str], box: Box, places: Places) -> None:
    own = networkx.Graph()
    own.add_nodes_from(sorted(component))
    own.add_edges_from(sorted(tuple(sorted(e)) for e in graph.subgraph(component).edges))
    if len(own) == 2:
        found = dict(zip(own, [(0.0, 0.0), (1.0, 1.0)]))
    else:
        found = networkx.spring_layout(own, seed=7, iterations=300, k=2.2 / math.sqrt(len(own)))
    across, up = (_evened([found[n][axis] for n in found]) for axis in (0, 1))
    for node, u, v in zip(found, across, up):
        places[node] = (round(box[0] + u * (box[2] - box[0]), 4), round(box[1] + v * (box[3] - box[1]), 4))


def _evened(values: Sequence[float]) -> list[float]:
    """Coordinates in 0..1, half of the way to being evenly spread: crowds open up, order stays."""
    low, span = min(values), (max(values) - min(values)) or 1
    order = sorted(range(len(values)), key=lambda i: values[i])
    rank = {i: r / max(1, len(values) - 1) for r, i in enumerate(order)}
    even = 0.5 if len(values) > 8 else 0
    return [(1 - even) * (v - low) / span + even * rank[i] for i, v in enumerate(values)]


def _ties(edges: pd.DataFrame) -> dict[str, list[str]]:
    found: dict[str, dict[str, Any]] = {}
    for row in reshape.one_by_one(edges):
        for end in (row.source, row.target):
            found.setdefault(end, {})[clean(getattr(row, "title", ""))] = None
    return {node: [t for t in titles if t] for node, titles in found.items()}


def _edge_traces(edges: pd.DataFrame, places: Places, words: tuple[str, str]) -> list[Any]:
    traces = []
    for promised, part in edges.groupby(edges["state"].eq("promised"), sort=True):
        x, y = [], []
        for pair in sorted({tuple(sorted(p)) for p in zip(part["source"], part["target"])}):
            x += [places[pair[0]][0], places[pair[1]][0], None]
            y += [places[pair[0]][1], places[pair[1]][1], None]
        line = {"color": ink("land-line"), "width": 1, "dash": "dot" if promised else "solid"}
        traces.append(
            scatter(
                words[int(promised)],
                "lines",
                x=x,
                y=y,
                line=line,
                meta={"layout": True},
            )
        )
    return traces


def _node_trace(
    part: pd.DataFrame,
    places: Places,
    size: dict[str, float],
    ties: dict[str, list[str]],
    token: str,
    words: str,
) -> go.Scatter:
    hovers = []
    for row in reshape.one_by_one(part):
        own = ties.get(row.id, [])
        more = [f"… and {len(own) - 7} more"] if len(own) > 8 else []
        shown = own if len(own) <= 8 else own[:7]
        hovers.append(
            "<br>".join([f"<b>{clean(row.label)}</b>", *(wrap(f"• {t}", 56) for t in [*shown, *more])])
        )
    return scatter(
        words,
        "markers",
        x=[places[i][0] for i in part["id"]],
        y=[places[i][1] for i in part["id"]],
        marker={
            "size": [round(size[i], 1) for i in part["id"]],
            "color": ink(token),
            "opacity": 1,
            "line": {"color": ink("surface"), "width": 1.2},
        },
        hovertext=hovers,
        meta={"layout": True},
    )


def _in_px(length: float) -> Callable[[float], float]:
    """A place in 0..1 -> px on an axis of this length, which begins at -0.03 and ends at 1.03."""
    return lambda place: (place + 0.03) / 1.06 * length


def _node_names(
    plan: Plan,
    known: pd.DataFrame,
    places: Places,
    degree: dict[str, int],
    size: dict[str, float],
    named: int,
    height: float,
) -> None:
    order = sorted(known.index, key=lambda i: (-degree.get(i, 0), i))
    canvases = [
        Canvas(
            w - 2 * SIDE,
            height - 16,
            s,
            _in_px(w - 2 * SIDE),
            _in_px(height - 16),
        )
        for w, s in ((WIDTH, TEXT), (NARROW, SMALL))
    ]
    for canvas in canvases:
        for i in known.index:
            canvas.dots.append((canvas.x(places[i][0]), canvas.y(places[i][1])))
            canvas.marks.append(canvas.dots[-1])
            r = size[i] / 2 - 2
            canvas.boxes.append(
                (
                    canvas.dots[-1][0] - r,
                    canvas.dots[-1][1] - r,
                    canvas.dots[-1][0] + r,
                    canvas.dots[-1][1] + r,
                )
            )
    for rank, node in enumerate(order[:named]):
        notes: list[dict[str, Any] | None] = []
        for index, canvas in enumerate(canvases):
            text = wrap(clean(known.loc[node, "label"]), (24, 16)[index])
            place = {
                "x": places[node][0],
                "y": places[node][1],
                "text": text,
                "bgcolor": ink("surface"),
                "opacity": 0.88,
            }
            if index and rank >= max(4, named // 2):
                notes.append(None)
                continue
            before = list(canvas.boxes)
            cost, keys = canvas.place(
                canvas.x(place["x"]),
                canvas.y(place["y"]),
                text,
                gap=size[node] / 2 + 2,
                reach=(0, 14, 30, 48),
            )
            if cost > 70 and rank > 1:
                canvas.boxes = before
                notes.append(None)
            else:
                notes.append({**place, **keys})
        if any(notes):
            plan.note(*notes)
