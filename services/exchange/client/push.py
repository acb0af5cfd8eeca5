"""Push of one file: plan, body, upload, waiting, receipt; taken up again where it was interrupted."""

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, Literal, Protocol

import msgspec

from services.exchange.client import batches
from services.exchange.client.annotation import CHINESE, ENGLISH, annotate
from services.exchange.client.batches import Batch, Verdict
from services.exchange.client.body import (
    Body,
    Place,
    as_it_is,
    build,
    file_records,
    file_sha256,
    idempotency_key,
    sample,
    table_records,
)
from services.exchange.client.catalogue import fetch_catalogue
from services.exchange.client.connection import Connection, accepted_language
from services.exchange.client.failures import AgencyError, InvalidReceiptError, RefusedError
from services.exchange.client.heading import Table, find_tables
from services.exchange.client.keyring import refresh_keys
from services.exchange.client.profile import load, push_path, store, write_private
from services.exchange.client.receipt import check_body, check_verdicts, verify
from services.exchange.client.table import TABLES, Layout, format_of, heads, layout_of

SHOWN: Final = 10_000
"""Rejected rows held for the report; all of them are in the verdict list."""


class Steps(Protocol):
    """Where progress is shown."""

    def begin(self, label: str, total: int | None) -> None:
        """A new step starts; `total` in its own unit, None when it is not known."""

    def reach(self, done: int, total: int | None = None) -> None:
        """The step has come so far."""


class PushState(msgspec.Struct, kw_only=True):
    """What is kept of a push under its platform and key."""

    key: str
    file: str
    file_sha256: str
    overrides: dict[str, str]
    layout: Layout
    tables: list[Table] = []
    body_sha256: str = ""
    status: Literal["prepared", "sent", "completed"] = "prepared"
    batch: str | None = None
    receipt_file: str | None = None


@dataclass(frozen=True)
class Source:
    """A file that is ready to be pushed; it has no `tables` when its records name their own fields."""

    path: Path
    sha256: str
    layout: Layout
    tables: list[Table]
    key: str
    overrides: Mapping[str, str]
    state: PushState | None


@dataclass
class Outcome:
    """What became of a push."""

    batch: Batch
    receipt_file: Path | None
    rejected: list[tuple[Place | None, Verdict]] = field(default_factory=list)
    records: int = 0
    short_rows: int = 0


def prepare(
    connection: Connection, path: Path, *, kind: str | None, overrides: Mapping[str, str], key: str | None
) -> Source:
    """Look at the file, choose its plan and its key.

    A push that was begun with this key keeps its plan, so that a catalogue which has grown since makes no other
    bytes of the same file.

    Raises:
        UnreadableFileError, IncompleteMappingError: the file cannot be read as records.
        RefusedError, UnreachableError: as of any request.
    """
    fmt = format_of(path)
    sha256 = file_sha256(path)
    tables: list[Table] = []
    with path.open("rb") as file:
        layout = layout_of(file, fmt)
        if fmt in TABLES:
            tables = find_tables(
                heads(file, layout), fetch_catalogue(connection), kind=kind, overrides=overrides
            )
    key = key or idempotency_key(sha256, _kind_of(tables), overrides)
    state = load(push_path(connection.profile.base_url, key), PushState)
    if state is not None and (state.file_sha256, state.overrides, _kind_of(state.tables)) == (
        sha256,
        dict(overrides),
        _kind_of(tables),
    ):
        return Source(path, sha256, state.layout, state.tables, key, overrides, state)
    return Source(path, sha256, layout, tables, key, overrides, None)


def _kind_of(tables: Sequence[Table]) -> str:
    return tables[0].plan.kind if tables else ""


def body_of(source: Source, steps: Steps) -> Body:
    """The body of the whole file.

    Raises:
        UnreadableFileError: the file is no list of records.
    """
    steps.begin("reading", None)
    if not source.tables:
        ready = as_it_is(source.path, source.layout)
        if ready is not None:
            return ready
    short = [0]

    def count_short(seen: int) -> None:
        short[0] = seen

    with source.path.open("rb") as file:
        if source.tables:
            body = build(table_records(file, source.layout, source.tables, count_short), steps.reach)
        else:
            body = build(file_records(file, source.layout), steps.reach)
    body.short_rows = short[0]
    return body


def try_out(
    connection: Connection, source: Source, steps: Steps, *, copy_file: Path | None = None
) -> Outcome:
    """Ask the platform what it would say of the first records; it stores nothing.

    Raises:
        AgencyError: a copy is wanted of what is no table.
        RefusedError, UnreachableError: as of any request.
    """
    with source.path.open("rb") as file:
        if source.tables:
            body = sample(table_records(file, source.layout, source.tables), source.layout)
        else:
            body = sample(file_records(file, source.layout), source.layout)
    steps.begin("asking", body.size)
    with body.file:
        batch, asked = batches.send(
            connection, body, f"dry-run-{body.sha256}", sent=steps.reach, dry_run=True
        )
    batch = batches.follow(connection, batch, asked, lambda _: None)
    outcome = Outcome(batch, None, records=body.records)
    outcome.rejected = _rejected(batch.items or [], body)
    if copy_file is not None:
        with tempfile.TemporaryFile() as file:
            file.write(b"".join(msgspec.json.encode(verdict) + b"\n" for verdict in batch.items or []))
            write_copy(source, file, copy_file)
    return outcome


