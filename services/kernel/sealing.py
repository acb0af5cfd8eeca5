"""Sealing of bytes at rest: AES-256-GCM under a key that lives outside the database.

Sealed bytes are `nonce (12) ‖ ciphertext ‖ tag`; the purpose is authenticated with them, so that bytes sealed as one
thing never open as another. Sub-keys come from the service's one secret by HKDF, a purpose each.
"""

import os

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def derive(secret: str, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose from a service's secret."""
    return HKDF(hashes.SHA256(), 32, salt=None, info=f"zhixin:{purpose}".encode()).derive(secret.encode())


class Sealer:
    """Seals and opens bytes for one purpose."""

    def __init__(self, secret: str, purpose: str) -> None:
        self._cipher = AESGCM(derive(secret, f"seal:{purpose}"))
        self._purpose = purpose.encode()

    def seal(self, clear: bytes) -> bytes:
        """The sealed form of clear bytes."""
        nonce = os.urandom(12)
        return nonce + self._cipher.encrypt(nonce, clear, self._purpose)

    def open(self, sealed: bytes) -> bytes:
        """The clear bytes.

        Raises:
            cryptography.exceptions.InvalidTag: the bytes were changed, or sealed under another key or purpose.
        """
        return self._cipher.decrypt(sealed[:12], sealed[12:], self._purpose)
