"""The table for people and build/bench.json for programs."""

import json
import os
import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.benchmarks.budgets import Row
from tests.benchmarks.deployment import BUILD, ROOT


def show(console: Console, rows: Sequence[Row], scale: float) -> None:
    """Print the table, and in words what does not hold."""
    table = Table(title=f"scale {scale:g} · {machine()}", title_justify="left")
    for heading in ("", "measured", "database"):
        table.add_column(heading)
    for heading in ("a second", "limit", "ratio", "must", "aim"):
        table.add_column(heading, justify="right")
    for row in rows:
        colour = {True: "green", False: "red", None: "default"}[row.holds]
        table.add_row(
            row.budget.id, row.budget.name, row.database, f"{row.result.value:,.0f}", f"{row.result.limit:,.0f}",
            f"[{colour}]{row.result.ratio:.2f}[/]", _number(row.must), _number(row.aim),
        )  # fmt: skip
    console.print(table)
    for row in rows:
        console.print(f"{row.budget.id} {row.database}: {row.result.note}", soft_wrap=True)
    missed = [row for row in rows if row.holds is False]
    for row in missed:
        console.print(
            f"[red]{row.budget.id} does not hold[/] on {row.database}: {row.result.ratio:.2f} of the limit, must be {row.must}"
        )
    if not missed:
        console.print("Every budget measured holds.")


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"


def write(rows: Sequence[Row], scale: float) -> None:
    """Write build/bench.json."""
    BUILD.mkdir(exist_ok=True)
    document = {
        "machine": machine(),
        "commit": commit(),
        "scale": scale,
        "rows": [row.as_json() for row in rows],
    }
    (BUILD / "bench.json").write_text(
        json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )


def machine() -> str:
    """What it was measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} × {_processor()}, {memory:.0f} GiB, {platform.system()} {platform.machine()},"
        f" Python {platform.python_version()}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or "unknown processor"


def commit() -> str:
    """The commit that was measured; `-dirty` when the tree differed from it, `unknown` outside a repository."""
    try:
        answer = subprocess.run(
            ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return answer.stdout.strip()
