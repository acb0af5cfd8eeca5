"""A process dies where it is told, at the passage it is told, as by a power cut."""

import os
import subprocess
import sys

import pytest

from services.kernel.crashpoints import EXIT_STATUS, VARIABLE

PROGRAM = """
from services.kernel.crashpoints import pass_by
try:
    for turn in range(3):
        pass_by("a:before_commit")
        print(turn, flush=True)
        pass_by("a:after_commit")
finally:
    print("cleaned up", flush=True)
"""


def run(target):
    environment = os.environ | ({VARIABLE: target} if target else {})
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, env=environment, check=False
    )
    return done.returncode, done.stdout.split("\n")[:-1]


@pytest.mark.parametrize(
    ("target", "printed"),
    [
        ("a:before_commit", []),
        ("a:after_commit", ["0"]),
        ("a:before_commit#2", ["0"]),
        ("a:after_commit#3", ["0", "1", "2"]),
    ],
)
def test_it_dies_at_the_named_passage_without_cleaning_up(target, printed):
    assert run(target) == (EXIT_STATUS, printed) == (137, printed)


@pytest.mark.parametrize("target", ["", "b:before_commit", "a:before_commit#4", "a"])
def test_it_lives_when_the_point_is_not_reached(target):
    assert run(target) == (0, ["0", "1", "2", "cleaned up"])
