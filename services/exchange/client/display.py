"""What a person sees: progress on the error stream, tables and sentences on the output."""

import sys
from collections.abc import Sequence
from typing import Any, Final

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from services.exchange.client.batches import Batch, Verdict
from services.exchange.client.body import Place
from services.exchange.client.heading import Table as SheetTable

_ROWS_SHOWN: Final = 20


def output() -> Console:
    """The console of results; never reads markup in data."""
    return Console(markup=False, highlight=False, emoji=False)


def say(text: str) -> None:
    """One line on the error stream, beside the results."""
    Console(stderr=True, markup=False, highlight=False, emoji=False, soft_wrap=True).print(_plain(text))


class Bars:
    """Progress bars on the error stream; silent when it is no terminal or machines read the output."""

    def __init__(self, *, quiet: bool) -> None:
        console = Console(stderr=True)
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description:<11}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            console=console,
            disable=quiet or not console.is_terminal,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> "Bars":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._finish()
        self._progress.stop()

    def begin(self, label: str, total: int | None) -> None:
        """A new step starts; the one before is done."""
        self._finish()
        self._task = self._progress.add_task(label, total=total)

    def reach(self, done: int, total: int | None = None) -> None:
        """The step has come so far."""
        if self._task is not None:
            self._progress.update(self._task, completed=done)
            if total is not None:
                self._progress.update(self._task, total=total)

    def note(self, seconds: float, reason: str) -> None:
        """Say why nothing moves."""
        if not self._progress.disable:
            self._progress.console.print(_plain(f"waiting {seconds:.1f} s: {reason}"))

    def _finish(self) -> None:
        if self._task is None:
            return
        task = self._progress.tasks[self._task]
        if task.total is None:
            self._progress.update(self._task, total=max(task.completed, 1), completed=max(task.completed, 1))


def show_tables(console: Console, tables: Sequence[SheetTable]) -> None:
    """The mapping of each sheet: each header with its field, what is left out and why, what is missing."""
    for found in tables:
        plan = found.plan
        where = f"sheet {found.sheet}, " if found.sheet else ""
        title = f"mapping to {plan.kind} ({where}header in row {found.header_row})"
        table = Table(title=_plain(title), title_justify="left")
        table.add_column("column")
        table.add_column("header", overflow="fold")
        table.add_column("field", overflow="fold")
        table.add_column("type")
        for field in plan.fields:
            kind = f"{field.type} ({field.unit})" if field.unit else field.type
            table.add_row(str(field.position + 1), _plain(field.header), field.path, kind)
        for header in plan.dropped:
            table.add_row("", _plain(header), "dropped: names a person", "")
        for header in plan.unmapped:
            table.add_row("", _plain(header), "not sent: unknown header", "")
        for path in plan.missing:
            table.add_row("", "", f"{path}: required, but no column", "")
        console.print(table)


def tables_summary(tables: Sequence[SheetTable]) -> list[dict[str, Any]]:
    """The mapping for machines."""
    return [
        {
            "kind": found.plan.kind,
            "sheet": found.sheet or None,
            "header_row": found.header_row,
            "fields": [
                {"column": field.position + 1, "header": field.header, "path": field.path}
                for field in found.plan.fields
            ],
            "dropped": found.plan.dropped,
            "unmapped": found.plan.unmapped,
            "missing": found.plan.missing,
        }
        for found in tables
    ]


def counts_line(batch: Batch) -> str:
    """accepted 3, unchanged 0, held 0, rejected 1 (of 4)."""
    names = ("accepted", "unchanged", "held", "rejected")
    counted = ", ".join(f"{batch.counts.get(name) or 0:,} {name}" for name in names)
    return f"{batch.counts.get('total') or 0:,} records: {counted}"


def show_rejected(console: Console, rejected: Sequence[tuple[Place | None, Verdict]], total: int) -> None:
    """The first rejected rows with every fault."""
    if not rejected:
        return
    table = Table(
        title=f"rejected ({min(len(rejected), _ROWS_SHOWN)} of {total:,} shown)", title_justify="left"
    )
    table.add_column("row", justify="right")
    table.add_column("field", overflow="fold")
    table.add_column("code", no_wrap=True)
    table.add_column("reason", overflow="fold")
    for place, verdict in rejected[:_ROWS_SHOWN]:
        sheet, row = place or ("", f"#{verdict.index}")
        for at, fault in enumerate(verdict.faults):
            number = f"{sheet} {row}".strip() if at == 0 else ""
            table.add_row(_plain(number), _plain(fault.field or ""), fault.code, _plain(fault.message))
    console.print(table)


def rejected_summary(rejected: Sequence[tuple[Place | None, Verdict]]) -> list[dict[str, Any]]:
    """The same for machines."""
    return [
        {
            "sheet": (place[0] or None) if place else None,
            "row": place[1] if place else None,
            "index": verdict.index,
            "source_record_id": verdict.source_record_id,
            "faults": [
                {"code": fault.code, "field": fault.field, "message": fault.message}
                for fault in verdict.faults
            ],
        }
        for place, verdict in rejected
    ]


def show_grades(console: Console, items: Sequence[dict[str, Any]]) -> None:
    """One line an enterprise; what it says is for reference only, and the table says so."""
    table = Table(caption="for reference only: 仅供参考", caption_justify="left")
    for name in ("code", "name", "grade", "score", "on", "rule book", "listings"):
        table.add_column(name, overflow="fold")
    for item in items:
        grade = item.get("grade") or {}
        if not item.get("found"):
            table.add_row(_plain(item.get("uscc", "")), "not found", "", "", "", "", "")
            continue
        letter = f"{grade.get('grade')}{' (provisional)' if grade.get('provisional') else ''}"
        values = (
            grade.get("score") or "–",
            grade.get("on"),
            grade.get("rulebook"),
            len(grade.get("listings") or []),
        )
        table.add_row(*map(_plain, (item.get("uscc"), grade.get("name"), letter, *values)))
    console.print(table)


def show_explanation(console: Console, grade: dict[str, Any]) -> None:
    """Which record gave which points, by which rule and basis."""
    table = Table(title="explanation", title_justify="left")
    names = ("record_id", "pillar", "points", "rule", "basis")
    for name in names:
        table.add_column(name.replace("_", " "), overflow="fold")
    for line in grade.get("explanation") or []:
        table.add_row(*(_plain(line.get(name, "")) for name in names))
    console.print(table)


def _plain(value: Any) -> Text:
    """A value of foreign origin without its control characters, so that it cannot steer the terminal."""
    return Text(
        "".join(
            character if character.isprintable() or character == "\n" else "\ufffd"
            for character in str(value)
        )
    )


def is_interactive() -> bool:
    """Whether a person can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()
