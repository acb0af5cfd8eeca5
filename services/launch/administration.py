"""Administration without a browser: agencies, grants, credentials and signing keys, straight on the exchange's database.

Settings come from the environment, as for the service. Exit status: 0 done, 1 refused or failed, 2 usage.
"""

import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from services.exchange.domain.credential import OVERLAP, nearing_end
from services.exchange.service import administration, credentials, succession
from services.exchange.service.audit import AdministrativeAct, record
from services.exchange.service.keys import rotate_signing_key
from services.exchange.service.reform_plan import read_plan
from services.exchange.store.keychain import PURPOSE
from services.exchange.store.keys import Use, all_keys
from services.kernel.clock import SHANGHAI, system_clock
from services.kernel.db import WriteSession
from services.kernel.sealing import Sealer
from services.launch.operator import AsJSON, Day, day_of, operator, reading, show, tell, text, today, writing

agency_admin = typer.Typer(
    help="机关与授权：登记、列出、授予 / Agencies and their grants.", no_args_is_help=True
)
credential = typer.Typer(
    help="凭证：签发、轮换、吊销、列出 / Credentials of agencies' systems.", no_args_is_help=True
)
signing_key = typer.Typer(
    help="签名密钥：轮换、列出 / Signing keys of tokens and receipts.", no_args_is_help=True
)

_KNOWN_AFTER_SECONDS: Final = 2.0
"""Credit asks for the policy each second: once a credential is shown it works everywhere, so that none is refused."""
_NOTICE: Final = "The secret is shown this once and cannot be had again. / 密钥仅显示这一次。"


@agency_admin.command("seed")
def seed(
    reform: Annotated[bool, typer.Option(help="Also the successors of 2018.")] = False,
    as_json: AsJSON = False,
) -> None:
    """Enter the departments of the mandate; doing it again changes nothing."""
    with writing("departments_seed") as (session, _):
        added = administration.seed_departments(session, reform=reform)
    tell({"added": added}, as_json)


@agency_admin.command("add")
def add_agency(
    department: Annotated[str, typer.Option(help="Code, such as quality_supervision.")],
    name: Annotated[str, typer.Option(help="Official name.")],
    level: Annotated[administration.Level, typer.Option()],
    region: Annotated[str, typer.Option(help="GB/T 2260, such as 430100.")],
    uscc: Annotated[str, typer.Option(help="The agency's own unified social credit code.")],
    superior: Annotated[str | None, typer.Option(help="Id of the agency above.")] = None,
    valid_from: Day = None,
    valid_until: Day = None,
    as_json: AsJSON = False,
) -> None:
    """Register an agency; its id is DEPARTMENT-REGION."""
    with writing("agency_register") as (session, _):
        identity = administration.register_agency(
            session,
            department=department,
            name=name,
            level=level,
            region=region,
            code=uscc,
            superior=superior,
            valid_from=day_of(valid_from) or today(),
            valid_until=day_of(valid_until),
        )
        _record(session, AdministrativeAct.AGENCY_REGISTERED, identity, identity, name=name)
    tell({"id": identity}, as_json)


@agency_admin.command("list")
def list_agencies(as_json: AsJSON = False) -> None:
    """List the agencies."""
    with reading() as session:
        rows = [
            {
                "id": row.id, "name": row.name, "level": row.level, "region": row.region, "superior": row.superior,
                "uscc": row.uscc, "valid_from": row.valid_from.isoformat(), "valid_until": text(row.valid_until),
            }
            for row in administration.list_agencies(session)
        ]  # fmt: skip
    show(rows, as_json)


@agency_admin.command("grant")
def grant(
    agency: Annotated[str, typer.Argument(help="Id of the agency.")],
    direction: Annotated[Literal["push", "pull"], typer.Option()],
    purpose: Annotated[str, typer.Option(help="What the information is for.")],
    basis: Annotated[str, typer.Option(help="The legal basis.")],
    region: Annotated[list[str], typer.Option(help="Region code; may be repeated.")],
    kind: Annotated[str, typer.Option(help="A kind, * for every kind, or grade.")] = "*",
    group: Annotated[
        list[str] | None, typer.Option(help="Field group; may be repeated; all when absent.")
    ] = None,
    valid_from: Day = None,
    valid_until: Day = None,
    as_json: AsJSON = False,
) -> None:
    """Give an agency a grant."""
    with writing("grant_add") as (session, _):
        identity = administration.add_grant(
            session,
            agency=agency,
            direction=direction,
            kind=kind,
            within=region,
            groups=group or administration.FIELD_GROUPS,
            purpose=purpose,
            basis=basis,
            valid_from=day_of(valid_from) or today(),
            valid_until=day_of(valid_until),
        )
        _record(
            session,
            AdministrativeAct.GRANT_GIVEN,
            identity,
            agency,
            direction=direction,
            kind=kind,
            regions=region,
        )
    tell({"id": identity}, as_json)


