"""Logs carry what happened and no secrets."""

import json
import subprocess
import sys

import pytest

from services.kernel.telemetry import request_id_of

PROGRAM = """
import structlog
from services.kernel.telemetry import configure_logging
configure_logging()
def fail(secret):
    raise ValueError("it broke")
try:
    fail("hunter2-the-secret")
except ValueError:
    structlog.get_logger().exception("failed", path="/x")
"""


def test_a_logged_failure_tells_where_and_no_values():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    line = json.loads(done.stderr)
    assert (line["event"], line["exception"][0]["exc_value"]) == ("failed", "it broke")
    assert "hunter2" not in done.stderr


@pytest.mark.parametrize(
    "given", [b"", b"short", b"with blank in it", b"x" * 65, b"line\nfeed-12345", "中文中文中文中文".encode()]
)
def test_a_request_id_that_may_not_be_logged_is_replaced(given):
    assert request_id_of(given).encode() != given


def test_a_sound_request_id_is_kept():
    assert request_id_of(b"caller-0001.a_b") == "caller-0001.a_b"
