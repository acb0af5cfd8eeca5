"""A corpus of hostile access tokens, assertions, forms and headers. Each entry is made from something sound by one change.

An entry of `TOKENS` is a function of `Forge` that answers the value of one `Authorization` header, or a list of headers;
of `ASSERTIONS` one that answers an assertion; of `FORMS` one that answers headers and body of a request for a token.
"""

import base64
import json
from dataclasses import dataclass
from urllib.parse import urlencode

from jwt.algorithms import ECAlgorithm

from services.exchange.api.oauth_form import ASSERTION_TYPE, FORM
from services.kernel.service_client import sign_service_token
from services.kernel.tokens import SigningKey
from tests.forgery import GRANT, basic, claims_of, hmac_signed, pem_of, unsigned

_ES256 = ECAlgorithm(ECAlgorithm.SHA256)
INVALID, EXPIRED, MISSING = (401, "token_invalid"), (401, "token_expired"), (401, "token_missing")


def part(value):
    """A part of a compact JWS: of bytes as they are, of anything else as JSON."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def compact(key, header, claims):
    """A JWS by ES256 over a header and claims exactly as given, sound or not."""
    signing_input = f"{part(header)}.{part(claims)}"
    return f"{signing_input}.{part(_ES256.sign(signing_input.encode(), key.private))}"


@dataclass
class Forge:
    """What a forger may hold at best: the server's public key, its own keys, and somebody's honest token."""

    server: SigningKey  # its private half signs what only a change of claims or type makes hostile
    service: SigningKey
    stranger: SigningKey
    claims: dict
    clock: object

    @property
    def header(self):
        return {"alg": "ES256", "typ": "at+jwt", "kid": self.server.kid}

    def token(self, header=None, claims=None, key=None):
        """A token by a key over the honest header and claims with changes."""
        head = self.header | (header or {}) if not isinstance(header, bytes) else header
        body = self.claims | (claims or {}) if not isinstance(claims, bytes) else claims
        return compact(key or self.server, head, body)

    def without(self, name):
        return compact(
            self.server, self.header, {key: value for key, value in self.claims.items() if key != name}
        )

    def spoilt(self, at, put):
        """The honest token with one of its three parts changed."""
        parts = self.token().split(".")
        parts[at] = put(parts[at])
        return ".".join(parts)


def bearer(token):
    return [("Authorization", f"Bearer {token}")]


TOKENS = {
    # algorithms
    "alg none": (lambda f: bearer(unsigned(f.header | {"alg": "none"}, f.claims)), INVALID),
    "alg None, spelt otherwise": (lambda f: bearer(unsigned(f.header | {"alg": "nOnE"}, f.claims)), INVALID),
    "alg none with a signature": (lambda f: bearer(f.token({"alg": "none"})), INVALID),
    "HS256 by the public key as PEM": (
        lambda f: bearer(hmac_signed(pem_of(f.server), f.header | {"alg": "HS256"}, f.claims)), INVALID,
    ),
    "HS256 by the public key as JWK": (
        lambda f: bearer(hmac_signed(json.dumps(f.server.jwk).encode(), f.header | {"alg": "HS256"}, f.claims)), INVALID,
    ),
    "HS256 by nothing": (lambda f: bearer(hmac_signed(b"", f.header | {"alg": "HS256"}, f.claims)), INVALID),
    "ES256 by name, HMAC in truth": (lambda f: bearer(hmac_signed(pem_of(f.server), f.header, f.claims)), INVALID),
    "alg RS256": (lambda f: bearer(f.token({"alg": "RS256"})), INVALID),
    "alg ES384": (lambda f: bearer(f.token({"alg": "ES384"})), INVALID),
    "alg ES256K": (lambda f: bearer(f.token({"alg": "ES256K"})), INVALID),
    "alg in small letters": (lambda f: bearer(f.token({"alg": "es256"})), INVALID),
    "alg a list": (lambda f: bearer(f.token({"alg": ["ES256"]})), INVALID),
    # keys of the forger
    "jwk in the header": (lambda f: bearer(f.token({"jwk": f.stranger.jwk}, key=f.stranger)), INVALID),
    "jwk beside the server's own signature": (lambda f: bearer(f.token({"jwk": f.server.jwk})), INVALID),
    "jku in the header": (lambda f: bearer(f.token({"jku": "https://evil.test/jwks"})), INVALID),
    "x5u in the header": (lambda f: bearer(f.token({"x5u": "https://evil.test/cert"})), INVALID),
    "x5c in the header": (lambda f: bearer(f.token({"x5c": ["MIIB"]})), INVALID),
    "x5t in the header": (lambda f: bearer(f.token({"x5t#S256": "AAAA"})), INVALID),
    "crit in the header": (lambda f: bearer(f.token({"crit": ["exp"]})), INVALID),
    "b64 false": (lambda f: bearer(f.token({"b64": False, "crit": ["b64"]})), INVALID),
    "zip in the header": (lambda f: bearer(f.token({"zip": "DEF"})), INVALID),
    "cty JWT": (lambda f: bearer(f.token({"cty": "JWT"})), INVALID),
    "kid of the forger": (lambda f: bearer(f.token({"kid": f.stranger.kid}, key=f.stranger)), INVALID),
    "kid of the server, key of the forger": (lambda f: bearer(f.token(key=f.stranger)), INVALID),
    "kid of a service": (lambda f: bearer(f.token({"kid": f.service.kid}, key=f.service)), INVALID),
    "kid a path": (lambda f: bearer(f.token({"kid": "../../dev/null"})), INVALID),
    "kid an injection": (lambda f: bearer(f.token({"kid": "' OR 1=1 --"})), INVALID),
    "kid null": (lambda f: bearer(f.token({"kid": None})), INVALID),
    "kid an object": (lambda f: bearer(f.token({"kid": {"kid": f.server.kid}})), INVALID),
    "kid left out": (lambda f: bearer(f.token(json.dumps({"alg": "ES256", "typ": "at+jwt"}).encode())), INVALID),
    # types
    "typ JWT": (lambda f: bearer(f.token({"typ": "JWT"})), INVALID),
    "typ of services": (lambda f: bearer(f.token({"typ": "svc+jwt"})), INVALID),
    "typ of receipts": (lambda f: bearer(f.token({"typ": "receipt+jws"})), INVALID),
    "typ of logout tokens": (lambda f: bearer(f.token({"typ": "logout+jwt"})), INVALID),
    "typ in full": (lambda f: bearer(f.token({"typ": "application/at+jwt"})), INVALID),
    "typ in capitals": (lambda f: bearer(f.token({"typ": "AT+JWT"})), INVALID),
    "typ left out": (
        lambda f: bearer(f.token(json.dumps({"alg": "ES256", "kid": f.server.kid}).encode())), INVALID,
    ),
    "a service token": (
        lambda f: bearer(
            sign_service_token(f.service, issuer="credit", audience="exchange", actor=None, now=f.clock())
        ),
        INVALID,
    ),
    # claims
    "audience the issuer": (lambda f: bearer(f.token(claims={"aud": f.claims["iss"]})), INVALID),
    "audience another version": (lambda f: bearer(f.token(claims={"aud": f.claims["iss"] + "/v2"})), INVALID),
    "audience a list with ours": (
        lambda f: bearer(f.token(claims={"aud": [f.claims["aud"], "https://other.test"]})), INVALID,
    ),
    "audience a list of ours": (lambda f: bearer(f.token(claims={"aud": [f.claims["aud"]]})), INVALID),
    "audience with a slash": (lambda f: bearer(f.token(claims={"aud": f.claims["aud"] + "/"})), INVALID),
    "audience left out": (lambda f: bearer(f.without("aud")), INVALID),
    "issuer another": (lambda f: bearer(f.token(claims={"iss": "https://other.test"})), INVALID),
    "issuer a list": (lambda f: bearer(f.token(claims={"iss": [f.claims["iss"]]})), INVALID),
    "issuer left out": (lambda f: bearer(f.without("iss")), INVALID),
    "expired": (lambda f: bearer(f.token(claims={"exp": f.claims["iat"] - 1})), EXPIRED),
    "expired this second": (lambda f: bearer(f.token(claims={"exp": f.claims["iat"]})), EXPIRED),
    "exp a text": (lambda f: bearer(f.token(claims={"exp": str(f.claims["exp"])})), INVALID),
    "exp true": (lambda f: bearer(f.token(claims={"exp": True})), INVALID),
    "exp null": (lambda f: bearer(f.token(claims={"exp": None})), INVALID),
    "exp left out": (lambda f: bearer(f.without("exp")), INVALID),
    "exp infinite": (
        lambda f: bearer(f.token(claims=json.dumps(f.claims | {"exp": float("inf")}).encode())), INVALID,
    ),
    "exp no number": (
        lambda f: bearer(f.token(claims=json.dumps(f.claims | {"exp": float("nan")}).encode())), INVALID,
    ),
    "iat in the future": (lambda f: bearer(f.token(claims={"iat": f.claims["iat"] + 60})), INVALID),
    "iat left out": (lambda f: bearer(f.without("iat")), INVALID),
    "nbf in the future": (lambda f: bearer(f.token(claims={"nbf": f.claims["iat"] + 60})), INVALID),
    "jti left out": (lambda f: bearer(f.without("jti")), INVALID),
    "scope left out": (lambda f: bearer(f.without("scope")), INVALID),
    "client left out": (lambda f: bearer(f.without("client_id")), INVALID),
    "client of nobody": (lambda f: bearer(f.token(claims={"client_id": "zxc_nobody"})), INVALID),
    "agency of another": (lambda f: bearer(f.token(claims={"sub": "food_drug-430000"})), INVALID),
    # JSON
    "alg twice": (
        lambda f: bearer(
            f.token(b'{"alg":"none","alg":"ES256","typ":"at+jwt","kid":"%b"}' % f.server.kid.encode())
        ),
        INVALID,
    ),
    "exp twice": (
        lambda f: bearer(f.token(claims=b'{"exp":1,' + json.dumps(f.claims).encode()[1:])), INVALID,
    ),
    "header an array": (lambda f: bearer(f.token(b'["ES256"]')), INVALID),
    "claims an array": (lambda f: bearer(f.token(claims=b"[1]")), INVALID),
    "claims no JSON": (lambda f: bearer(f.token(claims=b"{")), INVALID),
    "claims in UTF-16": (lambda f: bearer(f.token(claims=json.dumps(f.claims).encode("utf-16"))), INVALID),
    "header with a byte order mark": (
        lambda f: bearer(f.token(b"\xef\xbb\xbf" + json.dumps(f.header).encode())), INVALID,
    ),
    "header nested without end": (lambda f: bearer(f.token(b'{"alg":' + b"[" * 1_000)), INVALID),
    # spelling
    "no dots": (lambda f: bearer("abcdef"), INVALID),
    "empty parts": (lambda f: bearer(".."), INVALID),
    "two parts": (lambda f: bearer(".".join(f.token().split(".")[:2])), INVALID),
    "four parts": (lambda f: bearer(f.token() + ".AAAA"), INVALID),
    "five parts, as of an encrypted token": (lambda f: bearer("a.b.c.d.e"), INVALID),
    "padding": (lambda f: bearer(f.token() + "=="), INVALID),
    "signature empty": (lambda f: bearer(f.spoilt(2, lambda _: "")), INVALID),
    "signature cut": (lambda f: bearer(f.spoilt(2, lambda old: old[:-2])), INVALID),
    "signature longer": (lambda f: bearer(f.spoilt(2, lambda old: old + "AA")), INVALID),
    "signature all zero": (lambda f: bearer(f.spoilt(2, lambda _: part(bytes(64)))), INVALID),
    "signature with a foreign character": (lambda f: bearer(f.spoilt(2, lambda old: old + "!")), INVALID),
    "signature with unused bits set": (
        lambda f: bearer(f.spoilt(2, lambda old: old[:-1] + chr(ord(old[-1]) + 1))), INVALID,
    ),
    "signature of other claims": (lambda f: bearer(f.spoilt(1, lambda _: part(f.claims | {"scope": "x"}))), INVALID),
    "header of standard base64": (lambda f: bearer(f.spoilt(0, lambda old: old + "+/")), INVALID),
    "overlong": (lambda f: bearer(f.token(claims={"more": "x" * 8_000})), INVALID),
    "two spaces": (lambda f: [("Authorization", f"Bearer  {f.token()}")], INVALID),
    "a tab": (lambda f: [("Authorization", f"Bearer\t{f.token()}")], INVALID),
    "a space inside": (lambda f: [("Authorization", f"Bearer {f.token()} x")], INVALID),
    "a comma and another": (lambda f: [("Authorization", f"Bearer {f.token()},Bearer {f.token()}")], INVALID),
    "no scheme": (lambda f: [("Authorization", f.token())], INVALID),
    "scheme DPoP": (lambda f: [("Authorization", f"DPoP {f.token()}")], INVALID),
    "scheme Basic": (lambda f: [("Authorization", f"Basic {f.token()}")], INVALID),
    "scheme alone": (lambda f: [("Authorization", "Bearer")], INVALID),
    "header empty": (lambda f: [("Authorization", "")], INVALID),
    "two headers, both honest": (lambda f: bearer(f.token()) * 2, INVALID),
    "two headers, the second empty": (lambda f: [*bearer(f.token()), ("Authorization", "")], INVALID),
    "two headers of two schemes": (lambda f: [*bearer(f.token()), ("Authorization", "Basic eDp5")], INVALID),
    "a cookie only": (lambda f: [("Cookie", f"access_token={f.token()}")], MISSING),
    "another header only": (lambda f: [("X-Authorization", f"Bearer {f.token()}")], MISSING),
}  # fmt: skip


@dataclass
class AssertionForge:
    """An agency's own key with its credential, and another's key."""

    own: SigningKey
    stranger: SigningKey
    credential: object
    clock: object

    @property
    def claims(self):
        return claims_of(self.credential, self.clock)

    def assertion(self, header=None, claims=None, key=None):
        head = {"alg": "ES256", "typ": "JWT"} | (header or {}) if not isinstance(header, bytes) else header
        body = self.claims | (claims or {}) if not isinstance(claims, bytes) else claims
        return compact(key or self.own, head, body)

    def without(self, name):
        return compact(
            self.own, {"alg": "ES256"}, {key: value for key, value in self.claims.items() if key != name}
        )


ASSERTIONS = {
    "alg none": lambda f: unsigned({"alg": "none"}, f.claims),
    "alg none with a signature": lambda f: f.assertion({"alg": "none"}),
    "HS256 by the public key": lambda f: hmac_signed(pem_of(f.own), {"alg": "HS256"}, f.claims),
    "HS256 by the client id": lambda f: hmac_signed(
        f.credential.client_id.encode(), {"alg": "HS256"}, f.claims
    ),
    "alg RS256": lambda f: f.assertion({"alg": "RS256"}),
    "alg twice": lambda f: f.assertion(b'{"alg":"none","alg":"ES256"}'),
    "jwk in the header": lambda f: f.assertion({"jwk": f.stranger.jwk}, key=f.stranger),
    "jku in the header": lambda f: f.assertion({"jku": "https://evil.test/jwks"}),
    "x5u in the header": lambda f: f.assertion({"x5u": "https://evil.test/cert"}),
    "x5c in the header": lambda f: f.assertion({"x5c": ["MIIB"]}),
    "crit in the header": lambda f: f.assertion({"crit": ["exp"]}),
    "b64 false": lambda f: f.assertion({"b64": False}),
    "typ of access tokens": lambda f: f.assertion({"typ": "at+jwt"}),
    "typ of services": lambda f: f.assertion({"typ": "svc+jwt"}),
    "typ a number": lambda f: f.assertion({"typ": 1}),
    "key of a stranger": lambda f: f.assertion(key=f.stranger),
    "audience the token endpoint": lambda f: f.assertion(claims={"aud": f.claims["aud"] + "/oauth2/token"}),
    "audience a list with another": lambda f: f.assertion(claims={"aud": [f.claims["aud"], "https://other.test"]}),
    "audience ours twice": lambda f: f.assertion(claims={"aud": [f.claims["aud"]] * 2}),
    "audience with a slash": lambda f: f.assertion(claims={"aud": f.claims["aud"] + "/"}),
    "audience an empty list": lambda f: f.assertion(claims={"aud": []}),
    "audience left out": lambda f: f.without("aud"),
    "issuer another": lambda f: f.assertion(claims={"iss": "zxc_other"}),
    "issuer left out": lambda f: f.without("iss"),
    "subject another": lambda f: f.assertion(claims={"sub": "zxc_other"}),
    "subject a list": lambda f: f.assertion(claims={"sub": [f.credential.client_id]}),
    "subject with a NUL": lambda f: f.assertion(claims={"sub": "\0", "iss": "\0"}),
    "subject left out": lambda f: f.without("sub"),
    "expired": lambda f: f.assertion(claims={"exp": f.claims["iat"] - 1}),
    "expired this second": lambda f: f.assertion(claims={"exp": f.claims["iat"]}),
    "an hour long": lambda f: f.assertion(claims={"exp": f.claims["iat"] + 3_600}),
    "exp a text": lambda f: f.assertion(claims={"exp": "2999-01-01"}),
    "exp true": lambda f: f.assertion(claims={"exp": True}),
    "exp beyond the calendar": lambda f: f.assertion(claims={"exp": 10**20}),
    "exp no number": lambda f: f.assertion(claims=json.dumps(f.claims | {"exp": float("nan")}).encode()),
    "exp left out": lambda f: f.without("exp"),
    "exp twice": lambda f: f.assertion(claims=b'{"exp":1,' + json.dumps(f.claims).encode()[1:]),
    "iat in the future": lambda f: f.assertion(claims={"iat": f.claims["iat"] + 60}),
    "iat a text": lambda f: f.assertion(claims={"iat": "now"}),
    "nbf in the future": lambda f: f.assertion(claims={"nbf": f.claims["iat"] + 60}),
    "jti empty": lambda f: f.assertion(claims={"jti": ""}),
    "jti a number": lambda f: f.assertion(claims={"jti": 1}),
    "jti overlong": lambda f: f.assertion(claims={"jti": "x" * 129}),
    "jti with a NUL": lambda f: f.assertion(claims={"jti": "a\0b"}),
    "jti left out": lambda f: f.without("jti"),
    "overlong": lambda f: f.assertion(claims={"more": "x" * 5_000}),
    "padding": lambda f: f.assertion() + "=",
    "a line break at its end": lambda f: f.assertion() + "\n",
    "a blank inside": lambda f: f.assertion().replace(".", ". ", 1),
    "signature cut": lambda f: f.assertion()[:-4],
    "no dots": lambda f: "abc",
    "an access token's place": lambda f: f.assertion(claims={"iss": f.claims["aud"]}),
}  # fmt: skip


def encoded(pairs, **headers):
    return {"Content-Type": FORM} | headers, urlencode(list(pairs)).encode()


def grant_with(credential, *more):
    return [
        *GRANT.items(),
        ("client_id", credential.client_id),
        ("client_secret", credential.client_secret),
        *more,
    ]


FORMS = {
    "client_id twice": (lambda c: encoded(grant_with(c, ("client_id", c.client_id))), 400, "invalid_request"),
    "client_secret twice": (
        lambda c: encoded(grant_with(c, ("client_secret", "zxs_other"))), 400, "invalid_request",
    ),
    "grant_type twice": (lambda c: encoded(grant_with(c, ("grant_type", "password"))), 400, "invalid_request"),
    "scope twice": (
        lambda c: encoded(grant_with(c, ("scope", "batches:read"), ("scope", "batches:write"))), 400, "invalid_request",
    ),
    "an unknown parameter twice": (lambda c: encoded(grant_with(c, ("x", "1"), ("x", "2"))), 400, "invalid_request"),
    "secret in both places": (
        lambda c: encoded(grant_with(c), **basic(c.client_id, c.client_secret)), 400, "invalid_request",
    ),
    "secret and assertion": (
        lambda c: encoded(grant_with(c, ("client_assertion", "a.b.c"), ("client_assertion_type", ASSERTION_TYPE))),
        400, "invalid_request",
    ),
    "assertion of another type": (
        lambda c: encoded([*GRANT.items(), ("client_assertion", "a.b.c"), ("client_assertion_type", "saml2")]),
        400, "invalid_request",
    ),
    "secret with a blank": (
        lambda c: encoded([*grant_with(c)[:2], ("client_secret", c.client_secret + " ")]), 401, "invalid_client",
    ),
    "secret in small letters": (
        lambda c: encoded([*grant_with(c)[:2], ("client_secret", c.client_secret.lower())]), 401, "invalid_client",
    ),
    "client_id in capitals": (
        lambda c: encoded([*GRANT.items(), ("client_id", c.client_id.upper()), ("client_secret", c.client_secret)]),
        401, "invalid_client",
    ),
    "client_id with a NUL": (
        lambda c: encoded([*GRANT.items(), ("client_id", c.client_id + "\0"), ("client_secret", c.client_secret)]),
        401, "invalid_client",
    ),
    "Basic that is no base64": (
        lambda c: encoded(GRANT.items(), Authorization="Basic $$$"), 401, "invalid_client",
    ),
    "Basic without a colon": (
        lambda c: encoded(GRANT.items(), Authorization="Basic " + base64.b64encode(b"abc").decode()),
        401, "invalid_client",
    ),
    "Bearer at the token endpoint": (
        lambda c: encoded(GRANT.items(), Authorization="Bearer abc"), 401, "invalid_client",
    ),
    "grant of passwords": (
        lambda c: encoded([("grant_type", "password"), *grant_with(c)[1:]]), 400, "unsupported_grant_type",
    ),
    "scope beyond the grants": (lambda c: encoded(grant_with(c, ("scope", "admin"))), 400, "invalid_scope"),
    "scope with two spaces": (
        lambda c: encoded(grant_with(c, ("scope", "batches:read  batches:write"))), 400, "invalid_scope",
    ),
    "JSON instead of a form": (
        lambda c: ({"Content-Type": "application/json"}, json.dumps(dict(grant_with(c))).encode()), 415, "invalid_request",
    ),
    "overlong": (lambda c: encoded(grant_with(c, ("x", "y" * 20_000))), 413, "invalid_request"),
    "broken percent-encoding": (
        lambda c: ({"Content-Type": FORM}, urlencode(grant_with(c)).encode() + b"&x=%ff"), 400, "invalid_request",
    ),
    "raw bytes": (
        lambda c: ({"Content-Type": FORM}, urlencode(grant_with(c)).encode() + b"&x=\xff"), 400, "invalid_request",
    ),
    "sixty parameters": (
        lambda c: encoded(grant_with(c, *((f"p{n}", "1") for n in range(60)))), 400, "invalid_request",
    ),
}  # fmt: skip