def write_copy(source: Source, verdicts: BinaryIO, copy_file: Path) -> None:
    """Write the annotated copy of a table: every row as it is, with its verdict and its faults.

    Raises:
        AgencyError: the file is no table, or the copy cannot be what its name says.
    """
    as_csv = copy_file.suffix.lower() == ".csv"
    if not source.tables or copy_file.suffix.lower() not in {".csv", ".xlsx"}:
        raise AgencyError("a copy is made of a table, as .xlsx or .csv", "name the copy so, or leave it out")
    if as_csv and source.layout.format != "csv":
        raise AgencyError("the copy of a workbook is a workbook", f"write {copy_file.stem}.xlsx instead")
    words = CHINESE if accepted_language().lower().startswith("zh") else ENGLISH
    with source.path.open("rb") as file, copy_file.open("wb") as copy:
        annotate(file, source.layout, source.tables, verdicts, copy, words, as_csv=as_csv)


def push(
    connection: Connection,
    source: Source,
    steps: Steps,
    *,
    receipt_file: Path | None,
    verdicts_file: Path | None,
    copy_file: Path | None = None,
) -> Outcome:
    """Push the file and keep its receipt; run again after an interruption it goes on, and nothing is done twice.

    Raises:
        InvalidReceiptError: the receipt does not prove this push.
        RefusedError, UnreachableError: as of any request.
    """
    body = body_of(source, steps)
    try:
        return _push(
            connection,
            source,
            body,
            steps,
            receipt_file=receipt_file,
            verdicts_file=verdicts_file,
            copy_file=copy_file,
        )
    finally:
        body.file.close()


def _push(
    connection: Connection,
    source: Source,
    body: Body,
    steps: Steps,
    *,
    receipt_file: Path | None,
    verdicts_file: Path | None,
    copy_file: Path | None,
) -> Outcome:
    place = push_path(connection.profile.base_url, source.key)
    state = source.state or PushState(
        key=source.key,
        file=source.path.name,
        file_sha256=source.sha256,
        overrides=dict(source.overrides),
        layout=source.layout,
        tables=source.tables,
    )
    batch, asked = _taken_up(connection, state) or (None, None)
    if batch is None:
        state.status, state.body_sha256 = "prepared", body.sha256
        store(place, state)
        steps.begin("uploading", body.size)
        batch, asked = batches.send(connection, body, source.key, sent=steps.reach)
        state.status, state.batch = "sent", batch.id
        store(place, state)
    steps.begin("processing", body.records or None)
    batch = batches.follow(
        connection, batch, asked, lambda counts: steps.reach(_done(counts), counts.get("total"))
    )
    receipt = batches.receipt_of(connection, batch)
    claims = verify(receipt, refresh_keys(connection))
    check_body(claims, body.sha256)
    if (claims.batch, claims.idempotency_key) != (batch.id, source.key):
        raise InvalidReceiptError("the receipt is of another push")
    kept = receipt_file or place.with_suffix(".receipt.jws")
    write_private(kept, receipt.encode() + b"\n")
    state.status, state.receipt_file = "completed", str(kept.absolute())
    store(place, state)
    outcome = Outcome(batch, kept, records=body.records, short_rows=body.short_rows)
    verdicts = batch.items
    if (
        verdicts_file is not None
        or copy_file is not None
        or (verdicts is None and batch.counts.get("rejected"))
    ):
        with tempfile.TemporaryFile() as file:
            check_verdicts(claims, batches.download_verdicts(connection, batch, file))
            outcome.rejected = _rejected(batches.read_verdicts(file), body)
            if verdicts_file is not None:
                _copy(file, verdicts_file)
            if copy_file is not None:
                write_copy(source, file, copy_file)
    else:
        outcome.rejected = _rejected(verdicts or [], body)
    return outcome


def _taken_up(connection: Connection, state: PushState) -> tuple[Batch, float | None] | None:
    """The batch of a push whose upload was answered and whose end was not seen; None when it must be sent."""
    if state.status != "sent" or state.batch is None:
        return None
    try:
        answer = connection.request(
            "GET", f"/v1/batches/{state.batch}", headers={"Accept": "application/json"}
        )
    except RefusedError as refusal:
        if refusal.status in {403, 404, 410}:  # unknown or unreadable: sending it again under its key is safe
            return None
        raise
    return batches.read_batch(answer.content), None


def rebuilt_body_sha256(path: Path, state: PushState) -> str:
    """The SHA-256 of the body that this file was pushed as.

    Raises:
        AgencyError: it is not the file that was pushed.
    """
    sha256 = file_sha256(path)
    if sha256 != state.file_sha256:
        raise AgencyError(f"{path.name} is not the file that was pushed, or was changed since")
    body = body_of(
        Source(path, sha256, state.layout, state.tables, state.key, state.overrides, state), _Silent()
    )
    body.file.close()
    return body.sha256


class _Silent:
    def begin(self, label: str, total: int | None) -> None:
        """Nothing is shown."""

    def reach(self, done: int, total: int | None = None) -> None:
        """Nothing is shown."""


def _rejected(verdicts: Iterable[Verdict], body: Body) -> list[tuple[Place | None, Verdict]]:
    found: list[tuple[Place | None, Verdict]] = []
    for verdict in verdicts:
        if verdict.verdict == "rejected":
            found.append((body.place(verdict.index), verdict))
            if len(found) == SHOWN:
                break
    return found


def _done(counts: Mapping[str, int | None]) -> int:
    return sum(count or 0 for name, count in counts.items() if name != "total")


def _copy(file: BinaryIO, target: Path) -> None:
    file.seek(0)
    with target.open("wb") as copy:
        while chunk := file.read(1024 * 1024):
            copy.write(chunk)
