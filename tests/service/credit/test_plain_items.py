"""The straight way of a plain item and the general way end in the same rows, events, facts and verdicts."""

from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.credit.service import intake, plain, reading
from services.credit.service.intake import read_page, rehearse_page
from services.credit.service.reading import Reader
from tests.filing import EVERYTHING, PROVINCIAL, award, check, name_of, page_of, penalty, registration, take

TODAY = date(2026, 11, 1)
FIRMS = st.integers(1, 3)
SOURCES = st.sampled_from(["s-1", "s-2", "s-3", "s-4"])
NAMED = st.sampled_from([None, "演示改名有限公司", name_of(1)])
PERSON = st.sampled_from([{}, {"legal_representative": "演示张三"}])


def _registered(number, source, name):
    subject = registration(number, source, name)["subject"] | {"registration_number": f"4300{number:09d}"}
    return registration(number, source, subject=subject)


ITEMS = st.one_of(
    st.builds(registration, FIRMS, SOURCES, NAMED),
    st.builds(_registered, FIRMS, SOURCES, NAMED),
    st.builds(penalty, FIRMS, SOURCES, region=st.sampled_from(["430100", "430181"])),
    st.builds(penalty, FIRMS, SOURCES, authority=st.just({"name": "演示·别的机关"})),
    st.builds(
        check, FIRMS, SOURCES, result=st.sampled_from(["pass", "fail"]), confirmed=st.sampled_from([None, True]),
        product=st.just({"name": "演示锅", "brand": "演示牌"}),
    ),
    st.builds(award, FIRMS, SOURCES),
    st.builds(penalty, FIRMS, SOURCES, operation=st.just("withdraw"), reason=st.just("revoked")),
)  # fmt: skip


def test_what_is_plain():
    """So that the comparison below compares something."""
    read = {}
    for name, item in {"penalty": penalty(1), "failed": check(1, result="fail"), "passed": check(1)}.items():
        [read[name]] = Reader(PROVINCIAL, EVERYTHING, TODAY, "zh").read(page_of([item]).body)
    assert {name: item.is_plain for name, item in read.items()} == {
        "penalty": True, "failed": False, "passed": True,
    }  # fmt: skip


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(before=st.lists(ITEMS, max_size=3), items=st.lists(ITEMS, min_size=1, max_size=8))
def test_both_ways_are_one(credit, monkeypatch, before, items):
    if before:
        take(credit, *before)
    page = page_of(items)
    with credit.database.read() as session:
        straight = rehearse_page(credit, session, read_page(credit, page, PROVINCIAL, EVERYTHING))
    with monkeypatch.context() as patched, credit.database.read() as session:
        patched.setattr(reading, "is_plain", lambda statement: False)
        general = rehearse_page(credit, session, read_page(credit, page, PROVINCIAL, EVERYTHING))
    assert straight == general


def test_a_new_record_takes_the_straight_way(credit, monkeypatch):
    filed = []
    monkeypatch.setattr(
        intake,
        "file_plainly",
        lambda *said, **more: filed.append(said[2]) or plain.file_plainly(*said, **more),
    )
    take(credit, penalty(1), penalty(1), penalty(2, operation="withdraw", reason="revoked"))
    assert len(filed) == 1
