"""A process that let large buffers go is small again."""

import ctypes
import subprocess
import sys
from threading import Event

import pytest

from services.kernel.memory import Later

WORK = """
import os, sys, threading, time
from pathlib import Path
from services.kernel.memory import after_large_page, give_memory_back
assert give_memory_back()
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20
def work():
    for size in (1, 2, 3, 4):
        held = [b"x" * (size << 20) for _ in range(8)]
        rest.append(b"x" * 100_000)
        del held
rest, before = [], resident()
threads = [threading.Thread(target=work) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
after_large_page()
for _ in range(100):
    if resident() - before < 20:
        break
    time.sleep(0.05)
print(resident() - before)
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="this C library has no such settings")
def test_large_buffers_of_many_threads_go_back_to_the_system():
    done = subprocess.run([sys.executable, "-c", WORK], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 20


def test_what_is_asked_for_again_and_again_is_done_once():
    done, seen = [], Event()
    later = Later(lambda: (done.append(1), seen.set()), after=0.02)
    for expected in (1, 2):
        for _ in range(5):
            later.ask()
        assert seen.wait(10)
        seen.clear()
        assert len(done) == expected
