"""The statement that grades many firms agrees with the pure function in every byte of their cards, on both databases."""

from datetime import UTC, date, datetime

import pytest

from services.credit.domain.rulebook import parse_rulebook
from services.credit.rulebook import released_text
from services.credit.service.cards import grade_on
from services.credit.service.regrading import grading_by, members_of_card
from services.credit.service.workspace import Firm
from services.credit.store import grading
from services.credit.store.grading import Firms
from services.kernel.bulk import plain_value
from tests.random_files import AT_FULL_SIZE, enter, random_states

PROVINCE = "430000"
FIRMS = 100_000 if AT_FULL_SIZE else 4_000
CHUNK = 5_000
TODAY = date(2026, 11, 23)


def strange_book():
    """A book with every operator, three pillars, many steps, and texts that would be SQL or JSON if they could."""
    text = released_text("2026-01").replace('id = "2026-01"', '''id = "20'26\\"-:x"''')
    text = text.replace('any_of = ["吊销许可证件", ', 'only_of = ["罚款", "没收违法所得", "吊销许可证件", ')
    text = (
        text.replace('above = "3000.00"', 'below = "3000.01"')
        .replace("months = 36 }", "months = 7 }")
        .replace(
            "decay = [{ after_months = 6, share = 7500 }]",
            "decay = [{ after_months = 1, share = 9500 }, { after_months = 2, share = 7500 }, { after_months = 4, share = 5000 }, { after_months = 6, share = 2500 }]",
        )
    )
    return parse_rulebook(text)


BOOKS = {"released": lambda: parse_rulebook(released_text("2026-01")), "strange": strange_book}


def by_function(states, book):
    return [plain(_card(Firm.known(state, None), book)) for state in states]


def _card(firm, book):
    result = grade_on(firm.state.uscc, list(firm.facts.values()), book, TODAY, province=PROVINCE)
    firm.letter = result.letter  # a letter that is known already makes no event and no version
    now = datetime(2026, 11, 23, 4, tzinfo=UTC)
    return firm.card_row(book, TODAY, PROVINCE, now, provider=None, cause="records")


def plain(card):
    return tuple(plain_value(value) for value in card)


@pytest.mark.parametrize("name", BOOKS)
def test_statement_and_function_agree_on_every_byte_of_random_cards(credit_database, name):
    book, count = BOOKS[name](), FIRMS if name == "released" else 1_000
    states = sorted(random_states(count, seed=2026), key=lambda state: state.uscc)
    enter(credit_database, states)
    form, asked = members_of_card(book, PROVINCE), grading_by(book, TODAY, PROVINCE)
    differing, found, after = [], 0, ""
    for place in range(0, count, CHUNK):
        chunk = states[place : place + CHUNK]
        firms = Firms(after=after, through=chunk[-1].uscc)
        with credit_database.read() as session:
            cards = [plain(card) for card in grading.cards_of(session, asked, form, firms)]
        pairs = zip(by_function(chunk, book), cards, strict=True)
        differing += [(expected, card) for expected, card in pairs if expected != card]
        found, after = found + len(cards), chunk[-1].uscc
    assert found == count
    assert differing[:1] == []
