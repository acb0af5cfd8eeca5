"""The `zhixin` command."""

import typer

from services.exchange.client.cli import app as agency
from services.launch.administration import agency_admin, credential, signing_key
from services.launch.check import check
from services.launch.demo.command import demo
from services.launch.documents import openapi
from services.launch.serving import migrate, serve, worker

app = typer.Typer(
    name="zhixin", help="质信：企业质量信用档案与部门信息交换 / Quality-credit files and their exchange between departments.",
    no_args_is_help=True, pretty_exceptions_enable=False,
)  # fmt: skip
app.command()(demo)
app.command()(serve)
app.command()(worker)
app.command()(migrate)
app.command()(openapi)
app.command()(check)
app.add_typer(agency_admin, name="agency-admin")
app.add_typer(credential, name="credential")
app.add_typer(signing_key, name="signing-key")
app.add_typer(agency, name="agency")


def main() -> None:
    """Run the command."""
    app()
