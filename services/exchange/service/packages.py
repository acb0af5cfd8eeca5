"""Packages (离线包): pushes that an agency without a line signed, and that somebody else carried here.

The package proves its agency by itself: its manifest is signed by the key of one of the agency's credentials. Who
hands it in only carries it.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import IO, Any, BinaryIO, Final, cast

import msgspec
import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    derive_private_key,
)
from starlette.concurrency import run_in_threadpool

from services.exchange.client.failures import AgencyError
from services.exchange.client.package import (
    LARGEST_SEALED,
    LONGEST_MANIFEST,
    MARK,
    TYPE,
    Manifest,
    manifest_line,
    read_manifest,
    unseal,
)
from services.exchange.context import Exchange
from services.exchange.domain.credential import Granted, decide_scopes
from services.exchange.service.clients import ClientRefused, signer_of
from services.exchange.service.upload import Upload, receive
from services.exchange.store import batches
from services.exchange.store.grants import grants_of
from services.exchange.store.policy import grant_fact
from services.exchange.tables import Batch
from services.kernel.access import AgencyPrincipal, Scope
from services.kernel.clock import shanghai_day
from services.kernel.policy import scopes_of
from services.kernel.problems import Problem
from services.kernel.tokens import public_jwk

OLDEST: Final = timedelta(days=90)
"""As long as an idempotency key is kept: an older package could be taken for a new one."""
_CLOCK_SKEW: Final = timedelta(days=1)
"""The clock of a computer without a line is nobody's."""
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the group of P-256."""
_CHUNK: Final = 1 << 20
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Package:
    """A package whose signature holds: what it says, and in whose name it is pushed."""

    manifest: Manifest
    principal: AgencyPrincipal


async def spool_package(exchange: Exchange, chunks: AsyncIterator[bytes], file: IO[bytes]) -> None:
    """Read a package to its end.

    Raises:
        Problem: `body_too_large`.
    """
    limit, size = exchange.settings.upload_bytes + len(MARK) + LONGEST_MANIFEST + 1, 0
    async for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise Problem("body_too_large", limit=limit)
        file.write(chunk)


def open_package(exchange: Exchange, file: IO[bytes]) -> Package:
    """The package in a file, which then stands at its body.

    Raises:
        Problem: `package_invalid`; `grant_missing` when its agency may push nothing.
    """
    try:
        line = manifest_line(cast("BinaryIO", file))
    except AgencyError as failure:
        raise _invalid("form", failure.message) from failure
    return verify(exchange, line)


def verify(exchange: Exchange, line: str) -> Package:
    """The package with this signed manifest.

    Raises:
        Problem: as `open_package`.
    """
    now = exchange.clock()
    try:
        claims, client = signer_of(exchange, line, type_=TYPE)
        manifest = read_manifest(msgspec.json.encode(claims))
    except ClientRefused as refusal:
        raise _invalid(refusal.reason) from refusal
    except AgencyError as failure:
        raise _invalid("manifest", failure.message) from failure
    if manifest.aud != exchange.settings.issuer:
        raise _invalid("platform", manifest.aud)
    if not _is_timely(manifest.iat, now):
        raise _invalid("time", str(manifest.iat))
    with exchange.database.read() as session:
        facts = [grant_fact(row) for row in grants_of(session, client.agency)]
    live = [fact for fact in facts if fact.in_force(shanghai_day(now))]
    decided = decide_scopes(None, allowed=scopes_of(live), narrowed_to=client.scopes)
    scopes = decided.scopes if isinstance(decided, Granted) else frozenset[str]()
    if Scope.BATCHES_WRITE not in scopes:
        raise Problem("grant_missing")
    principal = AgencyPrincipal(
        agency=client.agency, client_id=client.client_id, scopes=scopes, expires_at=now.timestamp()
    )
    return Package(manifest, principal)


def _is_timely(issued: int, now: datetime) -> bool:
    try:
        at = datetime.fromtimestamp(issued, UTC)
    except (OverflowError, ValueError, OSError):
        return False
    return now - OLDEST <= at <= now + _CLOCK_SKEW


async def body_of(exchange: Exchange, package: Package, file: IO[bytes], body: IO[bytes]) -> Upload:
    """The push in a package whose file stands at its body.

    Raises:
        Problem: `package_invalid` when the body is not the one that was signed; as of any push.
    """
    manifest = package.manifest
    chunks = (
        _chunks(file)
        if manifest.sealed_for is None
        else _chunks(BytesIO(await run_in_threadpool(_unsealed, exchange, manifest, file)))
    )
    upload = await receive(
        chunks, body, media_type=manifest.content_type, announced=None, settings=exchange.settings
    )
    if (upload.body_sha256, upload.size) != (manifest.body_sha256, manifest.body_bytes):
        raise _invalid("body")
    return upload


def _unsealed(exchange: Exchange, manifest: Manifest, file: IO[bytes]) -> bytes:
    sealed = file.read(LARGEST_SEALED + _CHUNK)
    if len(sealed) == LARGEST_SEALED + _CHUNK:
        raise Problem("body_too_large", limit=LARGEST_SEALED)
    try:
        return unseal(sealed, sealing_key(exchange), manifest)
    except (InvalidTag, ValueError) as failure:
        raise _invalid("seal") from failure


async def _chunks(file: IO[bytes]) -> AsyncIterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


def sealing_key(exchange: Exchange) -> EllipticCurvePrivateKey:
    """The key that packages are sealed for; like every key of one purpose it comes from the service's secret."""
    number = int.from_bytes(exchange.key("packages"), "big") % (_ORDER - 1) + 1
    return derive_private_key(number, SECP256R1())


def sealing_jwks(exchange: Exchange) -> dict[str, Any]:
    """Its public half, as a set of keys."""
    return {"keys": [public_jwk(sealing_key(exchange).public_key()) | {"use": "enc", "alg": "HPKE-0"}]}


def taken_in(exchange: Exchange, package: Package) -> Batch:
    """The batch of a package that was taken in.

    Raises:
        Problem: `not_found` when it was not.
    """
    with exchange.database.read() as session:
        batch = batches.find_by_key(session, package.principal.agency, package.manifest.idempotency_key)
        if batch is None or batch.body_sha256 != package.manifest.body_sha256:
            raise Problem("not_found")
        session.expunge(batch)
        return batch


def _invalid(reason: str, detail: str = "") -> Problem:
    log.warning("package_refused", reason=reason, detail=detail[:200])
    return Problem("package_invalid")
