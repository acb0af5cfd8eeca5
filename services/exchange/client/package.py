"""Signed packages: a push that travels on a medium, for agencies without a line.

A package is a mark, one line with a signed manifest (JWS, ES256), and the body. The manifest says who packed it, for
which platform, under which idempotency key, and which digest the body has. The body can be sealed for the platform
(HPKE, RFC 9180: P-256, HKDF-SHA256, AES-256-GCM), so that whoever carries it cannot read it.
"""

import hashlib
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import (
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from jwt.algorithms import ECAlgorithm
from jwt.api_jws import PyJWS

from services.exchange.client.body import JSON, NDJSON
from services.exchange.client.failures import AgencyError
from services.exchange.client.table import Format

MARK: Final = b"ZHIXIN-PACKAGE/1\n"
TYPE: Final = "package+jws"
MEDIA_TYPE: Final = "application/vnd.zhixin.package"
LONGEST_MANIFEST: Final = 4_096
LARGEST_SEALED: Final = 64 * 1024 * 1024
CONTENT_TYPES: Final[dict[Format, str]] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": JSON,
    "ndjson": NDJSON,
}
_SUITE: Final = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class Manifest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is signed: `iss` is the credential that packed it, `aud` the platform it is for."""

    iss: str
    aud: str
    iat: int
    jti: str
    idempotency_key: str
    content_type: str
    body_sha256: str
    body_bytes: int
    kind: str | None = None
    sealed_for: str | None = None
    """The id of the key that the body is sealed for; none when it is in clear."""


@dataclass(frozen=True)
class Packing:
    """Who packs, for which platform, when, and for whose eyes (any, when there is no `seal_for`)."""

    client_id: str
    platform: str
    key: EllipticCurvePrivateKey
    now: int
    seal_for: dict[str, Any] | None = None


def pack(
    source: Path,
    fmt: Format,
    target: BinaryIO,
    packing: Packing,
    *,
    kind: str | None,
    idempotency_key: str | None,
) -> Manifest:
    """Write the package of a file; the same file as the same kind has the same key, unless another is given.

    Raises:
        AgencyError: the format cannot be packed, or the file is too large to be sealed.
    """
    if fmt not in CONTENT_TYPES:
        raise AgencyError("only CSV, XLSX, JSON and NDJSON can be packed", "save the file as one of these")
    with source.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    size = source.stat().st_size
    if packing.seal_for is not None and size > LARGEST_SEALED:
        raise AgencyError(
            f"the file is larger than the {LARGEST_SEALED:,} bytes that can be sealed", "pack it in parts"
        )
    manifest = Manifest(
        iss=packing.client_id,
        aud=packing.platform,
        iat=packing.now,
        jti=uuid.uuid4().hex,
        idempotency_key=idempotency_key or hashlib.sha256(f"{digest}\n{kind or ''}".encode()).hexdigest(),
        content_type=CONTENT_TYPES[fmt],
        body_sha256=digest,
        body_bytes=size,
        kind=kind,
        sealed_for=str(packing.seal_for.get("kid")) if packing.seal_for else None,
    )
    signed = PyJWS().encode(
        msgspec.json.encode(manifest), packing.key, algorithm="ES256", headers={"typ": TYPE}
    )
    target.write(MARK + signed.encode() + b"\n")
    with source.open("rb") as file:
        if packing.seal_for is None:
            shutil.copyfileobj(file, target)
        else:
            target.write(_SUITE.encrypt(file.read(), _public(packing.seal_for), _bound_to(manifest)))
    return manifest


def manifest_line(package: BinaryIO) -> str:
    """The signed manifest of a package; the file then stands at its body.

    Raises:
        AgencyError: this is no package.
    """
    package.seek(0)
    if package.read(len(MARK)) != MARK:
        raise AgencyError("this is no package", "pack the file with: zhixin agency pack FILE --out PKG")
    line = package.readline(LONGEST_MANIFEST + 2)
    if not line.endswith(b"\n") or not line.isascii():
        raise AgencyError("the package is cut off or damaged", "copy it again from the medium")
    return line.decode().rstrip("\n")


def read_manifest(payload: bytes) -> Manifest:
    """The manifest that a payload is.

    Raises:
        AgencyError: it is none.
    """
    try:
        return msgspec.json.decode(payload, type=Manifest)
    except msgspec.DecodeError as error:
        raise AgencyError(f"the package has no manifest that can be read: {error}") from error


def unseal(sealed: bytes, key: EllipticCurvePrivateKey, manifest: Manifest) -> bytes:
    """The body of a sealed package.

    Raises:
        cryptography.exceptions.InvalidTag, ValueError: it was sealed for another key, or for another manifest.
    """
    return _SUITE.decrypt(sealed, key, _bound_to(manifest))


def unverified_manifest(line: str) -> Manifest:
    """What a package says of itself, for its packer and its carrier; the platform verifies it.

    Raises:
        AgencyError: it is no manifest.
    """
    try:
        payload = PyJWS().decode_complete(line, options={"verify_signature": False})["payload"]
    except jwt.PyJWTError as error:
        raise AgencyError(f"the package has no manifest that can be read: {error}") from error
    return read_manifest(payload)


def _public(jwk: dict[str, Any]) -> EllipticCurvePublicKey:
    try:
        key = ECAlgorithm.from_jwk(jwk)
    except (jwt.PyJWTError, ValueError) as error:
        raise AgencyError(f"the key to seal for cannot be read: {error}") from error
    if not isinstance(key, EllipticCurvePublicKey):
        raise AgencyError("the key to seal for is not a public one")
    return key


def _bound_to(manifest: Manifest) -> bytes:
    """What the seal is bound to, so that a body cannot be put under another manifest."""
    return "\0".join(("zhixin package", manifest.iss, manifest.aud, manifest.idempotency_key)).encode()
