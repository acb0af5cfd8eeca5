"""The credit service below its HTTP edge: a database with the first rule book, and the settable clock."""

import pytest

from services.credit.service.context import Credit
from services.credit.service.rulebooks import seed_rulebook
from tests.conftest import address_of
from tests.filing import credit_settings


@pytest.fixture
def credit(credit_database, clock):
    seed_rulebook(credit_database, clock())
    return Credit(credit_settings(address_of(credit_database)), clock, credit_database)
