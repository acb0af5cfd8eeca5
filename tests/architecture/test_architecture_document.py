"""The document of the architecture names only files, tests and commits that exist."""

import re

from tests.architecture.tree import ROOT, SERVICES, modules, read

DOCUMENT = read(ROOT / "docs" / "architecture.md")


def test_every_named_test_exists():
    existing = {
        name
        for path in modules("tests")
        for name in re.findall(r"^(?:async )?def (test_\w+)", read(path), re.MULTILINE)
    }
    assert sorted(set(re.findall(r"`(test_\w+)`", DOCUMENT)) - existing) == []


def test_every_named_file_exists():
    named = set(re.findall(r"`((?:credit|exchange|kernel)/[\w/]+[.]py)`", DOCUMENT))
    assert sorted(name for name in named if not (SERVICES / name).exists()) == []


def test_every_named_commit_exists():
    commits = {
        name
        for path in modules("services")
        for name in re.findall(r'\.write\("((?:credit|exchange)\.\w+)"\)', read(path))
    }
    named = set(re.findall(r"^\| `((?:credit|exchange)\.\w+)` \|", DOCUMENT, re.MULTILINE))
    assert named
    assert sorted(named - commits) == []
