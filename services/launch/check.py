"""`zhixin check`: the whole of both databases against what must always be true."""

import os
from typing import Annotated

import typer
from rich.console import Console

from services.credit.service.selfcheck import check_credit
from services.exchange.service.selfcheck import check_exchange
from services.kernel.clock import system_clock
from services.kernel.db import Database
from services.launch.embedded import CREDIT_VARIABLE, EXCHANGE_VARIABLE

console = Console()


def check(
    province: Annotated[str, typer.Option(help="The province whose firms are graded.")] = "430000",
) -> None:
    """Recompute grades, facts, and the journal's order in the databases named by ZHIXIN_…_DATABASE_URL."""
    findings: list[str] = []
    if url := os.environ.get(CREDIT_VARIABLE):
        findings += check_credit(Database(url), system_clock(), province)
    if url := os.environ.get(EXCHANGE_VARIABLE):
        findings += check_exchange(Database(url))
    for finding in findings[:50]:
        console.print(finding, style="red", soft_wrap=True, markup=False)
    if findings:
        console.print(f"{len(findings)} findings", style="red")
        raise typer.Exit(1)
    console.print("all holds / 一切相符")
