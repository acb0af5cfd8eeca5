"""What every command of an operator does alike: settings from the environment, the exchange's database, answers as text
or JSON. Exit status: 0 done, 1 refused or failed, 2 usage."""

import getpass
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Annotated, Any, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from services.exchange.service.administration import AdministrationRefused
from services.exchange.service.audit import Actor
from services.exchange.settings import ExchangeSettings
from services.kernel.clock import shanghai_day, system_clock, to_wire
from services.kernel.db import Database, ReadSession, WriteSession

AsJSON = Annotated[bool, typer.Option("--json", help="Answer as JSON, for programs.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="YYYY-MM-DD")]


def operator() -> Actor:
    """Whoever runs the command, as the audit names it: by the account on the server."""
    return Actor(f"command:{getpass.getuser()}"[:100])


@contextmanager
def _exchange() -> Iterator[tuple[Database, ExchangeSettings]]:
    try:
        settings = ExchangeSettings()
    except ValidationError as error:
        places = "; ".join(
            f"ZHIXIN_EXCHANGE_{'_'.join(map(str, found['loc'])).upper()}: {found['msg']}"
            for found in error.errors()
        )
        fail(f"the exchange's settings are not complete: {places}")
    database = Database(settings.database_url)
    try:
        yield database, settings
    except AdministrationRefused as refusal:
        fail(str(refusal))
    except SQLAlchemyError as error:
        fail(f"the exchange's database: {str(error).splitlines()[0]}")
    finally:
        database.close()


@contextmanager
def writing(name: str) -> Iterator[tuple[WriteSession, ExchangeSettings]]:
    """One transaction on the exchange's database, and its settings; a refusal ends the command."""
    with _exchange() as (database, settings), database.write(name) as session:
        yield session, settings


@contextmanager
def reading() -> Iterator[ReadSession]:
    """A session on the exchange's database that cannot change anything."""
    with _exchange() as (database, _), database.read() as session:
        yield session


def fail(reason: str) -> NoReturn:
    """End the command as failed."""
    typer.echo(reason, err=True)
    raise typer.Exit(1)


def tell(answer: dict[str, Any], as_json: bool) -> None:
    """Print one answer."""
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False))
        return
    for name, value in answer.items():
        typer.echo(f"{name}: {value}")


def show(rows: Sequence[dict[str, Any]], as_json: bool) -> None:
    """Print a list."""
    if as_json:
        typer.echo(json.dumps({"items": rows, "next": None}, ensure_ascii=False))
        return
    table = Table(*(rows[0] if rows else ["-"]), box=None)
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    Console().print(table)


def day_of(value: datetime | None) -> date | None:
    """The day of an option."""
    return None if value is None else value.date()


def today() -> date:
    """Today in China."""
    return shanghai_day(system_clock())


def text(value: date | datetime | None) -> str | None:
    """A day or instant as the API writes it."""
    if isinstance(value, datetime):
        return to_wire(value.astimezone(UTC))
    return None if value is None else value.isoformat()
