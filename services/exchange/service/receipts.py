"""Receipts (回执): the signed proof of what became of a batch, verifiable offline by keys that are published for ever."""

from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4

from services.exchange.context import Exchange
from services.exchange.tables import Batch
from services.kernel.tokens import RECEIPT_TYPE


def sign_receipt(
    exchange: Exchange, batch: Batch, *, verdicts_sha256: str, counts: Mapping[str, int], now: datetime
) -> str:
    """The receipt of a batch as a compact JWS. Signed once: two signatures of the same claims differ in their bytes."""
    claims = {
        "iss": exchange.settings.issuer, "sub": batch.agency, "jti": uuid4().hex, "iat": int(now.timestamp()),
        "batch": batch.id, "idempotency_key": batch.idempotency_key, "body_sha256": batch.body_sha256,
        "verdicts_sha256": verdicts_sha256, "counts": dict(counts),
    }  # fmt: skip
    return exchange.keys.signing_key("receipt", now).sign(claims, RECEIPT_TYPE)
