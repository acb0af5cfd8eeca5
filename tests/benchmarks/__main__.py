"""`python -m tests.benchmarks`: measure, print the table, write build/bench.json.

Exit status 0 whatever holds, 1 when a row could not be measured at all.
"""

import signal
import sys
from typing import Annotated, Literal

import psycopg
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.benchmarks import report
from tests.benchmarks.budgets import BUDGETS, Result, Row
from tests.benchmarks.deployment import POSTGRES, Deployment, enrol, made_databases, serving
from tests.benchmarks.lookups import measure_files, measure_grades
from tests.benchmarks.population import FIRMS, RECORDS
from tests.benchmarks.preparation import await_journal, fill
from tests.benchmarks.pull import measure_pull
from tests.benchmarks.push import measure_push

console = Console()


def run(
    only: Annotated[str, typer.Option(help="Rows to measure, such as B1,B4; all when left out.")] = "",
    database: Annotated[Literal["postgresql", "sqlite", "both"], typer.Option()] = "both",
    scale: Annotated[
        float, typer.Option(envvar="SCALE", min=0.0005, help="1 is a million firms with ten million records.")
    ] = 1.0,
) -> None:
    """Measure each budget beside its limit, in the same run."""
    chosen = [name.strip().upper() for name in only.split(",") if name.strip()] or list(BUDGETS)
    if unknown := [name for name in chosen if name not in BUDGETS]:
        raise typer.BadParameter(f"{', '.join(unknown)}: this form measures {', '.join(BUDGETS)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that databases and processes go with us
    rows: list[Row] = []
    for backend in (backends := _backends(database)):
        rows += _measure(backend, chosen, scale)
        report.write(rows, scale)
    report.show(console, rows, scale)
    if len(rows) < len(chosen) * len(backends):
        raise typer.Exit(1)


def _backends(database: str) -> list[str]:
    wanted = ["postgresql", "sqlite"] if database == "both" else [database]
    if "postgresql" in wanted:
        try:
            psycopg.connect(POSTGRES, connect_timeout=3).close()
        except psycopg.Error:
            console.print(
                "No PostgreSQL is reachable (ZHIXIN_TEST_POSTGRES names one): its rows are left out."
            )
            wanted.remove("postgresql")
    return wanted


def _measure(backend: str, chosen: list[str], scale: float) -> list[Row]:
    firms, records = int(FIRMS * scale), int(RECORDS * scale)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    rows: list[Row] = []
    with made_databases(backend) as place, Progress(*columns, console=console) as progress:
        credentials = enrol(place)
        fill(place, firms, records, progress)
        with serving(place, credentials) as deployment:
            await_journal(place, progress)
            for name in chosen:
                task = progress.add_task(f"{backend}: {name} {BUDGETS[name].name}", total=1)
                try:
                    result = _measure_one(name, deployment, firms, scale)
                except Exception:  # noqa: BLE001 - one row that fails must not take the others with it
                    console.print_exception()
                    console.print(f"[red]{name} could not be measured on {backend}[/]")
                    continue
                progress.update(task, completed=1)
                rows.append(Row(BUDGETS[name], backend, result))
                console.print(
                    f"{backend} {name}: {result.ratio:.3f} of the limit ({result.note})", soft_wrap=True
                )
    return rows


def _measure_one(name: str, deployment: Deployment, firms: int, scale: float) -> Result:
    match name:
        case "B1":
            return measure_grades(deployment, firms)
        case "B3":
            return measure_files(deployment, firms)
        case "B4":
            return measure_push(deployment, firms, scale)
        case _:
            return measure_pull(deployment)


if __name__ == "__main__":
    typer.run(run)
