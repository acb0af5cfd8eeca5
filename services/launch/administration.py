"""Administration without a browser: agencies, grants, credentials and signing keys, straight on the exchange's database.

Settings come from the environment, as for the service. Exit status: 0 done, 1 refused or failed, 2 usage.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from services.exchange.domain.credential import OVERLAP, status_of
from services.exchange.service import administration, credentials
from services.exchange.service.administration import AdministrationRefused
from services.exchange.service.keys import rotate_signing_key
from services.exchange.settings import ExchangeSettings
from services.exchange.store.keychain import PURPOSE
from services.exchange.store.keys import Use, all_keys
from services.kernel.clock import SHANGHAI, shanghai_day, system_clock, to_wire
from services.kernel.db import Database, ReadSession, WriteSession
from services.kernel.sealing import Sealer

agency_admin = typer.Typer(
    help="机关与授权：登记、列出、授予 / Agencies and their grants.", no_args_is_help=True
)
credential = typer.Typer(
    help="凭证：签发、轮换、吊销、列出 / Credentials of agencies' systems.", no_args_is_help=True
)
signing_key = typer.Typer(
    help="签名密钥：轮换、列出 / Signing keys of tokens and receipts.", no_args_is_help=True
)

AsJSON = Annotated[bool, typer.Option("--json", help="Answer as JSON, for programs.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="YYYY-MM-DD")]
_NOTICE: Final = "The secret is shown this once and cannot be had again. / 密钥仅显示这一次。"


@agency_admin.command("seed")
def seed(
    reform: Annotated[bool, typer.Option(help="Also the successors of 2018.")] = False,
    as_json: AsJSON = False,
) -> None:
    """Enter the departments of the mandate; doing it again changes nothing."""
    with _writing("departments_seed") as (session, _):
        added = administration.seed_departments(session, reform=reform)
    _tell({"added": added}, as_json)


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
    with _writing("agency_register") as (session, _):
        identity = administration.register_agency(
            session,
            department=department,
            name=name,
            level=level,
            region=region,
            code=uscc,
            superior=superior,
            valid_from=_day(valid_from) or _today(),
            valid_until=_day(valid_until),
        )
    _tell({"id": identity}, as_json)


@agency_admin.command("list")
def list_agencies(as_json: AsJSON = False) -> None:
    """List the agencies."""
    with _reading() as session:
        rows = [
            {
                "id": row.id, "name": row.name, "level": row.level, "region": row.region, "superior": row.superior,
                "uscc": row.uscc, "valid_from": row.valid_from.isoformat(), "valid_until": _text(row.valid_until),
            }
            for row in administration.list_agencies(session)
        ]  # fmt: skip
    _show(rows, as_json)


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
    with _writing("grant_add") as (session, _):
        identity = administration.add_grant(
            session,
            agency=agency,
            direction=direction,
            kind=kind,
            within=region,
            groups=group or administration.FIELD_GROUPS,
            purpose=purpose,
            basis=basis,
            valid_from=_day(valid_from) or _today(),
            valid_until=_day(valid_until),
        )
    _tell({"id": identity}, as_json)


@agency_admin.command("end-grant")
def end_grant(
    grant_id: Annotated[str, typer.Argument()], last_day: Day = None, as_json: AsJSON = False
) -> None:
    """Let a grant end with a day; at once when none is given."""
    day = _day(last_day) or _today() - timedelta(days=1)
    with _writing("grant_end") as (session, _):
        administration.end_grant(session, grant_id, last_day=day)
    _tell({"id": grant_id, "last_day": day.isoformat()}, as_json)


@credential.command("issue")
def issue(
    agency: Annotated[str, typer.Argument(help="Id of the agency.")],
    label: Annotated[str, typer.Option(help="Which system it is for.")] = "",
    public_key: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="PEM; instead of a secret.")
    ] = None,
    scope: Annotated[list[str] | None, typer.Option(help="Narrow it to this scope; may be repeated.")] = None,
    expires: Day = None,
    as_json: AsJSON = False,
) -> None:
    """Issue a credential, with a new secret or for the agency's own public key."""
    last = _day(expires)
    with _writing("credential_issue") as (session, settings):
        issued = credentials.issue_credential(
            session,
            settings.secret.get_secret_value(),
            agency=agency,
            now=system_clock(),
            label=label,
            public_key_pem=_pem(public_key),
            scopes=scope or None,
            expires_at=datetime.combine(last + timedelta(days=1), datetime.min.time(), SHANGHAI)
            if last
            else None,
        )
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
    as_json: AsJSON = False,
) -> None:
    """Issue a new credential in place of one, which still works for a while."""
    with _writing("credential_rotate") as (session, settings):
        issued = credentials.rotate_credential(
            session,
            settings.secret.get_secret_value(),
            client_id=client_id,
            now=system_clock(),
            public_key_pem=_pem(public_key),
            overlap=timedelta(hours=overlap_hours),
        )
    _tell_issued(issued, as_json)


