"""Structs are ready before threads read into them: otherwise the process dies."""

import subprocess
import sys

import msgspec

from services.kernel.structs import settle_all
from tests.architecture.tree import ROOT

TWO_PAGES_AT_ONCE = """
import sys, threading
import msgspec
from services.credit.service.statement import statement_of
from services.kernel.kinds import KINDS

sys.setswitchinterval(1e-6)
together = threading.Barrier(8)

def read():
    together.wait()
    for kind in KINDS:
        try:
            statement_of({"source_record_id": "a", "kind": kind, "subject": {}, "occurred_on": "2026-03-02", "details": {}})
        except msgspec.ValidationError:
            pass

threads = [threading.Thread(target=read) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_statements_are_read_by_many_threads_from_the_first_moment_on():
    # without the settling, about every second of these processes dies of a segmentation fault
    processes = [subprocess.Popen([sys.executable, "-c", TWO_PAGES_AT_ONCE], cwd=ROOT) for _ in range(6)]
    assert [process.wait() for process in processes] == [0] * 6


def test_every_declared_struct_can_be_settled():
    class Declared(msgspec.Struct):
        value: "list[Declared] | None" = None

    globals()["Declared"] = Declared
    settle_all()
