# Strategy: the released rule book is read once; facts are written out in each test, because they are the example.

import pytest

from services.credit.domain.rulebook import RuleBook, parse_rulebook
from services.credit.rulebook import released_text


@pytest.fixture(scope="session")
def book() -> RuleBook:
    return parse_rulebook(released_text("2026-01"))
