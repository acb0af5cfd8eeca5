"""The body of a push: one batch for the whole file, the same bytes every time."""

import hashlib
import re
import tempfile
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from services.exchange.client.encoding import raw_lines
from services.exchange.client.failures import UnreadableFileError
from services.exchange.client.heading import Table
from services.exchange.client.limits import DEFAULT, Limits
from services.exchange.client.records import encoded_records
from services.exchange.client.table import Layout, read_rows
from services.exchange.client.workbook import Row

JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"
SMALL_RECORDS: Final = 1_000
SMALL_BYTES: Final = 1024 * 1024
_LARGEST_JSON: Final = 8 * 1024 * 1024
_LINE_ENDS: Final = re.compile(rb"[\r\n]+")

Count = Callable[[int], None]
Place = tuple[str, int]
"""Where a record stands in its file: the sheet (none outside workbooks) and the row or line, from 1."""


@dataclass
class Body:
    """A body in an unnamed temporary file, which knows each record's place in the source file."""

    file: BinaryIO
    size: int = 0
    sha256: str = ""
    content_type: str = NDJSON
    rows: "array[int]" = field(default_factory=lambda: array("Q"))
    sheets: list[tuple[int, str]] = field(default_factory=list)
    short_rows: int = 0

    @property
    def records(self) -> int:
        """How many records it holds."""
        return len(self.rows)

    def put(self, place: Place) -> None:
        """Keep the place of the next record."""
        sheet, row = place
        if not self.sheets or self.sheets[-1][1] != sheet:
            self.sheets.append((len(self.rows), sheet))
        self.rows.append(row)

    def place(self, index: int) -> Place | None:
        """The sheet and row of a record, or None when the body holds no such record."""
        if not 0 <= index < len(self.rows):
            return None
        at = bisect_right(self.sheets, index, key=itemgetter(0)) - 1
        return self.sheets[at][1], self.rows[index]


class _Envelope(msgspec.Struct, forbid_unknown_fields=True):
    records: list[msgspec.Raw]


def file_sha256(path: Path) -> str:
    """Lower-case hex SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def idempotency_key(sha256: str, kind: str, overrides: Mapping[str, str]) -> str:
    """The key of a push that was given none: the same file as the same kind is the same push.

    A mapping given by hand is part of it, because it changes what the file says.
    """
    parts = [sha256, kind, *(f"{header}={path}" for header, path in sorted(overrides.items()))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def table_records(
    file: BinaryIO,
    layout: Layout,
    tables: Sequence[Table],
    short: Count | None = None,
    limits: Limits = DEFAULT,
) -> Iterator[tuple[Place, bytes]]:
    """(place, JSON) of each row of the tables; `short` is told of rows with fewer cells than the header."""
    wanted = {table.sheet: table for table in tables}
    rows = read_rows(file, layout, {table.sheet: table.header_row for table in tables}, limits)
    for sheet, group in groupby(rows, key=itemgetter(0)):
        plan = wanted[sheet].plan
        own = (row for _, row in group)
        for number, record in encoded_records(_watched(own, plan.width, short) if short else own, plan):
            yield (sheet, number), record


def file_records(file: BinaryIO, layout: Layout) -> Iterator[tuple[Place, bytes]]:
    """(place, JSON) of each record of a JSON or NDJSON file: the line of an NDJSON file, the ordinal of a JSON one.

    The JSON is not read further, so that the platform judges the very text that the file holds.
    """
    if layout.format == "ndjson":
        return (
            (("", number), line.rstrip(b"\r\n"))
            for number, line in enumerate(raw_lines(file), 1)
            if line.strip()
        )
    file.seek(0)
    return (
        (("", number), _LINE_ENDS.sub(b" ", record)) for number, record in enumerate(_listed(file.read()), 1)
    )


def build(records: Iterator[tuple[Place, bytes]], count: Count) -> Body:
    """Write all records into one body: JSON when it is small, NDJSON otherwise."""
    body = Body(tempfile.TemporaryFile())  # noqa: SIM115 — it lives as long as the push
    try:
        _write(records, body, count)
    except BaseException:
        body.file.close()
        raise
    body.file.seek(0)
    if body.records <= SMALL_RECORDS and body.size <= SMALL_BYTES:
        return _as_json(body.file.read().split(b"\n")[:-1], body)
    body.sha256 = _digest(body.file)
    return body


def _write(records: Iterator[tuple[Place, bytes]], body: Body, count: Count) -> None:
    lines = []
    for place, record in records:
        body.put(place)
        body.size += len(record) + 1
        lines.append(record)
        if len(lines) == 500:
            body.file.write(b"\n".join(lines) + b"\n")
            lines.clear()
            count(body.records)
    body.file.write(b"".join(line + b"\n" for line in lines))
    count(body.records)


def as_it_is(path: Path, layout: Layout) -> Body | None:
    """The body of a file that already is one (NDJSON, or `{"records": […]}` of at most 8 MiB); else None."""
    file = path.open("rb")
    size = path.stat().st_size
    content_type = NDJSON
    if layout.format == "json":
        content = file.read(_LARGEST_JSON + 1)
        bare = content.lstrip()[:1] == b"["
        if bare or len(content) > _LARGEST_JSON:
            file.close()
            return None
        content_type = JSON
    body = Body(file, size, content_type=content_type)
    try:
        for place, _ in file_records(file, layout):
            body.put(place)
    except UnreadableFileError:  # the platform names what is wrong with it
        body.rows, body.sheets = array("Q"), []
    file.seek(0)
    body.sha256 = _digest(file)
    return body


def sample(records: Iterator[tuple[Place, bytes]], layout: Layout) -> Body:
    """The first records, as many as a small body takes."""
    taken: list[bytes] = []
    size, body = 0, Body(tempfile.TemporaryFile())  # noqa: SIM115
    for place, record in islice(records, SMALL_RECORDS):
        size += len(record) + 1
        if size > SMALL_BYTES - 64 and taken:
            break
        taken.append(record)
        body.put(place)
    if layout.format == "ndjson":  # so that a line which is no JSON costs only itself
        content = b"\n".join(taken) + b"\n"
        body.file.write(content)
        body.size, body.sha256 = len(content), hashlib.sha256(content).hexdigest()
        return body
    return _as_json(taken, body)


def _digest(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(SMALL_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


def _as_json(records: list[bytes], body: Body) -> Body:
    content = b'{"records":[' + b",".join(records) + b"]}"
    body.file.seek(0)
    body.file.truncate()
    body.file.write(content)
    body.size, body.content_type = len(content), JSON
    body.sha256 = hashlib.sha256(content).hexdigest()
    return body


def _listed(content: bytes) -> list[bytes]:
    try:
        if content.lstrip()[:1] == b"[":
            found = msgspec.json.decode(content, type=list[msgspec.Raw])
        else:
            found = msgspec.json.decode(content, type=_Envelope).records
    except msgspec.DecodeError as error:
        raise UnreadableFileError(
            f'the file is neither {{"records": […]}} nor a list of records: {error}'
        ) from error
    return [bytes(record) for record in found]


def _watched(rows: Iterator[Row], width: int, short: Count) -> Iterator[Row]:
    seen = 0
    for row in rows:
        if len(row.cells) < width:
            seen += 1
            short(seen)
        yield row
