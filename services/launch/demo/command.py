"""`zhixin demo`: set up, push the province once, say how to use it, serve."""

from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.panel import Panel

from services.credit.service.product_filing import file_products
from services.kernel.clock import shanghai_day, system_clock
from services.kernel.db import Database
from services.kernel.migrate import upgrade
from services.kernel.telemetry import configure_logging
from services.launch.demo.enrolment import enrol
from services.launch.demo.people import settle
from services.launch.demo.pushing import ENTERPRISES, PushFailed, push_province
from services.launch.demo.server import AlreadyUp, serve, sole_owner
from services.launch.embedded import EmbeddedFolder
from services.launch.one_process import OneProcess
from services.launch.province import stories

SHOWN_STORIES: Final = 8
console = Console()


def demo(
    directory: Annotated[Path, typer.Option(help="Where the demo keeps its databases and secrets.")] = Path(
        ".zhixin"
    ),
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8080,
    enterprises: Annotated[
        int, typer.Option(min=11, help="How many firms the synthetic province has.")
    ] = ENTERPRISES,
) -> None:
    """Bring up both services with a synthetic province (演示数据), pushed through the real API."""
    configure_logging("WARNING")
    folder = EmbeddedFolder(directory)
    try:
        with sole_owner(folder.path):
            _run(folder, host, port, enterprises)
    except AlreadyUp:
        known = folder.read("demo.json")
        place = known["base_url"] if known else "its first start is still under way"
        console.print(f"演示已在运行 / the demo is up already: {place}", soft_wrap=True)
    except PushFailed as failure:
        console.print(
            f"[red]演示数据推送失败 / the demo data could not be pushed:[/] {failure}", soft_wrap=True
        )
        raise typer.Exit(1) from None


def _run(folder: EmbeddedFolder, host: str, port: int, enterprises: int) -> None:
    base_url = f"http://{host}:{port}"
    credit, exchange = folder.settings(base_url)
    console.print(f"准备数据库 / preparing the databases in {folder.path}", soft_wrap=True)
    upgrade(credit.database_url, "credit")
    credit_database = Database(credit.database_url)
    file_products(credit_database)
    credit_database.close()
    upgrade(exchange.database_url, "exchange")
    # a deployment is a folder and its two databases: pointed at others, it starts with nothing of the first
    place = sha256(f"{credit.database_url}\n{exchange.database_url}".encode()).hexdigest()[:16]
    state = folder.read(f"state-{place}.json") or {
        "on": shanghai_day(system_clock()).isoformat(),
        "credentials": {},
        "staff": {},
    }
    database = Database(exchange.database_url)
    state["credentials"] = enrol(
        database, exchange.secret.get_secret_value(), state["credentials"], system_clock()
    )
    state["staff"] = settle(
        database, exchange.secret.get_secret_value(), state.get("staff", {}), system_clock()
    )
    database.close()
    folder.write(f"state-{place}.json", state)

    def fill() -> None:
        if state.get("pushed") is None:
            state["pushed"] = push_province(
                base_url,
                state["credentials"],
                date.fromisoformat(state["on"]),
                enterprises=enterprises,
                console=console,
            )
            folder.write(f"state-{place}.json", state)
        folder.write(
            "demo.json",
            {
                "base_url": base_url,
                "credentials": list(state["credentials"].values()),
                "staff": list(state["staff"].values()),
            },
        )
        _introduce(base_url, state, folder.path)

    serve(OneProcess(credit, exchange), host, port, fill)


def _introduce(base_url: str, state: dict[str, Any], folder: Path) -> None:
    counts = state["pushed"]
    market = state["credentials"]["industry_commerce-430000"]
    story = stories(0, date.fromisoformat(state["on"]))
    lines = [
        (
            f"[bold]{base_url}[/]   演示数据 / synthetic data: {counts['total']:,} records"
            f" ({counts['accepted']:,} accepted, {counts['held']:,} held)"
        ),
        (
            f"凭证与账号 / credentials and accounts: {folder / 'demo.json'}"
            f" ({len(state['credentials'])} agencies, {len(state['staff'])} people)"
        ),
        "",
        *(_account_line(person) for person in state["staff"].values()),
        "",
        *(f"{uscc}  {name}  {zh} / {en}" for uscc, name, zh, en in story[:SHOWN_STORIES]),
    ]
    console.print(Panel("\n".join(lines), title="质信 Zhixin", expand=False))
    for line in _curl_lines(base_url, market, story[0][0]):
        console.print(line, soft_wrap=True, highlight=False, markup=False)
    console.print("Ctrl-C 停止 / stops")


def _account_line(person: dict[str, Any]) -> str:
    """An account as the introduction shows it; the second factor's secret stays in the file."""
    return f"{person['username']:<19} {person['password']}  {person['role']}, {person['agency']}"


def _curl_lines(base_url: str, credential: dict[str, Any], code: str) -> list[str]:
    basic = f"-u '{credential['client_id']}:{credential['client_secret']}'"
    pick = """ | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/'"""
    return [
        f"TOKEN=$(curl -s {basic} -d grant_type=client_credentials {base_url}/oauth2/token{pick})",
        f'curl -s -H "Authorization: Bearer $TOKEN" "{base_url}/v1/enterprises/{code}/grade?explain=true"',
        f'curl -s -H "Authorization: Bearer $TOKEN" "{base_url}/v1/changes?limit=5"',
    ]
