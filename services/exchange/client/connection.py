"""The client's only door to the network: tokens, retries, problems.

Credentials go to the host that the user named and to no other: of every address in an answer (token endpoint,
`Location`, `items_url`) only the path is used, and redirects are not followed.
"""

import contextlib
import hashlib
import os
import time
import urllib.parse
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import httpx
import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from services.exchange.client.failures import (
    AgencyError,
    MalformedAnswerError,
    RefusedError,
    UnreachableError,
)
from services.exchange.client.profile import Profile
from services.exchange.client.retrying import wait_asked, wait_before_retry

_ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_CHUNK: Final = 256 * 1024
_TIMEOUT: Final = httpx.Timeout(60.0, connect=10.0, read=120.0)
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_RENEW_EARLY: Final = 20.0

Wait = Callable[[float, str], None]
"""Called with the seconds to sleep and the reason, so that a progress line can say it."""


@dataclass(frozen=True)
class FileBody:
    """A request body that lies in a file; each attempt sends the same bytes from its start."""

    file: BinaryIO
    size: int
    content_type: str
    sent: Callable[[int], None]

    def chunks(self) -> Iterator[bytes]:
        """The bytes, telling `sent` how many have gone so far."""
        self.file.seek(0)
        total = 0
        while chunk := self.file.read(_CHUNK):
            yield chunk
            total += len(chunk)
            self.sent(total)


def checked_base_url(text: str, *, allow_http: bool) -> str:
    """The platform's address without a trailing slash.

    Raises:
        AgencyError: it is not an http(s) address, carries credentials, or would send the secret in clear.
    """
    parts = urllib.parse.urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise AgencyError(f"{text!r} is not an address like https://credit.example.gov.cn")
    if parts.username is not None or parts.password is not None:
        raise AgencyError("an address must not carry a user name or a password", "give --client-id instead")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK and not allow_http:
        raise AgencyError(
            "over plain http the secret would travel in clear",
            "use https, or --allow-http inside a closed network",
        )
    return text.rstrip("/")


def accepted_language(environment: str | None = None) -> str:
    """The language asked of the platform, from `$LANG`; Simplified Chinese when it names none."""
    text = os.environ.get("LANG", "") if environment is None else environment
    language = text.split(".")[0].split("@")[0].replace("_", "-")
    return language if language not in {"", "C", "POSIX"} else "zh-CN"


def own_path(address: str) -> str:
    """Path and query of an address in an answer; its host is not believed."""
    parts = urllib.parse.urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def client(proxy: str | None) -> httpx.Client:
    """An HTTP client that takes no proxy and no credentials from its surroundings."""
    return httpx.Client(
        trust_env=False, proxy=proxy, timeout=_TIMEOUT, headers={"Accept-Language": accepted_language()}
    )


def sleep(seconds: float, reason: str) -> None:  # noqa: ARG001 — the quiet form of `Wait`
    """Wait without a word."""
    time.sleep(seconds)


