"""Sheets that arrive as files: turned into records, their faults placed in them, their annotated copies.

The file is read elsewhere (`sheet_process`), with the client's own reading of sheets; what comes back is one record a
line, as any push has them, and the row in which each stands.
"""

import zlib
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import IO, Any, Final

import msgspec
from starlette.concurrency import run_in_threadpool

from services.exchange.client.annotation import CHINESE, ENGLISH, column_of
from services.exchange.client.catalogue import Column, Entry
from services.exchange.client.conversion import HEADER_MISSING, Converted, Job
from services.exchange.client.heading import Table
from services.exchange.client.table import Format
from services.exchange.context import Exchange
from services.exchange.service import sheet_process
from services.exchange.service.catalogue import columns_of, columns_with_choices
from services.exchange.service.upload import CSV, Sheet, Upload, spool
from services.exchange.settings import ExchangeSettings
from services.exchange.store import batches, sheets
from services.exchange.tables import Batch
from services.kernel.db import AnySession, WriteSession
from services.kernel.kinds import KINDS
from services.kernel.problems import Problem
from services.kernel.sealing import Sealer
from services.kernel.texts import Language, Text

FILE: Final = "batch-file"
_PIECE: Final = 4 << 20
_COLUMN_MISSING: Final = Text("缺少列“{title}”", "There is no column “{title}”")
_NO_FAULTS: Final = '"faults":[]'


async def convert(
    exchange: Exchange, upload: Upload, kind: str, lines: IO[bytes], language: Language
) -> Upload:
    """The upload with its records as lines.

    Raises:
        Problem: `sheet_unreadable`, `sheet_encrypted`, `sheet_active_content`, `sheet_too_large`,
            `sheet_header_missing`.
    """
    job = Job(
        task="convert",
        bounds=sheet_process.bounds_of(exchange.settings),
        limits=sheet_process.limits_of(exchange.settings),
        format="csv" if upload.media_type == CSV else "xlsx",
        source=upload.file.fileno(),
        output=lines.fileno(),
        entry=entry_of(kind),
    )
    converted = await sheet_process.run(exchange, job, upload.file, lines)
    if converted.error is not None:
        raise _problem(converted, kind, language)
    reading = zlib.compress(msgspec.json.encode(converted), 1)
    source = msgspec.json.encode(_shown(converted, upload.media_type, kind)).decode()
    return replace(upload, sheet=Sheet(kind, lines, source, reading))


def _problem(converted: Converted, kind: str, language: Language) -> Problem:
    code = converted.error or ""
    if code != HEADER_MISSING:
        return Problem(code)
    titles = {column.path: column.headers[0] for column in columns_of(kind)}
    faults = [
        {
            "code": "field_missing",
            "field": path,
            "message": _COLUMN_MISSING.to(language, title=titles.get(path, path)),
        }
        for path in converted.missing
    ]
    return Problem(HEADER_MISSING, faults=faults, kind=kind)


def entry_of(kind: str) -> Entry:
    """A kind as the catalogue shows it to those who read sheets.

    Raises:
        KeyError: the kind is unknown.
    """
    columns = [
        Column(
            path=column.path,
            type=column.type,
            required=column.required,
            headers=list(column.headers),
            values=list(column.choices) if columns_with_choices(column) else None,
            labels=column.choices if columns_with_choices(column) else None,
            synonyms=column.synonyms or None,
        )
        for column in columns_of(kind)
    ]
    label = KINDS[kind].label
    return Entry(kind=kind, name={"zh": label.zh, "en": label.en}, columns=columns)


def _shown(converted: Converted, media_type: str, kind: str) -> dict[str, Any]:
    return {
        "media_type": media_type,
        "kind": kind,
        "sheets": [
            {
                "sheet": table.sheet or None,
                "header_row": table.header_row,
                "columns": [{"title": field.header, "field": field.path} for field in table.plan.fields],
                "not_read": [*table.plan.dropped, *table.plan.unmapped],
            }
            for table in converted.tables
        ],
    }


@dataclass(frozen=True)
class Workplace:
    """Three empty files in which a copy is made; `copy` is what comes of it."""

    file: IO[bytes]
    verdicts: IO[bytes]
    copy: IO[bytes]


@contextmanager
def workplace(settings: ExchangeSettings) -> Iterator[Workplace]:
    """Files that vanish with their use."""
    with spool(settings) as file, spool(settings) as verdicts, spool(settings) as copy:
        yield Workplace(file, verdicts, copy)


