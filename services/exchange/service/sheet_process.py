"""Runs the reading of a foreign sheet in a process of its own, and ends it when its time is over."""

import os
import subprocess
import sys
from typing import IO, Final

import anyio.to_thread
import msgspec

from services.exchange.client.conversion import TOO_LARGE, Bounds, Converted, Job
from services.exchange.client.limits import Limits
from services.exchange.context import Exchange
from services.exchange.settings import ExchangeSettings

_MODULE: Final = "services.exchange.client.conversion"
_OUT_OF_BOUNDS: Final = frozenset({-6, -9, -24, -25})
"""Ended by: memory that could not be had (SIGABRT), the kernel (SIGKILL), its CPU time (SIGXCPU), its output (SIGXFSZ)."""

_PATIENCE_SECONDS: Final = 60
"""Beyond twice its processor time: the start of a process on a crowded machine."""


def limits_of(settings: ExchangeSettings) -> Limits:
    """How much of a workbook is read."""
    return Limits(
        unpacked_bytes=settings.sheet_unpacked_bytes,
        columns=settings.sheet_columns,
        cells=settings.sheet_cells,
    )


def bounds_of(settings: ExchangeSettings) -> Bounds:
    """What the process may use; a record of NDJSON is a few times the row of CSV that it was made of."""
    return Bounds(
        memory_bytes=settings.sheet_memory_bytes,
        cpu_seconds=settings.sheet_seconds,
        output_bytes=8 * settings.upload_bytes,
    )


async def run(exchange: Exchange, job: Job, *files: IO[bytes]) -> Converted:
    """Do a job on open files, a few at a time."""
    async with exchange.sheet_slots:
        return await anyio.to_thread.run_sync(_run, exchange.settings, job, *files)


def _run(settings: ExchangeSettings, job: Job, *files: IO[bytes]) -> Converted:
    for file in files:
        file.flush()
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module; the file travels as an open descriptor
            [sys.executable, "-I", "-m", _MODULE],
            input=msgspec.json.encode(job),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=[file.fileno() for file in files],
            timeout=2 * settings.sheet_seconds + _PATIENCE_SECONDS,
            env={"TMPDIR": str(settings.state_dir), "LANG": "C.UTF-8", "PATH": os.defpath},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Converted(error=TOO_LARGE, reason="time")
    if done.returncode in _OUT_OF_BOUNDS:
        return Converted(error=TOO_LARGE, reason=f"signal {-done.returncode}")
    try:
        return msgspec.json.decode(done.stdout, type=Converted)
    except msgspec.DecodeError:
        return Converted(error="sheet_unreadable", reason=f"exit {done.returncode}")
