"""Forms of charts: rows in, an ordinary plotly figure out.

Every form returns a `Form`: a `plotly.graph_objects.Figure` (traces of type scatter and bar only)
that also knows its heights and what changes on a phone, in `Form.sizes` (`Form.set_narrow` changes it):

    plot = forms.bars(rows, "name", "value")
    figures.Figure(plot, id=…, data=rows)

Rules of all forms: labels stand at what they name, not in a legend; bars start at zero; a line
joins one series; colours are tokens; texts from data are escaped. A phone shows the same traces
with another layout, so whatever must change with the width is an annotation or an axis.

The rooms: `words` and `plan` are what all forms are made of; `lines`, `bars`, `dots`, `panels`,
`matrix`, `turns`, `ladders`, `spans`, `yearly`, `places` and `batches` hold the forms by kind.
"""

from storykit.forms.bars import bars, paired_bars, stacked_bars, steps_to_scale
from storykit.forms.batches import map_batches
from storykit.forms.dots import range_dots, slips
from storykit.forms.ladders import ladders
from storykit.forms.lines import dodge, goals, lines, mirror, points
from storykit.forms.matrix import matrix
from storykit.forms.panels import areas, narrow_domains, small_multiples, timeline
from storykit.forms.places import (
    EXACT,
    choropleth,
    key_items,
    mark_sizes,
    point_map,
    projection,
    size_steps,
    spiral,
)
from storykit.forms.plan import CYCLE, STATES, Form
from storykit.forms.spans import spans
from storykit.forms.turns import turns
from storykit.forms.words import number, text_width, told, wrap
from storykit.forms.yearly import small_columns

__all__ = [
    "CYCLE",
    "EXACT",
    "STATES",
    "Form",
    "areas",
    "bars",
    "choropleth",
    "dodge",
    "goals",
    "key_items",
    "ladders",
    "lines",
    "map_batches",
    "mark_sizes",
    "matrix",
    "mirror",
    "narrow_domains",
    "number",
    "paired_bars",
    "point_map",
    "points",
    "projection",
    "range_dots",
    "size_steps",
    "slips",
    "small_columns",
    "small_multiples",
    "spans",
    "spiral",
    "stacked_bars",
    "steps_to_scale",
    "text_width",
    "timeline",
    "told",
    "turns",
    "wrap",
]
