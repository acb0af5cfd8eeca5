"""The three locks agree, pin by hash and name no address."""

import re

import pytest

from tests.architecture.tree import ROOT, read

LOCKS = ["requirements.lock", "requirements-build.lock", "requirements-dev.lock"]
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(?:\s*;\s*([^\\\n]+?))?\s*\\?$", re.MULTILINE)
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}\b")


def pins(name):
    """{(package, its marker): version} of a lock."""
    return {(package, marker): version for package, version, marker in PIN.findall(read(ROOT / name))}


def versions(name):
    return {(package, version) for (package, _), version in pins(name).items()}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_pins_something(name):
    assert pins(name)


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_address(name):
    assert [
        line
        for line in read(ROOT / name).splitlines()
        if "://" in line or "index" in line or line.startswith("-")
    ] == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_its_hashes(name):
    entries = re.split(r"\n(?=\S)", read(ROOT / name).strip())
    assert [entry.split()[0] for entry in entries if not HASH.search(entry)] == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-build.lock"])
def test_what_runs_is_what_was_tested(name):
    assert versions(name) - versions("requirements-dev.lock") == set()
