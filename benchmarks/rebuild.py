"""What a rebuild costs against a cold build, which chapters it runs, and whether it equals a clean build."""

from __future__ import annotations

from pathlib import Path

import project as p

FREE = ("note", "reason", "summary", "role", "label")
"""Columns of free text, of which every table has one: changing it cannot make the data wrong."""


def measure(source: Path, every_table: bool, only: list[str] | None) -> None:
    with p.workshop("rebuild") as folder:
        pictures = p.pictures_of(source)
        here = p.copy(source, folder / "book", pictures=pictures)
        kept = sum(1 for _ in pictures.glob("*")) if pictures.is_dir() else 0
        p.say(f"cold build ({kept} drawn pictures given with it: drawing is not in the cold time) ...")
        cold, ran = p.build(here)
        lines = [["cold", f"{cold:.1f} s", "1.00", len(ran), "", ""]]
        p.say(f"  {cold:.1f} s; nothing changed ...")
        seconds, ran = p.build(here)
        lines.append(["nothing changed", f"{seconds:.1f} s", f"{seconds / cold:.2f}", len(ran), 0, ""])

        readers = p.reads(here)
        for table in only or _tables(here, readers, every_table):
            words = "one observation" if table == "observations" else f"one row of {table}"
            column = next(c for c in FREE if c in p.rows(here, table)[0])
            p.append(here, table, column, " Looked at again for a measurement.")
            p.say(f"  {seconds:.1f} s; {words} changed ...")
            seconds, ran = p.build(here)
            wanted = sorted(readers.get(table, []))
            right = "only they ran" if sorted(ran) == wanted else f"WRONG: {', '.join(ran)}"
            p.say(f"  {seconds:.1f} s, ran {', '.join(ran) or 'none'}; the same from nothing, to compare ...")
            clean = p.copy(here, folder / f"clean-{table}", pictures=p.pictures_of(here))
            p.build(clean)
            unequal = p.different(p.site(here), p.site(clean))
            lines.append(
                [
                    f"{words} changed",
                    f"{seconds:.1f} s",
                    f"{seconds / cold:.2f}",
                    len(ran),
                    f"{len(wanted)}: {right}",
                    "equal" if not unequal else f"{len(unequal)} files differ",
                ]
            )
            for name in unequal[:20]:
                p.say(f"      differs from a clean build: {name}")
        p.say()
        p.table(
            [
                "build",
                "time",
                "of cold",
                "chapters run",
                "chapters that read the table",
                "against a clean build",
            ],
            lines,
        )


def _tables(root: Path, readers: dict[str, list[str]], every: bool) -> list[str]:
    """Tables to change: every one, or the one that all chapters read and one that a single chapter reads."""
    if every:
        return sorted(file.stem for file in (root / "data" / "tables").glob("*.csv"))
    single = min(t for t in readers if len(readers[t]) == 1 and set(FREE) & set(p.rows(root, t)[0]))
    return ["observations", single]
