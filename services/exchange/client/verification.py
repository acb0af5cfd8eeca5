"""What `zhixin agency verify` does: gather receipt, keys and files, and state what is proven."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from services.exchange.client.batches import receipt_in
from services.exchange.client.body import file_sha256
from services.exchange.client.failures import AgencyError, InvalidReceiptError
from services.exchange.client.keyring import held_keys
from services.exchange.client.profile import load, push_path, read_profile
from services.exchange.client.push import PushState, rebuilt_body_sha256
from services.exchange.client.receipt import Claims, check_body, check_verdicts, verify


@dataclass(frozen=True)
class Proven:
    """What a receipt was shown to prove."""

    claims: Claims
    checked: list[str]

    def statement(self) -> str:
        """The proof in words."""
        claims = self.claims
        at = datetime.fromtimestamp(claims.iat, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        counts = ", ".join(f"{count} {name}" for name, count in claims.counts.items())
        lines = [
            f"The receipt holds: {claims.iss} states that {claims.sub} pushed batch {claims.batch}",
            f"(idempotency key {claims.idempotency_key}), answered at {at}: {counts}.",
            f"Checked: {', '.join(self.checked)}.",
        ]
        unchecked = [name for name in ("body", "verdicts") if name not in self.checked]
        if unchecked:
            options = " and ".join(f"--{name}" for name in unchecked)
            lines.append(f"Not checked: {', '.join(unchecked)} (give {options}).")
        return "\n".join(lines)


def prove(
    text: str, *, keys_file: Path | None, body: Path | None, verdicts: Path | None, profile_name: str
) -> Proven:
    """Check a receipt and what is given with it; asks nobody.

    Raises:
        InvalidReceiptError: it does not hold.
        AgencyError: there are no keys, or the body cannot be made again.
    """
    base_url = None if keys_file else read_profile(profile_name).base_url
    keys = _keys_in(keys_file) if keys_file else held_keys(base_url or "")
    if not keys:
        raise AgencyError("no receipt keys are known", "log in once, or give --keys")
    claims = verify(receipt_in(text), keys)
    checked = ["signature"]
    if body is not None:
        check_body(claims, _body_sha256(body, claims, profile_name))
        checked.append("body")
    if verdicts is not None:
        with verdicts.open("rb") as file:
            check_verdicts(claims, hashlib.file_digest(file, "sha256").hexdigest())
        checked.append("verdicts")
    return Proven(claims, checked)


def _keys_in(path: Path) -> list[dict[str, Any]]:
    try:
        keys = msgspec.json.decode(path.read_bytes(), type=dict[str, Any]).get("keys")
    except msgspec.DecodeError as error:
        raise InvalidReceiptError(f"{path} is no JWK set: {error}") from error
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise InvalidReceiptError(f"{path} is no JWK set")
    return keys


def _body_sha256(path: Path, claims: Claims, profile_name: str) -> str:
    """Of the raw body; of a table, of the body that it was pushed as, if the plan of that push is still kept."""
    raw = file_sha256(path)
    if raw == claims.body_sha256 or path.suffix.lower() not in {
        ".csv",
        ".tsv",
        ".txt",
        ".xlsx",
        ".xlsm",
        ".xls",
        ".json",
    }:
        return raw
    try:
        base_url = read_profile(profile_name).base_url
    except AgencyError:
        return raw
    state = load(push_path(base_url, claims.idempotency_key), PushState)
    return raw if state is None else rebuilt_body_sha256(path, state)