class Connection:
    """Requests to one platform as one agency; use it as a context manager."""

    def __init__(self, profile: Profile, *, wait: Wait = sleep) -> None:
        self.profile = profile
        self.wait = wait
        self.scope = ""
        self._http = client(profile.proxy)
        self._token: str | None = None
        self._token_until = 0.0

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        body: FileBody | bytes | None = None,
    ) -> httpx.Response:
        """A successful answer, read whole; busy answers and lost connections are tried again.

        Raises:
            RefusedError: the platform's final refusal.
            UnreachableError: it stayed busy or silent.
        """
        attempt = 0
        while True:
            attempt += 1
            try:
                with self.stream(method, path, params=params, headers=headers, body=body) as response:
                    response.read()
                    return response
            except httpx.TransportError as error:  # the answer broke off after its head
                self._pause(attempt, error)

    def download(self, path: str, file: BinaryIO, *, accept: str) -> str:
        """Copy an answer of any size into a file, from the file's start; gives its lower-case hex SHA-256.

        Raises:
            RefusedError, UnreachableError: as `request`.
        """
        attempt = 0
        while True:
            attempt += 1
            file.seek(0)
            file.truncate()
            digest = hashlib.sha256()
            try:
                with self.stream("GET", path, headers={"Accept": accept}) as response:
                    for chunk in response.iter_bytes():
                        digest.update(chunk)
                        file.write(chunk)
                return digest.hexdigest()
            except httpx.TransportError as error:
                self._pause(attempt, error)

    @contextlib.contextmanager
    def stream(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        body: FileBody | bytes | None = None,
    ) -> Iterator[httpx.Response]:
        """As `request`, but the answer is not read yet; what breaks while reading is the caller's."""
        attempt, renewed = 0, False
        while True:
            attempt += 1
            sending = {"Authorization": f"Bearer {self.token()}"} | (headers or {})
            content: bytes | Iterator[bytes] | None = (
                body if not isinstance(body, FileBody) else body.chunks()
            )
            if isinstance(body, FileBody):
                # The length is said in advance, so that the platform can tell a truncated upload.
                sending |= {"Content-Type": body.content_type, "Content-Length": str(body.size)}
            address = self.profile.base_url + path
            request = self._http.build_request(
                method, address, params=params, headers=sending, content=content
            )
            try:
                response = self._http.send(request, stream=True)
            except httpx.TransportError as error:
                self._pause(attempt, error)
                continue
            try:
                if response.is_success:
                    yield response
                    return
                problem = _problem(response)
                if response.status_code == 401 and not renewed:
                    renewed, self._token = True, None
                    continue
                self._pause_or_refuse(attempt, response, problem)
            finally:
                response.close()

    def token(self) -> str:
        """An access token with some life left; a new one is asked for when there is none (RFC 6749, 4.4).

        Raises:
            RefusedError: the credential is not accepted.
            UnreachableError: the token endpoint stayed busy or silent.
        """
        if self._token is not None and time.monotonic() < self._token_until:
            return self._token
        attempt = 0
        while True:
            attempt += 1
            form, auth = _authentication(self.profile)
            address = self.profile.base_url + self.profile.token_path
            try:
                response = self._http.post(
                    address, data={"grant_type": "client_credentials"} | form, auth=auth
                )
            except httpx.TransportError as error:
                self._pause(attempt, error)
                continue
            if not response.is_success:
                self._pause_or_refuse(attempt, response, _problem(response))
                continue
            answer = json_object(response.content)
            if not isinstance(answer.get("access_token"), str):
                raise MalformedAnswerError("the token endpoint answered without a token")
            self._token = answer["access_token"]
            life = answer.get("expires_in")
            life = float(life) if isinstance(life, int | float) else 60.0
            self._token_until = time.monotonic() + max(life - _RENEW_EARLY, life / 2)
            self.scope = str(answer.get("scope", ""))
            return str(self._token)

    def published(self, path: str) -> dict[str, Any]:
        """A public document of the platform, such as its receipt keys, without a token."""
        return fetch_public(self._http, self.profile.base_url + path, self.wait)

    def _pause(self, attempt: int, error: httpx.TransportError) -> None:
        seconds = wait_before_retry(attempt, status=None)
        if seconds is None:
            raise UnreachableError(
                f"{self.profile.base_url} cannot be reached: {_said(error)}",
                "run the same command again when it can: nothing is lost or done twice",
            ) from error
        self.wait(seconds, _said(error))

    def _pause_or_refuse(self, attempt: int, response: httpx.Response, problem: dict[str, Any]) -> None:
        asked = wait_asked(response.headers, datetime.now(UTC))
        code = str(problem.get("code"))
        seconds = wait_before_retry(attempt, status=response.status_code, code=code, asked=asked)
        if seconds is None:
            raise RefusedError(response.status_code, problem)
        self.wait(seconds, code)


def fetch_public(http: httpx.Client, address: str, wait: Wait = sleep) -> dict[str, Any]:
    """A public JSON document.

    Raises:
        RefusedError: the platform's final refusal.
        UnreachableError: it stayed busy or silent.
    """
    attempt = 0
    while True:
        attempt += 1
        try:
            response = http.get(address, headers={"Accept": "application/json"})
        except httpx.TransportError as error:
            seconds = wait_before_retry(attempt, status=None)
            if seconds is None:
                raise UnreachableError(f"{address} cannot be reached: {_said(error)}") from error
            wait(seconds, _said(error))
            continue
        if response.is_success:
            return json_object(response.content)
        asked = wait_asked(response.headers, datetime.now(UTC))
        seconds = wait_before_retry(attempt, status=response.status_code, asked=asked)
        if seconds is None:
            raise RefusedError(response.status_code, _problem(response))
        wait(seconds, f"HTTP {response.status_code}")


def json_object(content: bytes) -> dict[str, Any]:
    """The JSON object of an answer.

    Raises:
        MalformedAnswerError: it is none.
    """
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedAnswerError(f"the platform answered what is not a JSON object: {error}") from error


def read_private_key(path: Path) -> EllipticCurvePrivateKey:
    """The P-256 key of a PEM file, which signs assertions with ES256.

    Raises:
        AgencyError: the file cannot be read or holds another kind of key.
    """
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise AgencyError(f"{path} holds no private key that can be read: {error}") from error
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise AgencyError(f"{path} must hold an EC key on P-256")
    return key


def _authentication(profile: Profile) -> tuple[dict[str, str], httpx.Auth]:
    """Form fields and header that authenticate the client.

    RFC 6749, 2.3.1 for the secret (both parts form-encoded); RFC 7523 for the key, whose audience is the issuer
    and nothing else, because an assertion for a token address can be replayed by another server.
    """
    if profile.method == "client_secret_basic":
        name, secret = (
            urllib.parse.quote_plus(part) for part in (profile.client_id, profile.client_secret or "")
        )
        return {}, httpx.BasicAuth(name, secret)
    now = int(time.time())
    claims = {
        "iss": profile.client_id,
        "sub": profile.client_id,
        "aud": profile.issuer,
        "jti": uuid.uuid4().hex,
        "iat": now,
        "exp": now + 60,
    }
    assertion = jwt.encode(claims, read_private_key(Path(profile.private_key_file or "")), algorithm="ES256")
    return {
        "client_id": profile.client_id,
        "client_assertion_type": _ASSERTION,
        "client_assertion": assertion,
    }, httpx.Auth()


def _problem(response: httpx.Response) -> dict[str, Any]:
    try:
        return json_object(response.read())
    except (MalformedAnswerError, httpx.TransportError):
        return {}


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__
