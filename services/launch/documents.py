"""`zhixin openapi`: the documents of both APIs, written from the routes, or compared with what is committed."""

import json
import tempfile
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from fastapi import FastAPI
from rich.console import Console

from services.kernel.openapi import document
from services.launch.embedded import EmbeddedFolder
from services.launch.one_process import OneProcess

FOLDER: Final = Path(__file__).resolve().parents[2] / "openapi"
console = Console(stderr=True)


def openapi(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; fail when a document is not up to date.")
    ] = False,
) -> None:
    """Write `openapi/credit.json` and `openapi/exchange.json`."""
    with tempfile.TemporaryDirectory() as scratch:
        both = OneProcess(*EmbeddedFolder(Path(scratch)).settings("https://zhixin.example"))
        made = {"credit": rendered(both.credit), "exchange": rendered(both.exchange)}
    stale = []
    for name, text in made.items():
        file = FOLDER / f"{name}.json"
        if check:
            if not file.exists() or file.read_text(encoding="utf-8") != text:
                stale.append(f"openapi/{name}.json")
        else:
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
    if stale:
        console.print(f"not up to date: {', '.join(stale)}; run `zhixin openapi`", style="red")
        raise typer.Exit(1)


def rendered(app: FastAPI) -> str:
    """The document of an application as it is committed."""
    found: dict[str, Any] = document(app)
    return json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