@agency_admin.command("end-grant")
def end_grant(
    grant_id: Annotated[str, typer.Argument()], last_day: Day = None, as_json: AsJSON = False
) -> None:
    """Let a grant end with a day; at once when none is given."""
    end = day_of(last_day) or today() - timedelta(days=1)
    with writing("grant_end") as (session, _):
        agency = administration.end_grant(session, grant_id, last_day=end)
        _record(session, AdministrativeAct.GRANT_ENDED, grant_id, agency, last_day=end.isoformat())
    tell({"id": grant_id, "last_day": end.isoformat()}, as_json)


@agency_admin.command("succeed")
def succeed(
    plan: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Who takes over what (TOML).")],
    dry_run: Annotated[bool, typer.Option(help="Say what would be done, and do nothing.")] = False,
    as_json: AsJSON = False,
) -> None:
    """Carry out a reform: functions, grants, credentials and open requests go to the successors, in one transaction.

    Safe to run again: what was done is not done twice. See docs/administration.md.
    """
    with writing("agencies_succeeded") as (session, settings):
        read = read_plan(plan.read_text(encoding="utf-8"))
        moves = succession.succeed(
            session, settings.secret.get_secret_value(), read, now=system_clock(), actor=operator(), foresee=dry_run
        )  # fmt: skip
        left = [row.id for row in succession.left_behind(session, read)]
        if dry_run:
            session.rollback()
    rows = [
        {"what": move.what, "subject": move.subject, "agency": move.agency, "details": move.details}
        | ({"client_secret": move.secret} if move.secret and not dry_run else {})
        for move in moves
    ]
    if as_json:
        tell({"dry_run": dry_run, "moves": rows, "to_be_narrowed": left}, as_json)
    else:
        show(rows, as_json)
        tell({"dry_run": dry_run, "moves": len(rows), "to_be_narrowed": ", ".join(left)}, as_json)
    if any("client_secret" in row for row in rows):
        typer.echo(_NOTICE, err=True)


@credential.command("issue")
def issue(
    agency: Annotated[str, typer.Argument(help="Id of the agency.")],
    label: Annotated[str, typer.Option(help="Which system it is for.")] = "",
    public_key: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="PEM; instead of a secret.")
    ] = None,
    scope: Annotated[list[str] | None, typer.Option(help="Narrow it to this scope; may be repeated.")] = None,
    starts: Day = None,
    expires: Day = None,
    certificate: Annotated[
        str | None,
        typer.Option(help="Bind it to this client certificate: a PEM file, or its SHA-256 thumbprint."),
    ] = None,
    network: Annotated[
        list[str] | None, typer.Option(help="It works from this network only (CIDR); may be repeated.")
    ] = None,
    as_json: AsJSON = False,
) -> None:
    """Issue a credential, with a new secret or for the agency's own public key."""
    first, last = day_of(starts), day_of(expires)
    with writing("credential_issue") as (session, settings):
        issued = credentials.issue_credential(
            session,
            settings.secret.get_secret_value(),
            agency=agency,
            now=system_clock(),
            label=label,
            public_key_pem=_pem(public_key),
            scopes=scope or None,
            active_from=datetime.combine(first, datetime.min.time(), SHANGHAI) if first else None,
            certificate=_certificate(certificate),
            networks=network or (),
            expires_at=datetime.combine(last + timedelta(days=1), datetime.min.time(), SHANGHAI)
            if last
            else None,
        )
        _record(session, AdministrativeAct.CREDENTIAL_ISSUED, issued.client_id, agency, label=label)
    _tell_issued(issued, as_json)


