"""The `zhixin` command."""

from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

_PLACES: Final = {
    "demo": "services.launch.demo.command:demo",
    "serve": "services.launch.serving:serve",
    "worker": "services.launch.serving:worker",
    "migrate": "services.launch.serving:migrate",
    "openapi": "services.launch.documents:openapi",
    "check": "services.launch.check:check",
    "agency-admin": "services.launch.administration:agency_admin",
    "credential": "services.launch.administration:credential",
    "staff": "services.launch.staff:staff",
    "signing-key": "services.launch.administration:signing_key",
    "rulebook": "services.launch.rulebooks:rulebook",
    "agency": "services.exchange.client.cli:app",
}
"""Where each command lives: imported when it is called, so that the agency client does not wait for two servers."""


class _LateCommands(TyperGroup):
    def list_commands(self, _: Any) -> list[str]:
        return list(_PLACES)

    def get_command(self, _: Any, cmd_name: str) -> Any:
        if cmd_name not in _PLACES:
            return None
        module, _, attribute = _PLACES[cmd_name].partition(":")
        found = getattr(import_module(module), attribute)
        if isinstance(found, typer.Typer):
            group = get_group(found)
            group.name = cmd_name
            return group
        alone = typer.Typer(add_completion=False)
        alone.command(cmd_name)(found)
        return get_command(alone)


app = typer.Typer(
    name="zhixin", help="质信：企业质量信用档案与部门信息交换 / Quality-credit files and their exchange between departments.",
    no_args_is_help=True, pretty_exceptions_enable=False, cls=_LateCommands,
)  # fmt: skip


@app.callback()
def _any_command() -> None:
    """Have a group before any command is imported."""


def main() -> None:
    """Run the command."""
    app()
