"""What a matrix came to: medians of each cell as Markdown, and a plot of them as SVG."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from html import escape
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.report import MIB, machine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.load import Measure

Cell = tuple[str, str, int, int]
"""Side ("" for Carnet as it is, the bare application and pgbench), load, workers, connections."""
Cells = dict[Cell, "list[Measure]"]
BARE = {"create": "bare insert", "transaction": "bare insert", "patch": "bare insert"}
"""The bare load that a workload is held against, a bare read where none is named."""
HEAD = """| load | workers | connections | req/s | p50 ms | p99 ms | CPU µs | server | database | times bare |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|
"""
SIDES = """| load | CPU µs | without policy | price | without trail | price |
|---|---:|---:|---:|---:|---:|
"""
FIELDS = ("rate", "p50_ms", "p99_ms", "total_us", "server_us", "database_us")


@dataclass(frozen=True, slots=True)
class Report:
    """A matrix: each cell's measures, the largest worker by worker count, and what was chosen."""

    cells: Cells
    memory: dict[int, int]
    about: dict[str, object]

    def middle(self, cell: Cell, name: str) -> float:
        """Median of one figure of a cell."""
        return float(median(getattr(one, name) for one in self.cells[cell]))

    def times(self, cell: Cell) -> float:
        """CPU of a cell beside that of its bare load in the same round, at the median."""
        _, load, *place = cell
        bare = self.cells.get(("", BARE.get(load, "bare read"), place[0], place[1]), [])
        ratios = [one.total_us / other.total_us for one, other in zip(self.cells[cell], bare, strict=False)]
        return float(median(ratios)) if ratios else 0.0

    def markdown(self) -> str:
        """The report."""
        rows = [self._row(cell) for cell in sorted(self.cells, key=_order) if not cell[0]]
        sides = [line for load in self._loads() if (line := self._sides(load))]
        memory = ", ".join(f"{size / MIB:.0f} MiB of {n}" for n, size in sorted(self.memory.items()))
        about = {"made": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"} | machine() | self.about
        return (
            f"# Every workload\n\nMade by `python -m benchmarks.matrix --write`; medians of {self.about['rounds']} "
            "rounds. CPU is that of a request, server and database together.\n\n![CPU and throughput](matrix.svg)\n\n"
            f"{HEAD}{''.join(rows)}\nLargest worker, by how many there were: {memory}.\n\n"
            f"## What policy and trail cost\n\nTwo workers, 16 connections; the price is the part of the CPU time.\n\n"
            f"{SIDES}{''.join(sides)}\n" + "\n".join(f"- {name}: {value}" for name, value in about.items()) + "\n"
        )

    def _loads(self) -> list[str]:
        return list(dict.fromkeys(load for _, load, _, _ in self.cells))

    def _row(self, cell: Cell) -> str:
        _, load, workers, connections = cell
        rate, p50, p99, *spent = (self.middle(cell, name) for name in FIELDS)
        times = f"{self.times(cell):.1f}" if not load.startswith(("bare", "pgbench")) else ""
        figures = f"{rate:.0f} | {p50:.1f} | {p99:.1f} | " + " | ".join(f"{one:.0f}" for one in spent)
        served = "" if load.startswith("pgbench") else workers
        return f"| {load} | {served} | {connections} | {figures} | {times} |\n"

    def _sides(self, load: str) -> str:
        """What a workload costs without one thing and the other; "" where that was not measured."""
        cells = [one for one in self.cells if one[1] == load and one[0]]
        if not cells:
            return ""
        whole = self.middle(("", *cells[0][1:]), "total_us")
        parts = [f"{whole:.0f}"]
        for cell in sorted(cells):
            less = self.middle(cell, "total_us")
            parts += [f"{less:.0f}", f"{1 - less / whole:.0%}"]
        return f"| {load} | {' | '.join(parts)} |\n"

    def svg(self) -> str:
        """CPU of a request by load, and throughput by connections."""
        return plot(list(self._bars()), list(self._lines()))

    def _bars(self) -> Iterator[tuple[str, float, float]]:
        """Load, µs of the server and µs of the database, at the middle concurrency and most workers."""
        for cell in sorted(self.cells, key=_order):
            side, load, workers, connections = cell
            most = max(one[2] for one in self.cells if one[1] == load)
            if not side and connections == 16 and workers == most:  # noqa: PLR2004 - the middle
                yield load, self.middle(cell, "server_us"), self.middle(cell, "database_us")

    def _lines(self) -> Iterator[tuple[str, list[tuple[int, float]]]]:
        """Load with requests a second at each concurrency, at most workers."""
        for load in self._loads():
            most = max(one[2] for one in self.cells if one[1] == load)
            here = [one for one in self.cells if one[1] == load and not one[0] and one[2] == most]
            yield load, [(one[3], self.middle(one, "rate")) for one in sorted(here, key=_order)]

    def save(self, folder: Path) -> Path:
        """Write report, plot and every measure; returns the report's path."""
        path = folder / "matrix.md"
        path.write_text(self.markdown(), encoding="utf-8")
        (folder / "matrix.svg").write_text(self.svg(), encoding="utf-8")
        (folder / "results").mkdir(exist_ok=True)
        every = [[*cell, [asdict(one) for one in found]] for cell, found in self.cells.items()]
        name = f"matrix-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
        (folder / "results" / name).write_text(json.dumps([os.uname().release, self.about, every], indent=1))
        return path


LOADS = (
    *("bare read", "pgbench read", "read", "search", "my patients", "mixed"),
    *("bare insert", "pgbench insert", "create", "patch", "transaction"),
)
"""The order of the report: each after what it is held against."""


def _order(cell: Cell) -> tuple[int, str, int, int]:
    side, load, workers, connections = cell
    return (LOADS.index(load) if load in LOADS else len(LOADS), side, workers, connections)


# -- the plot ---------------------------------------------------------------------------------------------------------

WIDTH, LINE, LEFT, GAP = 860, 24, 130, 40
COLOURS = (
    "#1b6ca8",
    "#e08e0b",
    "#4b8f29",
    "#a33b3b",
    "#6b4fa0",
    "#2a9d8f",
    "#8d6e63",
    "#5c6b73",
    "#c2185b",
    "#9e9d24",
    "#333",
)


def plot(bars: list[tuple[str, float, float]], lines: list[tuple[str, list[tuple[int, float]]]]) -> str:
    """Bars above, lines below; both on scales that begin at zero for bars and are logarithmic for lines."""
    height = GAP * 3 + LINE * len(bars) + 320
    parts = [*_drawn_bars(bars), *_drawn_lines(lines, GAP * 2 + LINE * len(bars))]
    size = f'width="{WIDTH}" height="{height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">'
    return "\n".join([head, f'<rect {size} fill="#fff"/>', *parts, "</svg>", ""])


def _text(x: float, y: float, said: str, **more: str) -> str:
    given = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in more.items())
    return f'<text x="{x:.1f}" y="{y:.1f}"{given}>{escape(said)}</text>'


