"""What `zhixin agency intake` does: hand a package in for the agency that packed it, and bring its receipt back."""

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from services.exchange.client import batches
from services.exchange.client.batches import Batch
from services.exchange.client.body import NDJSON
from services.exchange.client.connection import Connection, FileBody
from services.exchange.client.failures import AgencyError, InvalidReceiptError
from services.exchange.client.keyring import refresh_keys
from services.exchange.client.package import MEDIA_TYPE, manifest_line, unverified_manifest
from services.exchange.client.profile import write_private
from services.exchange.client.push import Steps
from services.exchange.client.receipt import check_body, check_verdicts, verify

_POLL_SECONDS: Final = 0.5
_ANSWERS: Final = "/v1/packages/answer"


@dataclass(frozen=True)
class TakenIn:
    """What became of a package."""

    batch: Batch
    receipt_file: Path
    verdicts_file: Path


def take_in(
    connection: Connection, package: Path, steps: Steps, *, receipt_file: Path, verdicts_file: Path
) -> TakenIn:
    """Hand a package in and keep the receipt and the verdicts for its agency. Again, it gives the stored receipt.

    Raises:
        AgencyError: this is no package.
        InvalidReceiptError: the receipt does not prove this package.
        RefusedError, UnreachableError: as of any request.
    """
    size = package.stat().st_size
    with package.open("rb") as file:
        line = manifest_line(file)
        manifest = unverified_manifest(line)
        file.seek(0)
        steps.begin("handing in", size)
        answer = connection.request(
            "POST", "/v1/packages", body=FileBody(file, size, MEDIA_TYPE, steps.reach)
        )
    batch = batches.read_batch(answer.content)
    steps.begin("processing", None)
    while not batch.completed:
        time.sleep(_POLL_SECONDS)
        batch = batches.read_batch(_asked(connection, line, "application/json").content)
    claims = verify(batch.receipt or "", refresh_keys(connection))
    check_body(claims, manifest.body_sha256)
    if (claims.batch, claims.idempotency_key) != (batch.id, manifest.idempotency_key):
        raise InvalidReceiptError("the receipt is of another push")
    verdicts = _asked(connection, line, NDJSON).content
    write_private(receipt_file, (batch.receipt or "").encode() + b"\n")
    write_private(verdicts_file, verdicts)
    check_verdicts(claims, hashlib.sha256(verdicts).hexdigest())
    return TakenIn(batch, receipt_file, verdicts_file)


def _asked(connection: Connection, line: str, accept: str) -> Any:
    return connection.request(
        "POST",
        _ANSWERS,
        headers={"Accept": accept, "Content-Type": "application/jose"},
        body=line.encode(),
    )


def key_to_seal_for(path: Path) -> dict[str, Any]:
    """The newest key of the platform's published set of package keys.

    Raises:
        AgencyError: the file holds none.
    """
    try:
        keys = msgspec.json.decode(path.read_bytes(), type=dict[str, Any]).get("keys")
    except msgspec.DecodeError as error:
        raise AgencyError(f"{path} is no JWK set: {error}") from error
    if not isinstance(keys, list) or not keys or not isinstance(keys[-1], dict):
        raise AgencyError(f"{path} holds no key", "take it from /.well-known/package-keys.json")
    return keys[-1]
