"""Every test that the threat table names exists, and every row names one."""

import re

from tests.architecture.tree import ROOT, modules, read

DOCUMENT = read(ROOT / "docs" / "security.md")


def rows():
    lines = DOCUMENT.split("## Threats")[1].splitlines()
    return [line for line in lines if line.startswith("|") and "---" not in line][1:]


def existing():
    return {
        name
        for path in modules("tests")
        for name in re.findall(r"^(?:async )?def (test_\w+)", read(path), re.MULTILINE)
    }


def test_every_threat_names_its_test():
    assert [row for row in rows() if "`test_" not in row.rsplit("|", 2)[1]] == []


def test_every_named_test_exists():
    assert sorted(set(re.findall(r"`(test_\w+)`", DOCUMENT)) - existing()) == []