def _drawn_bars(bars: list[tuple[str, float, float]]) -> Iterator[str]:
    yield _text(
        10, 20, "CPU of a request in µs, 16 connections: server (dark) and database (light)", font_weight="bold"
    )
    most = max(server + database for _, server, database in bars)
    scale = (WIDTH - LEFT - 80) / most
    for place, (load, server, database) in enumerate(bars):
        y = GAP + place * LINE
        yield _text(LEFT - 8, y + 13, load, text_anchor="end")
        for start, size, colour in ((0.0, server, "#1b4965"), (server, database, "#7fb6d6")):
            box = f'x="{LEFT + start * scale:.1f}" y="{y}" width="{size * scale:.1f}" height="17"'
            yield f'<rect {box} fill="{colour}"/>'
        yield _text(LEFT + (server + database) * scale + 6, y + 13, f"{server + database:.0f}")


def _drawn_lines(lines: list[tuple[str, list[tuple[int, float]]]], top: float) -> Iterator[str]:
    from math import log10  # noqa: PLC0415 - for scales alone

    yield _text(10, top, "Requests a second by connections (both scales logarithmic)", font_weight="bold")
    points = [point for _, some in lines for point in some]
    low, high = (log10(pick(rate for _, rate in points)) for pick in (min, max))
    last = log10(max(at for at, _ in points)) or 1.0

    def place(at: int, rate: float) -> tuple[float, float]:
        share = (log10(rate) - low) / ((high - low) or 1.0)
        return LEFT + log10(at) / last * (WIDTH - LEFT - 200), top + 270 - share * 240

    for at in sorted({at for at, _ in points}):
        yield _text(place(at, points[0][1])[0], top + 295, str(at), text_anchor="middle")
    free = top + 290.0  # the lowest place where a name may stand
    for number, (load, some) in enumerate(sorted(lines, key=lambda line: line[1][-1][1])):
        colour = COLOURS[number % len(COLOURS)]
        spots = [place(*point) for point in some]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
        free = min(free - 14, spots[-1][1] + 4)
        yield _text(spots[-1][0] + 8, free, f"{load} {some[-1][1]:.0f}", fill=colour)