def keep(session: WriteSession, batch_id: str, upload: Upload, sealer: Sealer) -> None:
    """Keep a sheet beside its batch: how it was read, and the file itself, sealed."""
    if upload.sheet is None:
        return
    sheets.keep_reading(session, batch_id, upload.sheet.reading)
    upload.file.seek(0)
    number = 0
    while piece := upload.file.read(_PIECE):
        sheets.keep_piece(session, batch_id, number, sealer.seal(piece))
        number += 1


def placed(exchange: Exchange, batch: Batch, verdicts: str) -> str:
    """Verdicts of a batch, NDJSON, with sheet, row and column title beside each fault."""
    if batch.source is None or all(_NO_FAULTS in line for line in verdicts.split("\n")[:-1]):
        return verdicts
    with exchange.database.read() as session:
        converted = _reading(session, batch.id)
    return (
        verdicts
        if converted is None
        else _placed(converted, verdicts, msgspec.json.decode(batch.source)["kind"])
    )


def placed_at_once(upload: Upload, verdicts: str) -> str:
    """The same of a push that is not stored."""
    if upload.sheet is None:
        return verdicts
    return _placed(_unpacked(upload.sheet.reading), verdicts, upload.sheet.kind)


def _reading(session: AnySession, batch_id: str) -> Converted | None:
    packed = sheets.reading_of(session, batch_id)
    return None if packed is None else _unpacked(packed)


def _unpacked(packed: bytes) -> Converted:
    return msgspec.json.decode(zlib.decompress(packed), type=Converted)


def _placed(converted: Converted, verdicts: str, kind: str) -> str:
    tables = {table.sheet: table for table in converted.tables}
    titles = {column.path: column.headers[0] for column in columns_of(kind)}
    lines = []
    for line in verdicts.split("\n")[:-1]:
        if _NO_FAULTS in line:
            lines.append(line)
            continue
        verdict = msgspec.json.decode(line)
        place = _place(converted, verdict["index"])
        if place is not None:
            sheet, row = place
            verdict["faults"] = [
                fault | _fault_place(fault["field"], tables[sheet], row, titles)
                for fault in verdict["faults"]
            ]
        lines.append(msgspec.json.encode(verdict).decode())
    return "".join(f"{line}\n" for line in lines)


def _place(converted: Converted, index: int) -> tuple[str, int] | None:
    at = bisect_right(converted.runs, index, key=attrgetter("index")) - 1
    if at < 0:
        return None
    run = converted.runs[at]
    return run.sheet, run.row + index - run.index


def _fault_place(pointer: str, table: Table, row: int, titles: dict[str, str]) -> dict[str, Any]:
    title, _ = column_of(pointer, table.plan)
    return {"sheet": table.sheet or None, "row": row, "column": title or titles.get(pointer)}


async def annotate(exchange: Exchange, batch: Batch, workplace: Workplace) -> Format:
    """Write the annotated copy of a batch's sheet into `workplace.copy`; answers its format.

    Raises:
        Problem: `not_found` when the batch was no sheet, `sheet_gone` when its file was deleted in time.
    """
    converted = await run_in_threadpool(_gather, exchange, batch, workplace)
    layout = converted.layout
    if layout is None:
        raise Problem("not_found")
    job = Job(
        task="annotate",
        bounds=sheet_process.bounds_of(exchange.settings),
        limits=sheet_process.limits_of(exchange.settings),
        format=layout.format,
        source=workplace.file.fileno(),
        output=workplace.copy.fileno(),
        verdicts=workplace.verdicts.fileno(),
        layout=layout,
        tables=converted.tables,
        words=ENGLISH if batch.language == "en" else CHINESE,
    )
    done = await sheet_process.run(exchange, job, workplace.file, workplace.copy, workplace.verdicts)
    if done.error is not None:
        raise Problem(done.error)
    workplace.copy.seek(0)
    return layout.format


def _gather(exchange: Exchange, batch: Batch, workplace: Workplace) -> Converted:
    """The file as it came and its verdicts, each in its place."""
    sealer = exchange.sealer(FILE)
    with exchange.database.read() as session:
        converted = _reading(session, batch.id)
        if converted is None:
            raise Problem("not_found")
        for piece in sheets.pieces(session, batch.id):
            workplace.file.write(sealer.open(piece))
        if workplace.file.tell() == 0:
            raise Problem("sheet_gone", days=exchange.settings.raw_days)
        for _, _, verdicts, _ in batches.verdict_pages(session, batch.id):
            workplace.verdicts.write(verdicts.encode())
    workplace.verdicts.seek(0)
    return converted
