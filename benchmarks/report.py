"""What the rounds came to: medians, ratios to the bare application in the same round, a Markdown table, a JSON file."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.load import Measure

MIB = 1 << 20
FIRST_ANSWER_SECONDS = 3.0
RESIDENT_MIB = 150
Round = dict[str, "Measure"]

HEAD = """| load | CPU µs | server | database | times bare | spread | target | | req/s | p50 ms | p99 ms |
|---|---:|---:|---:|---:|---|---:|---|---:|---:|---:|"""


@dataclass(frozen=True, slots=True)
class Target:
    """A workload, the bare load that it is held against, and how many of these it may cost."""

    name: str
    bare: str
    ratio: float


TARGETS = (
    Target("read", "bare read", 4),
    Target("search", "bare read", 8),
    Target("create", "bare insert", 5),
    Target("transaction", "bare insert", 35),
)


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds to the first answer on an empty folder and on a full one; largest resident bytes of a worker."""

    empty: float
    full: float
    resident: int


@dataclass(frozen=True, slots=True)
class Report:
    """One run of the benchmark."""

    rounds: list[Round]
    start: Start
    setting: dict[str, object]

    def ratios(self, target: Target) -> list[float]:
        """Of each round, CPU of the workload by CPU of the bare load beside it."""
        return [each[target.name].total_us / each[target.bare].total_us for each in self.rounds if target.name in each]

    def markdown(self) -> str:
        """The table, and the start and memory below it."""
        bare = [self._bare(name) for name in dict.fromkeys(target.bare for target in TARGETS) if self._has(name)]
        rows = [self._row(target) for target in TARGETS if self._has(target.name)]
        return "\n".join([HEAD, *bare, *rows, "", *self._limits(), "", *(f"{k}: {v}" for k, v in self.setting.items())])

    def _has(self, name: str) -> bool:
        return name in self.rounds[0]

    def _median(self, name: str, field: str) -> float:
        return float(median(getattr(each[name], field) for each in self.rounds))

    def _cost(self, name: str) -> str:
        return " | ".join(f"{self._median(name, field):.0f}" for field in ("total_us", "server_us", "database_us"))

    def _pace(self, name: str) -> str:
        rate, *latencies = (self._median(name, field) for field in ("rate", "p50_ms", "p99_ms"))
        return " | ".join([f"{rate:.0f}", *(f"{each:.1f}" for each in latencies)])

    def _bare(self, name: str) -> str:
        return f"| {name} | {self._cost(name)} | 1 | | | | {self._pace(name)} |"

    def _row(self, target: Target) -> str:
        ratios = self.ratios(target)
        ratio = median(ratios)
        spread = f"{min(ratios):.1f} to {max(ratios):.1f}"
        held = f"{ratio:.2f} | {spread} | ≤ {target.ratio:g} | {verdict(ratio <= target.ratio)}"
        return f"| {target.name} | {self._cost(target.name)} | {held} | {self._pace(target.name)} |"

    def _limits(self) -> list[str]:
        start, resident = self.start, self.start.resident / MIB
        limits = [
            (f"first answer, data folder full: {start.full:.2f} s", FIRST_ANSWER_SECONDS, "s", start.full),
            (f"first answer, data folder empty: {start.empty:.2f} s", FIRST_ANSWER_SECONDS, "s", start.empty),
            (
                f"resident memory of the largest worker after the load: {resident:.0f} MiB",
                RESIDENT_MIB,
                "MiB",
                resident,
            ),
        ]
        # A data folder that is used again was not empty: there is nothing to say of that start.
        return [
            f"- {said} (target < {limit:g} {unit}, {verdict(value < limit)})"
            for said, limit, unit, value in limits
            if value
        ]

    def save(self, folder: Path) -> Path:
        """Write everything as JSON, in a file named by the time; returns its path."""
        folder.mkdir(exist_ok=True)
        path = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
        rounds = [{name: asdict(measure) for name, measure in each.items()} for each in self.rounds]
        medians = {target.name: median(self.ratios(target)) for target in TARGETS if self._has(target.name)}
        tree = {"setting": self.setting, "ratios": medians, "start": asdict(self.start), "rounds": rounds}
        path.write_text(json.dumps(tree, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        return path


def verdict(holds: object) -> str:
    """`held` or `missed`."""
    return "held" if holds else "missed"


def machine() -> dict[str, object]:
    """What the figures depend on and the run cannot choose."""
    return {
        "cores": os.cpu_count(),
        "load before": os.getloadavg()[0],
        "kernel": platform.release(),
        "python": platform.python_version(),
    }
