"""The published registry of problems is the one in the code."""

import re

from services.kernel.problems import PROBLEMS
from tests.architecture.tree import ROOT, read

DOCUMENT = read(ROOT / "docs" / "problems.md")


def test_the_registry_is_published_as_it_is():
    published = re.findall(r"^\| `(\w+)` \| (\d+) \| (.+?) \| (.+?) \| (.+?) \|$", DOCUMENT, re.MULTILINE)
    assert sorted(published) == sorted(
        (code, str(entry.status), entry.title.zh, entry.title.en, entry.cure.en)
        for code, entry in PROBLEMS.items()
    )
