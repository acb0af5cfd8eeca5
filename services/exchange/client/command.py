"""What every command of the client has in common: its profile, its form for machines, and how it ends."""

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Annotated, Any, ParamSpec, TypeVar

import msgspec
import typer

from services.exchange.client import display
from services.exchange.client.failures import AgencyError

ProfileName = Annotated[str, typer.Option("--profile", help="Name of the stored profile.")]
AsJSON = Annotated[bool, typer.Option("--json", help="Print the result as JSON for machines; no progress.")]

Taken = ParamSpec("Taken")
Given = TypeVar("Given")


def ending_well(command: Callable[Taken, Given]) -> Callable[Taken, Given]:
    """Failures become one sentence, its cure, and exit code 1."""

    @functools.wraps(command)
    def run(*args: Taken.args, **kwargs: Taken.kwargs) -> Given:
        try:
            return command(*args, **kwargs)
        except AgencyError as failure:
            if kwargs.get("as_json"):
                problem = {"code": failure.code, "message": failure.message, "cure": failure.cure}
                print_json({"error": problem | {"problem": getattr(failure, "problem", None)}})
            display.say(f"failed: {failure.message}")
            if failure.cure:
                display.say(f"what to do: {failure.cure}")
            raise typer.Exit(1) from failure
        except OSError as error:
            display.say(f"failed: {error}")
            raise typer.Exit(1) from error
        except KeyboardInterrupt:
            display.say("interrupted; run the same command again to go on")
            raise typer.Exit(1) from None

    return run


@contextlib.contextmanager
def connected(profile: str, *, as_json: bool) -> Iterator[tuple[Any, display.Bars]]:
    """A connection by a profile, with progress bars."""
    import time

    from services.exchange.client.connection import Connection
    from services.exchange.client.profile import read_profile

    with display.Bars(quiet=as_json) as bars:

        def wait(seconds: float, reason: str) -> None:
            bars.note(seconds, reason)
            time.sleep(seconds)

        with Connection(read_profile(profile), wait=wait) as connection:
            yield connection, bars


def print_json(value: Any) -> None:
    """Print a result for machines."""
    typer.echo(msgspec.json.encode(value).decode())
