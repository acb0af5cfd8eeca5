"""Reads a foreign sheet in a process of its own, bounded in memory, time and output.

Started as `python -m services.exchange.client.conversion` with a job on standard input and open files beside it, it
writes its result to standard output and ends. Whatever a hostile file does to it, it does to this process alone: it
holds no secret, speaks to nobody, and is killed when its time is over.
"""

import os
import sys
from collections.abc import Iterator
from typing import IO, BinaryIO, Final, Literal

import msgspec

from services.exchange.client.annotation import Words, annotate
from services.exchange.client.body import Place, table_records
from services.exchange.client.catalogue import Entry
from services.exchange.client.failures import AgencyError, IncompleteMappingError, UnreadableFileError
from services.exchange.client.heading import Table, find_tables
from services.exchange.client.limits import Limits
from services.exchange.client.table import Format, Layout, heads, layout_of

TOO_LARGE: Final = "sheet_too_large"
HEADER_MISSING: Final = "sheet_header_missing"
_ZIP_OR_COMPOUND: Final = (b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1"))
_BUFFERED: Final = 1 << 20


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """What the process may use."""

    memory_bytes: int
    cpu_seconds: int
    output_bytes: int


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What to do with the file that is open as `source`; what is made goes to `output`.

    To convert, `entry` says which kind the sheet holds. To annotate, `layout` and `tables` say how it was read, and
    `verdicts` is open on the verdicts in the order of its rows.
    """

    task: Literal["convert", "annotate"]
    bounds: Bounds
    limits: Limits
    format: Format
    source: int
    output: int
    entry: Entry | None = None
    layout: Layout | None = None
    tables: list[Table] = []
    verdicts: int | None = None
    words: Words | None = None


class Run(msgspec.Struct, frozen=True, array_like=True):
    """Records that stand in one sheet row by row, from this one to the next run."""

    index: int
    sheet: str
    row: int


class Converted(msgspec.Struct, frozen=True, kw_only=True):
    """How a sheet was read; or, with an `error`, why it was not."""

    error: str | None = None
    reason: str = ""
    missing: list[str] = []
    layout: Layout | None = None
    tables: list[Table] = []
    runs: list[Run] = []
    records: int = 0


def work(job: Job) -> Converted:
    """Do a job; a refusal is a result too."""
    try:
        with os.fdopen(job.source, "rb") as source, os.fdopen(job.output, "wb", _BUFFERED) as output:
            if job.task == "annotate":
                return _annotate(job, source, output)
            return _convert(job, source, output)
    except IncompleteMappingError as failure:
        return Converted(error=HEADER_MISSING, reason=failure.message)
    except AgencyError as failure:
        return Converted(error=failure.code, reason=failure.message)
    except (MemoryError, OSError) as failure:
        return Converted(error=TOO_LARGE, reason=type(failure).__name__)


def _convert(job: Job, source: BinaryIO, output: IO[bytes]) -> Converted:
    entry = job.entry
    if entry is None:
        raise ValueError("a conversion needs a kind")
    source.seek(0)
    if job.format == "csv" and source.read(8).startswith(_ZIP_OR_COMPOUND):
        raise UnreadableFileError("this is a workbook, not CSV", code="sheet_unreadable")
    layout = layout_of(source, job.format)
    tables = find_tables(heads(source, layout, job.limits), [entry], kind=entry.kind, overrides={})
    missing = sorted({path for table in tables for path in table.plan.missing})
    if missing or not any(table.plan.fields for table in tables):
        return Converted(error=HEADER_MISSING, missing=missing)
    runs, records = _written(table_records(source, layout, tables, limits=job.limits), output)
    return Converted(layout=layout, tables=tables, runs=runs, records=records)


def _written(records: Iterator[tuple[Place, bytes]], output: IO[bytes]) -> tuple[list[Run], int]:
    runs: list[Run] = []
    at, expected = 0, ("", -1)
    for place, record in records:
        if place != expected:
            runs.append(Run(at, *place))
        expected = (place[0], place[1] + 1)
        output.write(record)
        output.write(b"\n")
        at += 1
    return runs, at


def _annotate(job: Job, source: BinaryIO, output: IO[bytes]) -> Converted:
    if job.layout is None or job.verdicts is None or job.words is None:
        raise ValueError("an annotation needs the layout and the verdicts")
    with os.fdopen(job.verdicts, "rb") as verdicts:
        annotate(source, job.layout, job.tables, verdicts, output, job.words, job.limits)
    return Converted()


def _bound(bounds: Bounds) -> None:
    import resource

    for which, most in (
        (resource.RLIMIT_AS, bounds.memory_bytes),
        (resource.RLIMIT_CPU, bounds.cpu_seconds),
        (resource.RLIMIT_FSIZE, bounds.output_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(which)
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (least, least))


def main() -> None:
    """Read the job, bound this process, do the job, say how it went."""
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    _bound(job.bounds)
    sys.stdout.buffer.write(msgspec.json.encode(work(job)))


if __name__ == "__main__":
    main()
