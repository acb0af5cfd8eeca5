"""The second factor: time-based codes (RFC 6238), six digits, thirty seconds, one step of drift either way."""

import base64
import os
from datetime import datetime
from typing import Final

import pyotp
from pyotp.exceptions import OTPVerificationError

SEAL_PURPOSE: Final = "staff-totp"
ISSUER_NAME: Final = "Zhixin"
_DRIFT_STEPS: Final = 1


def new_secret() -> str:
    """A new secret in base 32, 160 bits."""
    return base64.b32encode(os.urandom(20)).decode()


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step of which a code is, or None of a code that is wrong now. A step may be used once: see the account."""
    if len(code) != 6 or not (code.isascii() and code.isdigit()):
        return None
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(
            code, for_time=now.timestamp(), valid_window=_DRIFT_STEPS
        )
    except OTPVerificationError:
        return None


def code_at(secret: str, now: datetime) -> str:
    """The code that an authenticator shows at an instant."""
    return pyotp.TOTP(secret).at(now.timestamp())


def address_of(secret: str, username: str) -> str:
    """The secret as an `otpauth:` address, which authenticators read from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER_NAME)
