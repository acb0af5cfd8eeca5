"""What grading and products see of a statement as it was read is what they see of it once it is stored."""

from datetime import date

import msgspec
import pytest

from services.credit.domain.facts import fact_of_content
from services.credit.domain.product import identity_of_content
from services.credit.service.reading import Reader
from services.credit.service.source import OWN, Source
from services.credit.service.stated_fact import fact_of_statement
from services.credit.service.stated_product import identity_of_statement
from tests.filing import EVERYTHING, PROVINCIAL, award, body_of, check, penalty, record, registration

BED = {"name": "床 垫", "brand": "演示®", "model": None}
CERTIFICATE = {"certificate_number": "演示 第1号", "category": "product", "status": "valid", "body": "演示"}
STATED = {
    "registration": registration(1),
    "penalty": penalty(1),
    "penalty of two types": penalty(1, types=("罚款", "没收违法所得"), fine="0.50", product=BED),
    "warning": penalty(1, types=("警告",), fine=None, product=BED, stage="production"),
    "pass": check(1, product=BED),
    "pass of a number": check(1, document_number="演示公告【２０２６】第1号", product={"name": "/"}),
    "failure": check(1, result="fail", confirmed=True, product=BED),
    "failure of another": check(1, result="fail", confirmed=False, product=BED),
    "award": award(1, valid_until="2030-01-01", authority={"name": "演示 局"}),
    "award without a number": award(1, document_number="无"),
    "certificate": record(1, "certification", "z-1", "2026-01-01", CERTIFICATE, product=BED),
}


@pytest.mark.parametrize(
    "source", [OWN, Source(secondhand=True), Source(authority_code="11430000KXB000001X")]
)
@pytest.mark.parametrize("name", STATED)
def test_a_statement_says_the_same_before_and_after_it_is_stored(name, source):
    [item] = Reader(PROVINCIAL, EVERYTHING, date(2026, 12, 1), "zh").read(body_of([STATED[name]]))
    stored = msgspec.json.decode(msgspec.json.encode(item.statement)) | source.told()

    for _ in range(2):  # made, then remembered
        assert fact_of_statement(item.statement, "r", source) == fact_of_content(stored, "r")
    assert identity_of_statement(item.statement) == identity_of_content(stored)
