"""The files that the client keeps: profiles with their credential, published keys, states of pushes and pulls.

Everything lies in one folder of mode 0700, `$ZHIXIN_AGENCY_HOME` or `~/.config/zhixin`; each file has mode 0600 and
is replaced as a whole, so that an interruption leaves the old one or the new one.
"""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from services.exchange.client.failures import AgencyError, NotLoggedInError

Stored = TypeVar("Stored")


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """How one agency reaches one platform; the secret, or the path of the private key, is part of it."""

    base_url: str
    issuer: str
    token_path: str
    client_id: str
    method: Literal["client_secret_basic", "private_key_jwt"]
    client_secret: str | None = None
    private_key_file: str | None = None
    proxy: str | None = None

    def __repr__(self) -> str:
        """Without the secret, so that no traceback or log shows it."""
        return f"Profile({self.base_url!r}, {self.client_id!r}, {self.method!r})"


class _ProfileFile(msgspec.Struct):
    profiles: dict[str, Profile] = {}


def home() -> Path:
    """The folder of the client's files, made with mode 0700 when it is missing."""
    chosen = os.environ.get("ZHIXIN_AGENCY_HOME")
    folder = Path(chosen) if chosen else Path.home() / ".config" / "zhixin"
    return make_private(folder)


def make_private(folder: Path) -> Path:
    """Make a folder that only its owner may open."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)
    return folder


def write_private(path: Path, content: bytes) -> None:
    """Replace a file atomically and durably, readable by its owner only."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp makes mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def store(path: Path, value: Any) -> None:
    """Keep a structure as a JSON file that a person can read."""
    write_private(path, msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")


def load(path: Path, kind: type[Stored]) -> Stored | None:
    """The structure kept in a file, or None when there is none.

    Raises:
        AgencyError: the file is damaged.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.DecodeError as error:
        raise AgencyError(
            f"{path} is damaged: {error}", "remove the file and run the command again"
        ) from error


def save_profile(name: str, profile: Profile) -> Path:
    """Add or replace one profile; the others stay."""
    path = home() / "agency.json"
    kept = load(path, _ProfileFile) or _ProfileFile()
    kept.profiles[name] = profile
    store(path, kept)
    return path


def read_profile(name: str) -> Profile:
    """The profile of this name.

    Raises:
        NotLoggedInError: there is none.
    """
    kept = load(home() / "agency.json", _ProfileFile) or _ProfileFile()
    if name not in kept.profiles:
        known = ", ".join(sorted(kept.profiles)) or "none"
        raise NotLoggedInError(
            f"there is no profile {name!r} (known: {known})",
            "run: zhixin agency login --base-url URL --client-id ID",
        )
    return kept.profiles[name]


def short_digest(*parts: str) -> str:
    """A file name's worth of SHA-256 over the parts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def platform_folder(base_url: str) -> Path:
    """Where everything that belongs to one platform lies."""
    return make_private(home() / "state" / short_digest(base_url))


def keys_path(base_url: str) -> Path:
    """The cached JWK set of a platform's receipt keys."""
    return platform_folder(base_url) / "receipt-keys.json"


def push_path(base_url: str, key: str) -> Path:
    """The state of the push with this idempotency key."""
    return platform_folder(base_url) / f"push-{short_digest(key)}.json"


def pull_path(profile: Profile) -> Path:
    """The state of this client's pull."""
    return platform_folder(profile.base_url) / f"pull-{short_digest(profile.client_id)}.json"
