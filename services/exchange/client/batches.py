"""One batch on the wire: sent once or again under its key, followed until it is completed, its verdicts read."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO

import msgspec

from services.exchange.client.body import NDJSON, Body
from services.exchange.client.connection import Connection, FileBody, own_path
from services.exchange.client.failures import AgencyError, MalformedAnswerError
from services.exchange.client.retrying import wait_asked

Follow = Callable[[dict[str, int | None]], None]


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with an item, where (a JSON pointer), in the caller's language."""

    code: str
    field: str | None = None
    message: str = ""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one record of the batch; `index` counts from 0."""

    index: int
    verdict: str
    source_record_id: str | None = None
    faults: list[Fault] = []


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """The platform's account of a batch; `items` only when it answered in the request. A dry run has no `id`."""

    id: str | None = None
    status: str
    counts: dict[str, int | None] = {}
    items_url: str | None = None
    items: list[Verdict] | None = None
    receipt: str | None = None

    @property
    def completed(self) -> bool:
        """Whether every record has its verdict."""
        return self.status in {"completed", "dry_run"}


def send(
    connection: Connection, body: Body, key: str, *, sent: Callable[[int], None], dry_run: bool = False
) -> tuple[Batch, float | None]:
    """Send a body; gives the batch and the seconds to wait before asking for it.

    Raises:
        RefusedError, UnreachableError: as of any request.
    """
    response = connection.request(
        "POST",
        "/v1/batches",
        params={"dry_run": "true"} if dry_run else None,
        headers={"Idempotency-Key": key, "Accept": "application/json"},
        body=FileBody(body.file, body.size, body.content_type, sent),
    )
    return read_batch(response.content), wait_asked(response.headers, datetime.now(UTC))


def read_batch(content: bytes) -> Batch:
    """The batch of an answer.

    Raises:
        MalformedAnswerError: it is none.
    """
    try:
        return msgspec.json.decode(content, type=Batch)
    except msgspec.DecodeError as error:
        raise MalformedAnswerError(f"the platform answered what is no batch: {error}") from error


def follow(connection: Connection, batch: Batch, asked: float | None, progress: Follow) -> Batch:
    """Ask for the batch until it is completed, as often as `Retry-After` says.

    Raises:
        AgencyError: the platform gave the batch up.
        RefusedError, UnreachableError: as of any request.
    """
    pause = 0.2
    while not batch.completed:
        if batch.status in {"failed", "cancelled"}:
            raise AgencyError(f"the platform gave batch {batch.id} up ({batch.status})")
        progress(batch.counts)
        time.sleep(asked if asked is not None else pause)
        pause = min(pause * 1.5, 5.0)
        response = connection.request(
            "GET", f"/v1/batches/{batch.id}", headers={"Accept": "application/json"}
        )
        batch, asked = read_batch(response.content), wait_asked(response.headers, datetime.now(UTC))
    progress(batch.counts)
    return batch


def receipt_of(connection: Connection, batch: Batch) -> str:
    """The receipt of a completed batch.

    Raises:
        MalformedAnswerError: there is none.
        RefusedError, UnreachableError: as of any request.
    """
    if batch.receipt:
        return batch.receipt
    response = connection.request("GET", f"/v1/batches/{batch.id}/receipt")
    return receipt_in(response.text)


def receipt_in(text: str) -> str:
    """The compact receipt in a text that is one, or in a JSON answer that carries one.

    Raises:
        MalformedAnswerError: there is none.
    """
    text = text.strip()
    if not text.startswith("{"):
        return text
    try:
        answer = msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise MalformedAnswerError(f"this is neither a receipt nor an answer with one: {error}") from error
    if not isinstance(answer.get("receipt"), str):
        raise MalformedAnswerError("the answer carries no receipt")
    return str(answer["receipt"])


def download_verdicts(connection: Connection, batch: Batch, file: BinaryIO) -> str:
    """Copy the verdict list as NDJSON into a file; gives its SHA-256, which the receipt names.

    Raises:
        RefusedError, UnreachableError: as of any request.
    """
    path = own_path(batch.items_url or f"/v1/batches/{batch.id}/items")
    return connection.download(path, file, accept=NDJSON)


def read_verdicts(file: BinaryIO) -> Iterator[Verdict]:
    """The verdicts of a downloaded list.

    Raises:
        MalformedAnswerError: a line is no verdict.
    """
    file.seek(0)
    decoder = msgspec.json.Decoder(Verdict)
    for line in file:
        if line.strip():
            try:
                yield decoder.decode(line)
            except msgspec.DecodeError as error:
                raise MalformedAnswerError(f"a verdict cannot be read: {error}") from error
