"""Tokens, assertions and forms as clients make them, honest and otherwise."""

import base64
import hashlib
import hmac
import json
from urllib.parse import quote

import jwt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.exchange.api.oauth_form import ASSERTION_TYPE

ISSUER = "https://zhixin.test"
GRANT = {"grant_type": "client_credentials"}


def pem_of(key):
    return key.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def by_secret(credential):
    return {"client_id": credential.client_id, "client_secret": credential.client_secret}


def basic(client_id, secret):
    joined = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
    return {"Authorization": "Basic " + base64.b64encode(joined.encode()).decode()}


def claims_of(credential, clock, **changes):
    now = int(clock().timestamp())
    own = {
        "iss": credential.client_id,
        "sub": credential.client_id,
        "aud": ISSUER,
        "exp": now + 60,
        "iat": now,
        "jti": "once",
    }
    return own | changes


def proof(assertion):
    return GRANT | {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}


def signed(key, claims, **headers):
    return jwt.encode(claims, key.private, "ES256", headers=headers)


def unsigned(header, claims):
    parts = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, claims)
    )
    return ".".join(parts) + "."


async def token_of(client, credential, **more):
    answer = await client.post("/oauth2/token", data=GRANT | by_secret(credential) | more)
    return answer.json()["access_token"]


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def hmac_signed(key, header, claims):
    signing_input = unsigned(header, claims).removesuffix(".")
    tag = hmac.digest(key, signing_input.encode(), hashlib.sha256)
    return f"{signing_input}.{base64.urlsafe_b64encode(tag).rstrip(b'=').decode()}"