@credential.command("revoke")
def revoke(client_id: Annotated[str, typer.Argument()], as_json: AsJSON = False) -> None:
    """End a credential and its tokens; both services refuse them within seconds."""
    with _writing("credential_revoke") as (session, _):
        credentials.revoke_credential(session, client_id=client_id, now=system_clock())
    _tell({"client_id": client_id, "status": "revoked"}, as_json)


@credential.command("list")
def list_credentials(
    agency: Annotated[str | None, typer.Option(help="Only this agency's.")] = None, as_json: AsJSON = False
) -> None:
    """List credentials, whatever their state; secrets are not kept and cannot be listed."""
    now = system_clock()
    with _reading() as session:
        rows = [
            {
                "client_id": row.client_id, "agency": row.agency, "label": row.label, "method": row.method,
                "status": status_of(expires_at=row.expires_at, revoked_at=row.revoked_at, now=now),
                "scopes": row.scopes, "created_at": _text(row.created_at), "expires_at": _text(row.expires_at),
                "last_used_at": _text(row.last_used_at),
            }
            for row in credentials.list_credentials(session, agency=agency)
        ]  # fmt: skip
    _show(rows, as_json)


@signing_key.command("rotate")
def rotate_key(use: Annotated[Use, typer.Argument()], as_json: AsJSON = False) -> None:
    """Publish a new signing key, which takes over by itself a little later."""
    with _writing("signing_key_rotate") as (session, settings):
        sealer = Sealer(settings.secret.get_secret_value(), PURPOSE)
        row = rotate_signing_key(session, sealer, use, system_clock())
        answer = {"kid": row.kid, "use": row.use, "active_from": _text(row.active_from)}
    _tell(answer, as_json)


@signing_key.command("list")
def list_keys(as_json: AsJSON = False) -> None:
    """List the signing keys."""
    with _reading() as session:
        rows = [
            {
                "kid": row.kid, "use": row.use, "created_at": _text(row.created_at),
                "active_from": _text(row.active_from), "retired_at": _text(row.retired_at),
            }
            for row in all_keys(session)
        ]  # fmt: skip
    _show(rows, as_json)


@contextmanager
def _database() -> Iterator[tuple[Database, ExchangeSettings]]:
    try:
        settings = ExchangeSettings()
    except ValidationError as error:
        places = "; ".join(
            f"ZHIXIN_EXCHANGE_{'_'.join(map(str, found['loc'])).upper()}: {found['msg']}"
            for found in error.errors()
        )
        _fail(f"the exchange's settings are not complete: {places}")
    database = Database(settings.database_url)
    try:
        yield database, settings
    except AdministrationRefused as refusal:
        _fail(str(refusal))
    except SQLAlchemyError as error:
        _fail(f"the exchange's database: {str(error).splitlines()[0]}")
    finally:
        database.close()


@contextmanager
def _writing(name: str) -> Iterator[tuple[WriteSession, ExchangeSettings]]:
    with _database() as (database, settings), database.write(name) as session:
        yield session, settings


@contextmanager
def _reading() -> Iterator[ReadSession]:
    with _database() as (database, _), database.read() as session:
        yield session


def _fail(reason: str) -> NoReturn:
    typer.echo(reason, err=True)
    raise typer.Exit(1)


def _tell(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False))
        return
    for name, value in answer.items():
        typer.echo(f"{name}: {value}")


def _tell_issued(issued: credentials.IssuedCredential, as_json: bool) -> None:
    answer = {"client_id": issued.client_id, "agency": issued.agency, "expires_at": _text(issued.expires_at)}
    _tell(answer | ({"client_secret": issued.client_secret} if issued.client_secret else {}), as_json)
    if issued.client_secret:
        typer.echo(_NOTICE, err=True)


def _show(rows: Sequence[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"items": rows, "next": None}, ensure_ascii=False))
        return
    table = Table(*(rows[0] if rows else ["-"]), box=None)
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    Console().print(table)


def _pem(path: Path | None) -> str | None:
    return None if path is None else path.read_text(encoding="utf-8")


def _day(value: datetime | None) -> date | None:
    return None if value is None else value.date()


def _today() -> date:
    return shanghai_day(system_clock())


def _text(value: date | datetime | None) -> str | None:
    if isinstance(value, datetime):
        return to_wire(value.astimezone(UTC))
    return None if value is None else value.isoformat()
