"""Setting up an account by an invitation. Its code travels in bodies only: addresses end up in logs."""

from datetime import datetime
from typing import Final

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.exchange.api.sessions import ThisExchange
from services.exchange.service.enrolment import NoSuchEnrolment, enrol, open_invitation
from services.kernel.access import Role
from services.kernel.problems import Problem

router: Final = APIRouter(prefix="/v1/staff/enrolments", tags=["staff"])


class EnrolmentCode(BaseModel):
    """The code of an invitation."""

    model_config = ConfigDict(extra="forbid")
    code: str = Field(max_length=100, examples=["zxe_…"])


class EnrolmentOpened(BaseModel):
    """The account that is to be set up, and its second factor for an authenticator."""

    username: str
    name: str
    role: Role
    agency: str
    totp_secret: str = Field(description="In base 32")
    totp_address: str = Field(description="The same as an otpauth address, for a QR code")
    expires_at: datetime


class EnrolmentCompletion(EnrolmentCode):
    """The password that the person chooses, and a code by which the authenticator proves that it has the secret."""

    password: str = Field(max_length=1000, description="12 to 200 characters")
    totp_code: str = Field(max_length=20)


class Enrolled(BaseModel):
    """The account that may log in now."""

    username: str


@router.post("/{enrolment}")
def open_enrolment(exchange: ThisExchange, enrolment: str, given: EnrolmentCode) -> EnrolmentOpened:
    """See whose account an invitation sets up, and the second factor; nothing is used up yet."""
    try:
        opened = open_invitation(exchange, enrolment, given.code)
    except NoSuchEnrolment:
        raise Problem("not_found") from None
    return EnrolmentOpened(
        username=opened.username,
        name=opened.name,
        role=Role(opened.role),
        agency=opened.agency,
        totp_secret=opened.totp_secret,
        totp_address=opened.totp_address,
        expires_at=opened.expires_at,
    )


@router.post("/{enrolment}/completion")
def complete_enrolment(exchange: ThisExchange, enrolment: str, given: EnrolmentCompletion) -> Enrolled:
    """Set the password and the second factor; the invitation is used up. The code sent here does not log in too."""
    try:
        username = enrol(exchange, enrolment, given.code, password=given.password, totp_code=given.totp_code)
    except NoSuchEnrolment:
        raise Problem("not_found") from None
    return Enrolled(username=username)
