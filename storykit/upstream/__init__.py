"""Refreshes tables from official interfaces; the only room that knows the network.

    storykit refresh                       every source
    storykit refresh worldbank --dry-run   one source, changing nothing

A source is a module here with `fetch(known, client, retrieved_on, say) -> apply.Batch`: it asks, and
translates what it is told. `apply` decides what that means for our tables, without touching network or disk;
`replace` checks the outcome and puts it in place. A series names its source in column `upstream` of `series`.
"""

SOURCES = {
    "worldbank": "storykit.upstream.worldbank",
    "opendosm": "storykit.upstream.opendosm",
    "regions": "storykit.upstream.regions",
}
"""Name of a source, as on the command line and before the colon in `upstream` -> its module."""
