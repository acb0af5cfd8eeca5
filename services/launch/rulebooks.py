"""Rule books on the command line. Exit status: 0 done, 1 refused or failed, 2 usage."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from services.credit.domain.rulebook import RuleBookError, RuleFault, read_rulebook
from services.kernel.texts import DEFAULT, Language

rulebook = typer.Typer(help="评价规则：检查 / Rule books: check.", no_args_is_help=True)

AsJSON = Annotated[bool, typer.Option("--json", help="Answer as JSON, for programs.")]
InLanguage = Annotated[Language, typer.Option("--language", help="Of reasons and cures.")]
BookFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A rule book in TOML.")]


@rulebook.callback()
def _group() -> None:
    """Have a group even while it holds one command."""


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
