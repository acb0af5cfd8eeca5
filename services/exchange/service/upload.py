"""A body on its way in: read within limits, checked as a whole, and cut into items without being held in memory twice.

JSON comes as `{"records": […]}` and is small; NDJSON may be a gibibyte and is spooled to a file. What is wrong with
the body as a whole refuses it here; what is wrong with one item is a fault of that item, which credit finds.
"""

import codecs
import json
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import IO, Any, Final

import msgspec

from services.exchange.settings import ExchangeSettings
from services.kernel.problems import Problem

JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"
CSV: Final = "text/csv"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEETS: Final = frozenset({CSV, XLSX})
_SPOOL_MEMORY: Final = 4 << 20


@dataclass(frozen=True)
class Sheet:
    """What became of a sheet: its kind, its records as lines, how it was read in words for the caller (`source`) and
    in full (`reading`)."""

    kind: str
    lines: IO[bytes]
    source: str
    reading: bytes


@dataclass(frozen=True)
class Upload:
    """A body that has arrived whole: where it lies, what it is, and its digest."""

    file: IO[bytes]
    media_type: str
    size: int
    body_sha256: str
    sheet: Sheet | None = None

    @property
    def fingerprint(self) -> str:
        """What must be equal for a repeated key: body and type, and of a sheet its kind."""
        kind = f"\0{self.sheet.kind}" if self.sheet else ""
        return sha256(f"{self.media_type}\0{self.body_sha256}{kind}".encode()).hexdigest()

    def lines(self) -> "Lines":
        """The items, one JSON text a line.

        Raises:
            Problem: the JSON body is no object with `records`, is cut off, or repeats a member.
        """
        if self.sheet is not None:
            return Lines(self.sheet.lines)
        if self.media_type == NDJSON:
            return Lines(self.file)
        self.file.seek(0)
        return Lines(BytesIO(b"\n".join(_records(self.file.read()))))


class Lines:
    """Lines of a spooled file, that can be read again by their place."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        is_in_memory = isinstance(file, BytesIO) or not getattr(file, "_rolled", True)
        self._descriptor = None if is_in_memory else file.fileno()

    def lines(self, start: int) -> Iterator[bytes]:
        """The lines from a byte on."""
        self._file.seek(start)
        return iter(self._file)

    def read(self, start: int, size: int) -> bytes:
        """So many bytes from a byte on."""
        if self._descriptor is not None:
            return os.pread(self._descriptor, size, start)
        self._file.seek(start)
        return self._file.read(size)


@contextmanager
def spool(settings: ExchangeSettings) -> Iterator[IO[bytes]]:
    """A place for a body: in memory while it is small, then in a file that vanishes with its use."""
    settings.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.SpooledTemporaryFile(max_size=_SPOOL_MEMORY, dir=str(settings.state_dir)) as file:
        yield file


async def receive(
    chunks: AsyncIterator[bytes],
    file: IO[bytes],
    *,
    media_type: str,
    announced: int | None,
    settings: ExchangeSettings,
) -> Upload:
    """Read a body to its end.

    Raises:
        Problem: `media_type_unsupported`, `body_too_large`, `encoding_invalid`, `upload_incomplete`.
    """
    kind = media_type.split(";", maxsplit=1)[0].strip().lower()
    limits = {
        JSON: settings.json_bytes,
        NDJSON: settings.upload_bytes,
        CSV: settings.upload_bytes,
        XLSX: settings.sheet_bytes,
    }
    if kind not in limits:
        raise Problem("media_type_unsupported")
    limit = limits[kind]
    if announced is not None and announced > limit:
        raise Problem("body_too_large", limit=limit)
    digest, size, decoder = sha256(), 0, codecs.getincrementaldecoder("utf-8")()
    async for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise Problem("body_too_large", limit=limit)
        if kind not in SHEETS:
            _check_encoding(decoder, chunk, start=size - len(chunk), is_last=False)
        digest.update(chunk)
        file.write(chunk)
    if kind not in SHEETS:
        _check_encoding(decoder, b"", start=size, is_last=True)
    if announced is not None and size != announced:
        raise Problem("upload_incomplete")
    return Upload(file, kind, size, digest.hexdigest())


def _check_encoding(decoder: codecs.IncrementalDecoder, chunk: bytes, *, start: int, is_last: bool) -> None:
    pending = len(decoder.getstate()[0])
    try:
        decoder.decode(chunk, is_last)
    except UnicodeDecodeError as error:
        raise Problem("encoding_invalid", position=max(0, start - pending + error.start)) from None


class _NamedSubject(msgspec.Struct):
    uscc: str | None = None
    name: str | None = None


class _Named(msgspec.Struct):
    source_record_id: str
    kind: str
    subject: _NamedSubject


_read_named: Final = msgspec.json.Decoder(_Named).decode


def identify(line: bytes) -> tuple[str, str] | None:
    """Which record and which enterprise an item names; None when it can't be read, so that credit refuses it."""
    try:
        read = _read_named(line)
    except (msgspec.DecodeError, RecursionError):
        return None
    return f"{read.kind}\x1f{read.source_record_id}", read.subject.uscc or read.subject.name or ""


class _Body(msgspec.Struct, forbid_unknown_fields=True):
    records: list[msgspec.Raw]


def _records(body: bytes) -> list[bytes]:
    try:
        read = msgspec.json.decode(body, type=_Body)
    except msgspec.ValidationError:
        raise _shape_problem(body) from None
    except (msgspec.DecodeError, RecursionError):
        raise Problem("json_malformed", position=_position_of_fault(body)) from None
    repeated = _repeated_member(body)
    if repeated is not None:
        raise Problem("json_duplicate_member", member=repeated)
    return [_one_line(bytes(record)) for record in read.records]


def _one_line(record: bytes) -> bytes:
    return msgspec.json.format(record, indent=-1) if b"\n" in record or b"\r" in record else record


def _shape_problem(body: bytes) -> Problem:
    shape = {
        "code": "type_mismatch",
        "field": "/records",
        "message": 'the body is {"records": [ … ]} and nothing else',
    }
    if (repeated := _repeated_member(body)) is not None:
        return Problem("json_duplicate_member", member=repeated)
    return Problem("parameter_invalid", faults=[shape])


def _repeated_member(body: bytes) -> str | None:
    """The first member that an object repeats. Counted first: a repeat is lost in reading, so that fewer names are
    written again, each with a colon; only where the counts differ, or escapes could deceive them, is the body read
    pair by pair."""
    if b"\\u" not in body and _colons_kept(body) == body.count(b":"):
        return None
    repeated: list[str] = []

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        names: set[str] = set()
        for name, _ in found:
            if name in names:
                repeated.append(name)
            names.add(name)
        return dict(found)

    try:
        json.loads(body, object_pairs_hook=pairs)
    except (ValueError, RecursionError):
        return None
    return repeated[0] if repeated else None


def _colons_kept(body: bytes) -> int | None:
    try:
        return msgspec.json.encode(msgspec.json.decode(body)).count(b":")
    except (
        msgspec.DecodeError,
        RecursionError,
    ):  # such as a number that no machine holds: its item is refused
        return None


def _position_of_fault(body: bytes) -> int:
    try:
        json.loads(body)
    except json.JSONDecodeError as error:
        return len(error.doc[: error.pos].encode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        return 0
    return 0
