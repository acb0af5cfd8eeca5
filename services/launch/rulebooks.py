"""Rule books on the command line: check, simulate, activate. Exit status: 0 done, 1 refused or failed, 2 usage.

All but `check` work straight on credit's database, by the settings of the environment, as for the service, which may go
on serving.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import Progress
from sqlalchemy.exc import SQLAlchemyError

from services.credit.domain.activation import ActivationRefused, ActivationStep
from services.credit.domain.rulebook import RuleBook, RuleBookError, RuleFault, read_rulebook
from services.credit.service import activation
from services.credit.service.context import Credit
from services.credit.service.simulation import Report, simulate
from services.credit.settings import CreditSettings
from services.credit.store import activations
from services.kernel.clock import system_clock, to_wire
from services.kernel.db import Database
from services.kernel.texts import DEFAULT, Language, Text

rulebook = typer.Typer(
    help="评价规则：检查、试算、启用 / Rule books: check, simulate, activate.", no_args_is_help=True
)

AsJSON = Annotated[bool, typer.Option("--json", help="Answer as JSON, for programs.")]
InLanguage = Annotated[Language, typer.Option("--language", help="Of reasons and cures.")]
BookFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A rule book in TOML.")]

Officer = Annotated[str, typer.Option("--officer", help="Your name, as it will stand in the register.")]

REFUSALS: Final[dict[str, Text]] = {
    "officer_missing": Text("请填写经办人姓名", "name the officer"),
    "already_active": Text("该规则已在使用", "this rule book grades already"),
    "other_text": Text(
        "另一规则正在启用中；请先完成或撤回",
        "another text is being activated: complete or withdraw that first",
    ),
    "same_officer": Text("须由另一名经办人确认", "another officer must confirm what one proposed"),
    "other_officers": Text(
        "只有提出或确认的经办人可以继续", "only the two officers of this activation may resume it"
    ),
    "released_already": Text(
        "该编号已用于另一文本；请换新编号", "another text was released under this id: give it a new one"
    ),
    "not_valid_today": Text("今天不在该规则的有效期内", "the book is not valid today"),
    "nothing_under_way": Text("没有正在启用的规则", "no activation is under way"),
    "nothing_confirmed": Text("没有已确认的规则", "no activation is confirmed"),
}


@rulebook.command("check")
def check(file: BookFile, language: InLanguage = DEFAULT, as_json: AsJSON = False) -> None:
    """Read a rule book and tell every fault with its line, its reason and its cure; status 1 when there is one."""
    try:
        book = read_rulebook(file.read_bytes())
    except RuleBookError as refused:
        _tell_faults(file, refused.faults, language, as_json)
        raise typer.Exit(1) from None
    answer: dict[str, Any] = {
        "file": str(file), "sound": True, "id": book.id, "digest": book.digest,
        "valid_from": book.valid_from.isoformat(), "rules": len(book.rules), "faults": [],
    }  # fmt: skip
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False))
    else:
        typer.echo(f"{file}: {book.id} 无误 / sound, {len(book.rules)} rules, {book.digest}")


def _tell_faults(file: Path, faults: tuple[RuleFault, ...], language: Language, as_json: bool) -> None:
    rows = [
        {"line": found.line, "path": found.path, "code": found.code, "message": found.why(language), "cure": found.cure(language)}
        for found in faults
    ]  # fmt: skip
    if as_json:
        typer.echo(json.dumps({"file": str(file), "sound": False, "faults": rows}, ensure_ascii=False))
        return
    for row in rows:
        typer.echo(f"{file}:{row['line'] or '?'}: {row['path'] or '-'}: {row['message']} → {row['cure']}")
    typer.echo(f"{file}: {len(rows)} 处有误 / faults", err=True)


@rulebook.command("simulate")
def simulate_book(file: BookFile, language: InLanguage = DEFAULT, as_json: AsJSON = False) -> None:
    """Grade every firm by the active book and by another, and tell who would move; nothing is changed."""
    book = _read(file, language, as_json)
    with _credit(language) as credit, _progress("试算 / simulating", hidden=as_json) as report:
        found, active, today = simulate(credit, book, report)
    told = {
        "active": active.id,
        "simulated": book.id,
        "digest": book.digest,
        "on": today.isoformat(),
        **found.told(),
    }
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    typer.echo(f"{active.id} → {book.id}, {today}: {found.firms} firms, {found.changed} letters change")
    for move in told["matrix"]:
        typer.echo(f"  {move['from']:>8} → {move['to']:<8} {move['firms']}")
    for mover in told["largest_movers"][:10]:
        before, after = mover["from"], mover["to"]
        typer.echo(
            f"  {mover['uscc']} {before['grade']} {before['score']} → {after['grade']} {after['score']}"
        )


@rulebook.command("activate")
def activate(
    file: BookFile, officer: Officer, language: InLanguage = DEFAULT, as_json: AsJSON = False
) -> None:
    """Let a rule book grade: the first officer's call proposes it, a second officer's call with the same text confirms it,
    builds every card and switches. An interrupted build is resumed by calling again."""
    _read(file, language, as_json)
    text = file.read_text(encoding="utf-8")
    with _credit(language) as credit:
        step = activation.ask(credit, text, officer)
        if step is ActivationStep.PROPOSE:
            _tell(
                as_json,
                {"step": step, "state": "proposed"},
                "已提出；须由另一名经办人确认 / proposed: another officer must confirm",
            )
            return
        with _progress("计算等级 / building cards", hidden=as_json) as report:
            activation.build(credit, report)
        done = activation.switch(credit)
    told = {
        "step": step,
        "state": "active",
        "before": done.before,
        "active": done.after,
        "changed": done.changed,
    }
    _tell(as_json, told, f"{done.before} → {done.after}: {done.changed} 个等级变动 / letters changed")


@rulebook.command("withdraw")
def withdraw(officer: Officer, language: InLanguage = DEFAULT, as_json: AsJSON = False) -> None:
    """End the activation under way."""
    with _credit(language) as credit:
        book_id = activation.withdraw(credit, officer)
    _tell(as_json, {"rulebook": book_id, "state": "withdrawn"}, f"{book_id}: 已撤回 / withdrawn")


@rulebook.command("activations")
def list_activations(language: InLanguage = DEFAULT, as_json: AsJSON = False) -> None:
    """List every activation: who proposed and confirmed it, and since when the book grades."""
    with _credit(language) as credit, credit.database.read() as session:
        rows = [
            each._asdict() | {
                name: to_wire(value) if value else None
                for name, value in zip(_INSTANTS, (each.proposed_at, each.confirmed_at, each.activated_at), strict=True)
            }
            for each in activations.every(session)
        ]  # fmt: skip
    if as_json:
        typer.echo(json.dumps({"items": rows, "next": None}, ensure_ascii=False))
        return
    for row in rows:
        typer.echo(
            f"{row['rulebook']} {row['state']} {row['proposed_by']} / {row['confirmed_by'] or '-'} {row['activated_at'] or ''}"
        )


_INSTANTS: Final = ("proposed_at", "confirmed_at", "activated_at")


def _read(file: Path, language: Language, as_json: bool) -> RuleBook:
    try:
        return read_rulebook(file.read_bytes())
    except RuleBookError as refused:
        _tell_faults(file, refused.faults, language, as_json)
        raise typer.Exit(1) from None


@contextmanager
def _credit(language: Language) -> Iterator[Credit]:
    try:
        settings = CreditSettings()
    except ValidationError as error:
        places = (
            f"ZHIXIN_CREDIT_{'_'.join(map(str, found['loc'])).upper()}: {found['msg']}"
            for found in error.errors()
        )
        _fail(f"credit's settings are not complete: {'; '.join(places)}")
    database = Database(settings.database_url)
    try:
        yield Credit(settings, system_clock, database)
    except ActivationRefused as refused:
        _fail(REFUSALS[refused.code].to(language))
    except SQLAlchemyError as error:
        _fail(f"credit's database: {str(error).splitlines()[0]}")
    finally:
        database.close()


@contextmanager
def _progress(label: str, *, hidden: bool) -> Iterator[Report]:
    with Progress(console=Console(stderr=True), disable=hidden) as progress:
        task = progress.add_task(label, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _tell(as_json: bool, told: dict[str, Any], line: str) -> None:
    typer.echo(json.dumps(told, ensure_ascii=False) if as_json else line)


def _fail(reason: str) -> NoReturn:
    typer.echo(reason, err=True)
    raise typer.Exit(1)
