"""Fixtures for all tests: a copy of the project's data that a test may spoil."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from storykit import reads

PROJECT = Path(__file__).parent.parent


def pytest_addoption(parser):
    parser.addoption(
        "--every-archive", action="store_true", help="run the archive of every chapter, not of one"
    )
    parser.addoption(
        "--store", action="store_true", help="write anew what pages and pictures are compared with"
    )
    parser.addoption(
        "--every-sight", action="store_true", help="ask axe all rules in every theme and width, of more pages"
    )


def pytest_collection_modifyitems(items):
    """Long tests begin first, so that none of them is left at the end for one core while the others wait."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


class Package:
    """A data package in a folder of its own; rows are counted as a spreadsheet shows them."""

    def __init__(self, root: Path):
        self.root = root

    def file(self, table: str) -> Path:
        return self.root / "data" / "tables" / f"{table}.csv"

    def rows(self, table: str) -> list[list[str]]:
        with open(self.file(table), newline="", encoding="utf-8") as stream:
            return list(csv.reader(stream))

    def write(self, table: str, rows: list[list[str]]) -> None:
        with open(self.file(table), "w", newline="", encoding="utf-8") as stream:
            csv.writer(stream, lineterminator="\n").writerows(rows)

    def where(self, table: str, column: str, value: str) -> int:
        """The row (header is row 1) whose `column` holds `value`."""
        rows = self.rows(table)
        position = rows[0].index(column)
        return next(n for n, row in enumerate(rows[1:], start=2) if row[position] == value)

    def set(self, table: str, row: int, column: str, value: str) -> str:
        """Write one cell; returns what stood there."""
        rows = self.rows(table)
        position = rows[0].index(column)
        before, rows[row - 1][position] = rows[row - 1][position], value
        self.write(table, rows)
        return before


@pytest.fixture
def package(tmp_path, monkeypatch) -> Package:
    """The project's own data, copied, and made the package that storykit reads."""
    shutil.copytree(PROJECT / "data", tmp_path / "data")
    (tmp_path / "book").mkdir()
    monkeypatch.setenv("STORYKIT_ROOT", str(tmp_path))
    return Package(tmp_path)


@pytest.fixture
def project(monkeypatch) -> Path:
    """The project itself, read only."""
    monkeypatch.setenv("STORYKIT_ROOT", str(PROJECT))
    reads.start()
    return PROJECT
