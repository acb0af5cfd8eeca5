"""`zhixin staff`: accounts of people, straight on the exchange's database; so the first administrator comes to be.

What these commands do stands in the audit under the name of the account on the server that ran them.
"""

import os
import sys
from typing import Annotated, Final

import typer

from services.exchange.domain.staff import status_of
from services.exchange.service import staff as service
from services.exchange.service.totp import SEAL_PURPOSE, code_at
from services.exchange.settings import ExchangeSettings
from services.exchange.store.staff import accounts
from services.kernel.access import Role
from services.kernel.clock import system_clock
from services.kernel.sealing import Sealer
from services.launch.operator import AsJSON, fail, operator, reading, show, tell, text, writing

staff = typer.Typer(help="工作人员账号：邀请、列出、停用、重置 / Accounts of staff.", no_args_is_help=True)
SECRET_VARIABLE: Final = "ZHIXIN_TOTP_SECRET"  # noqa: S105 - the name of a variable
_EVERYBODY: Final = 1_000_000
_NOTICE: Final = (
    "The code works once, within the hour, and is shown this once. / 邀请码一小时内有效，仅显示这一次。"
)


@staff.command("invite")
def invite(
    username: Annotated[str, typer.Argument(help="Such as wang.fang; never given to another person.")],
    name: Annotated[str, typer.Option(help="The person's name.")],
    role: Annotated[Role, typer.Option()],
    agency: Annotated[str, typer.Option(help="Id of the person's agency.")],
    as_json: AsJSON = False,
) -> None:
    """Make an account; its person sets password and second factor by the address and the code that are printed."""
    with writing("staff_invite") as (session, settings):
        made = service.invite_staff(
            session, _sealer(settings), username=username, name=name, role=role, agency=agency, now=system_clock(),
            actor=operator(),
        )  # fmt: skip
    _tell_invitation(made, settings, as_json)


@staff.command("list")
def list_staff(
    agency: Annotated[str | None, typer.Option(help="Only this agency's.")] = None, as_json: AsJSON = False
) -> None:
    """List the accounts, whatever their state."""
    with reading() as session:
        found = accounts(session, agencies=None if agency is None else [agency], after="", limit=_EVERYBODY)
        rows = [
            {
                "username": row.username, "name": row.name, "role": row.role, "agency": row.agency,
                "status": status_of(enrolled_at=row.enrolled_at, disabled_at=row.disabled_at),
                "invited_at": text(row.invited_at), "last_login_at": text(row.last_login_at),
            }
            for row in found
        ]  # fmt: skip
    show(rows, as_json)


@staff.command("disable")
def disable(username: Annotated[str, typer.Argument()], as_json: AsJSON = False) -> None:
    """Let nobody use an account any more; its sessions end in both services within seconds."""
    with writing("staff_disable") as (session, _):
        service.disable_staff(session, username=username, now=system_clock(), actor=operator())
    tell({"username": username, "status": "disabled"}, as_json)


@staff.command("enable")
def enable(username: Annotated[str, typer.Argument()], as_json: AsJSON = False) -> None:
    """Let a disabled account be used again."""
    with writing("staff_enable") as (session, _):
        service.enable_staff(session, username=username, now=system_clock(), actor=operator())
    tell({"username": username, "status": "enabled"}, as_json)


@staff.command("role")
def role(
    username: Annotated[str, typer.Argument()],
    given: Annotated[Role, typer.Argument(metavar="ROLE")],
    as_json: AsJSON = False,
) -> None:
    """Give an account another role; its sessions end."""
    with writing("staff_role") as (session, _):
        service.change_role(session, username=username, role=given, now=system_clock(), actor=operator())
    tell({"username": username, "role": str(given)}, as_json)


@staff.command("reset")
def reset(username: Annotated[str, typer.Argument()], as_json: AsJSON = False) -> None:
    """Take password and second factor away, end the sessions, and invite the person anew."""
    with writing("staff_reset") as (session, settings):
        made = service.reset_staff(
            session, _sealer(settings), username=username, now=system_clock(), actor=operator()
        )
    _tell_invitation(made, settings, as_json)


@staff.command("code")
def code() -> None:
    """Print the code that an authenticator shows now, for the secret in ZHIXIN_TOTP_SECRET or on standard input."""
    secret = (os.environ.get(SECRET_VARIABLE) or sys.stdin.readline()).strip().upper()
    try:
        typer.echo(code_at(secret, system_clock()))
    except ValueError:
        fail("this is no secret in base 32")


def _sealer(settings: ExchangeSettings) -> Sealer:
    return Sealer(settings.secret.get_secret_value(), SEAL_PURPOSE)


def _tell_invitation(made: service.Invitation, settings: ExchangeSettings, as_json: bool) -> None:
    answer = {
        "username": made.username,
        "enrolment": made.enrolment,
        "url": f"{settings.issuer}/v1/staff/enrolments/{made.enrolment}",
        "code": made.code,
        "expires_at": text(made.expires_at),
    }
    tell(answer, as_json)
    typer.echo(_NOTICE, err=True)