@credential.command("rotate")
def rotate(
    client_id: Annotated[str, typer.Argument()],
    overlap_hours: Annotated[
        int, typer.Option(min=0, help="How long the old one still works.")
    ] = OVERLAP.days * 24,
    public_key: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="PEM of the new key.")
    ] = None,
    certificate: Annotated[
        str | None,
        typer.Option(help="The new client certificate, where it is bound to one: PEM file or thumbprint."),
    ] = None,
    as_json: AsJSON = False,
) -> None:
    """Issue a new credential in place of one, which still works for a while."""
    with writing("credential_rotate") as (session, settings):
        issued = credentials.rotate_credential(
            session,
            settings.secret.get_secret_value(),
            client_id=client_id,
            now=system_clock(),
            public_key_pem=_pem(public_key),
            certificate=_certificate(certificate),
            overlap=timedelta(hours=overlap_hours),
        )
        _record(
            session,
            AdministrativeAct.CREDENTIAL_ROTATED,
            client_id,
            issued.agency,
            successor=issued.client_id,
        )
    _tell_issued(issued, as_json)


@credential.command("revoke")
def revoke(client_id: Annotated[str, typer.Argument()], as_json: AsJSON = False) -> None:
    """End a credential and its tokens; both services refuse them within seconds."""
    with writing("credential_revoke") as (session, _):
        agency = credentials.revoke_credential(session, client_id=client_id, now=system_clock())
        _record(session, AdministrativeAct.CREDENTIAL_REVOKED, client_id, agency)
    tell({"client_id": client_id, "status": "revoked"}, as_json)


@credential.command("list")
def list_credentials(
    agency: Annotated[str | None, typer.Option(help="Only this agency's.")] = None, as_json: AsJSON = False
) -> None:
    """List credentials, whatever their state, with their ends, failures and bindings; secrets are not kept."""
    now = system_clock()
    with reading() as session:
        rows = [
            {
                "client_id": row.client_id, "agency": row.agency, "label": row.label, "method": row.method,
                "status": credentials.credential_status(row, now), "scopes": row.scopes, "created_at": text(row.created_at),
                "active_from": text(row.active_from), "expires_at": text(row.expires_at),
                "ends_in_days": None if (end := nearing_end(row.expires_at, now)) is None else max((end - now).days, 0),
                "successor": row.successor, "certificate": row.certificate, "networks": row.networks,
                "last_used_at": text(row.last_used_at), "failed_attempts": row.failed_attempts,
                "last_failed_at": text(row.last_failed_at),
            }
            for row in credentials.list_credentials(session, agency=agency)
        ]  # fmt: skip
    show(rows, as_json)


@signing_key.command("rotate")
def rotate_key(use: Annotated[Use, typer.Argument()], as_json: AsJSON = False) -> None:
    """Publish a new signing key, which takes over by itself a little later."""
    with writing("signing_key_rotate") as (session, settings):
        sealer = Sealer(settings.secret.get_secret_value(), PURPOSE)
        row = rotate_signing_key(session, sealer, use, system_clock())
        _record(session, AdministrativeAct.SIGNING_KEY_ROTATED, row.kid, "", use=use)
        answer = {"kid": row.kid, "use": row.use, "active_from": text(row.active_from)}
    tell(answer, as_json)


@signing_key.command("list")
def list_keys(as_json: AsJSON = False) -> None:
    """List the signing keys."""
    with reading() as session:
        rows = [
            {
                "kid": row.kid, "use": row.use, "created_at": text(row.created_at),
                "active_from": text(row.active_from), "retired_at": text(row.retired_at),
            }
            for row in all_keys(session)
        ]  # fmt: skip
    show(rows, as_json)


def _record(
    session: WriteSession, act: AdministrativeAct, subject: str, agency: str, **details: object
) -> None:
    record(session, operator(), act, subject=subject, agency=agency, at=system_clock(), **details)


def _tell_issued(issued: credentials.IssuedCredential, as_json: bool) -> None:
    time.sleep(_KNOWN_AFTER_SECONDS)
    answer = {"client_id": issued.client_id, "agency": issued.agency, "expires_at": text(issued.expires_at)}
    tell(answer | ({"client_secret": issued.client_secret} if issued.client_secret else {}), as_json)
    if issued.client_secret:
        typer.echo(_NOTICE, err=True)


def _certificate(given: str | None) -> str | None:
    """A thumbprint as it is, or what stands in the file that is named."""
    if given is None or not Path(given).is_file():
        return given
    return Path(given).read_text(encoding="utf-8")


def _pem(path: Path | None) -> str | None:
    return None if path is None else path.read_text(encoding="utf-8")
