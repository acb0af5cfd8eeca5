"""Serving the demo in the foreground while the province is pushed from a thread, then until it is told to stop."""

import fcntl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import uvicorn

from services.launch.one_process import OneProcess


class AlreadyUp(Exception):  # noqa: N818 - says what happened
    """A demo serves from this folder at this moment."""


@contextmanager
def sole_owner(folder: Path) -> Iterator[None]:
    """Hold the folder for this process.

    Raises:
        AlreadyUp: another process holds it.
    """
    with (folder / "demo.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyUp from None
        yield


def serve(app: OneProcess, host: str, port: int, once_ready: Callable[[], None]) -> None:
    """Serve until a signal; `once_ready` runs in a thread as soon as both services answer.

    Raises:
        Exception: whatever `once_ready` raised, after the server has stopped.
    """
    server = uvicorn.Server(
        uvicorn.Config(
            app, host=host, port=port, log_config=None, access_log=False, proxy_headers=False, lifespan="on"
        )
    )
    failures: list[BaseException] = []

    def prepare() -> None:
        try:
            _await_ready(f"http://{host}:{port}", server)
            if not server.should_exit:
                once_ready()
        except BaseException as failure:  # noqa: BLE001 - handed to the main thread, which raises it
            failures.append(failure)
            server.should_exit = True

    thread = threading.Thread(target=prepare, name="demo", daemon=True)
    thread.start()
    server.run()
    if failures:
        raise failures[0]


def _await_ready(base_url: str, server: uvicorn.Server) -> None:
    with httpx.Client(base_url=base_url, trust_env=False, timeout=5) as http:
        while not server.should_exit:
            try:
                if http.get("/readyz").status_code == 200:
                    return
            except httpx.HTTPError:
                pass  # not listening yet
            time.sleep(0.05)
