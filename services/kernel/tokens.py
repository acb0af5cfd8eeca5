"""Signed tokens (JWS compact, ES256): access tokens of RFC 9068, service tokens, receipts.

One signer and one verifier serve them all; a token's `typ` keeps the uses apart. The verifier pins algorithm, type,
issuer and audience, takes keys from its own ring only, and ignores nothing in silence: a header with anything but our
own three members, such as a key of its own (`jwk`, `jku`, `x5u`, `x5c`) or an extension (`crit`), makes the token invalid.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from services.kernel.jws import NotCompact, take_apart

ALGORITHM: Final = "ES256"
ACCESS_TYPE: Final = "at+jwt"
SERVICE_TYPE: Final = "svc+jwt"
RECEIPT_TYPE: Final = "receipt+jws"
_HEADER: Final = frozenset({"alg", "typ", "kid"})
_LEEWAY_SECONDS: Final = 5


class TokenError(Exception):
    """The token is refused; `code` is the problem to answer with."""

    def __init__(self, code: Literal["token_invalid", "token_expired"]) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class SigningKey:
    """A private key of P-256 with its name (`kid`)."""

    kid: str
    private: ec.EllipticCurvePrivateKey

    @classmethod
    def from_pem(cls, pem: str | bytes) -> "SigningKey":
        """The key of a PKCS 8 PEM, named by its RFC 7638 thumbprint, so that a name never means two keys."""
        private = serialization.load_pem_private_key(pem.encode() if isinstance(pem, str) else pem, None)
        if not isinstance(private, ec.EllipticCurvePrivateKey):
            raise TypeError("a signing key is an elliptic-curve key on P-256")
        return cls(thumbprint(private.public_key()), private)

    @classmethod
    def generate(cls) -> "SigningKey":
        """A new key."""
        private = ec.generate_private_key(ec.SECP256R1())
        return cls(thumbprint(private.public_key()), private)

    @property
    def pem(self) -> str:
        """The private key as PKCS 8 PEM, for safe keeping only."""
        return self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    @property
    def public_pem(self) -> str:
        """The public half as PEM, as an agency hands it over."""
        return (
            self.private.public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
            .decode()
        )

    @property
    def jwk(self) -> dict[str, str]:
        """The public half as a JWK (RFC 7517)."""
        return public_jwk(self.private.public_key())

    def sign(self, claims: Mapping[str, Any], typ: str) -> str:
        """The claims as a compact JWS of a type."""
        return jwt.encode(dict(claims), self.private, ALGORITHM, headers={"typ": typ, "kid": self.kid})


def public_jwk(key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    """A public key as a JWK for signatures."""
    members: dict[str, str] = ECAlgorithm.to_jwk(key, as_dict=True)
    return {
        "kty": "EC", "crv": "P-256", "x": members["x"], "y": members["y"],
        "alg": ALGORITHM, "use": "sig", "kid": thumbprint(key),
    }  # fmt: skip


def thumbprint(key: ec.EllipticCurvePublicKey) -> str:
    """The name of a key: its SHA-256 thumbprint of RFC 7638."""
    import base64
    import hashlib
    import json

    members: dict[str, str] = ECAlgorithm.to_jwk(key, as_dict=True)
    canonical = json.dumps(
        {name: members[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":"), sort_keys=True
    )
    return base64.urlsafe_b64encode(hashlib.sha256(canonical.encode()).digest()).rstrip(b"=").decode()


class KeyRing:
    """The public keys whose signatures are accepted, by name."""

    def __init__(self, jwks: Mapping[str, Any] | None = None) -> None:
        self._keys: dict[str, ec.EllipticCurvePublicKey] = {}
        for member in (jwks or {}).get("keys", []):
            key = ECAlgorithm.from_jwk(member)
            if isinstance(key, ec.EllipticCurvePublicKey) and member.get("kid") == thumbprint(key):
                self._keys[member["kid"]] = key

    def __contains__(self, kid: object) -> bool:
        return kid in self._keys

    def verify(
        self,
        token: str,
        *,
        typ: str,
        issuer: str,
        audience: str | None,
        now: datetime,
        required: tuple[str, ...] = (),
    ) -> dict[str, Any]:
        """The claims of a token of one type.

        Raises:
            TokenError: `token_expired` when only its time is over, else `token_invalid`.
        """
        try:
            header, stated = take_apart(token)
        except NotCompact:
            raise TokenError("token_invalid") from None
        key = self._keys.get(str(header.get("kid")))
        if key is None or header.keys() != _HEADER or header["typ"] != typ or header["alg"] != ALGORITHM:
            raise TokenError("token_invalid")
        if stated.get("aud") != audience:
            raise TokenError("token_invalid")  # one audience, not one of several
        must = ["iss", "iat", "jti", "sub", *(["aud", "exp"] if audience else []), *required]
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                issuer=issuer,
                audience=audience,
                options={
                    "require": must,
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                    "verify_aud": bool(audience),
                },
            )
        except (jwt.InvalidTokenError, ValueError):
            raise TokenError("token_invalid") from None
        _check_times(claims, now.timestamp())
        return claims


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    issued, expires, not_before = claims.get("iat"), claims.get("exp"), claims.get("nbf")
    for instant in (issued, expires, not_before):
        if instant is not None and (isinstance(instant, bool) or not isinstance(instant, int | float)):
            raise TokenError("token_invalid")
    if (issued is not None and issued > now + _LEEWAY_SECONDS) or (
        not_before is not None and not_before > now + _LEEWAY_SECONDS
    ):
        raise TokenError("token_invalid")
    if expires is not None and expires <= now:
        raise TokenError("token_expired")
