"""Where a firm stands among its peers: exact, among enough of them, and as of today with every scheduler stopped."""

from datetime import UTC, datetime

from services.credit.service.peers import standing
from tests.filing import check, code_of, penalty, registration, take

FOOD, WOOD = "14", "20"
MANY = range(1, 26)


def register(credit, industry, *numbers, region="430100"):
    """Register firms of an industry."""
    details = {"industry_division": industry}
    take(credit, *(registration(number, region=region) | {"details": details} for number in numbers))


def standing_of(credit, number=1):
    with credit.database.read() as session:
        return standing(credit, session, code_of(number))


def rate(credit, numbers, fined=()):
    take(credit, *(check(number, f"c-{number}") for number in numbers))
    take(credit, *(penalty(number, f"p-{number}", occurred_on="2026-10-02") for number in fined))


def test_a_firm_is_placed_among_the_rated_firms_of_its_industry_and_prefecture(credit):
    register(credit, FOOD, *MANY)
    register(credit, FOOD, *range(101, 131), region="430300")
    register(credit, WOOD, *range(201, 231))
    rate(credit, [*MANY, *range(101, 131), *range(201, 231)], fined=range(1, 6))
    best, worst = standing_of(credit, 10), standing_of(credit, 1)
    assert (best["industry"], best["industry_name"], best["region"], best["n"]) == (
        FOOD,
        "食品制造业",
        "430100",
        25,
    )
    assert (best["percentile"], worst["percentile"]) == ("60.00", "10.00")  # (5 + 20/2) and (5/2) of 25


def test_counties_belong_to_their_prefecture(credit):
    register(credit, FOOD, *range(1, 15))
    register(credit, FOOD, *range(15, 26), region="430102")
    rate(credit, MANY)
    assert standing_of(credit)["n"] == 25


def test_among_few_there_is_no_percentile(credit):
    register(credit, FOOD, *range(1, 20))
    rate(credit, range(1, 20))
    told = standing_of(credit)
    assert (told["n"], told["minimum"], told["percentile"]) == (19, 20, None)


def test_an_unrated_firm_has_no_place(credit):
    register(credit, FOOD, *MANY, 50)
    rate(credit, MANY)
    told = standing_of(credit, 50)
    assert (told["n"], told["score"], told["percentile"]) == (25, None, None)


def test_without_an_industry_there_are_no_peers(credit):
    take(credit, registration(1), check(1))
    told = standing_of(credit)
    assert (told["industry"], told["score"], told["n"], told["percentile"]) == (None, "77.00", 0, None)


def test_time_moves_peers_without_a_scheduler(credit):
    register(credit, FOOD, *MANY)
    rate(credit, MANY, fined=range(1, 6))
    before = standing_of(credit, 10)["percentile"]
    credit.clock.now = datetime(2027, 10, 3, 4, tzinfo=UTC)  # the fines are out, nobody rolled a card
    assert (before, standing_of(credit, 10)["percentile"]) == ("60.00", "50.00")


def test_an_unknown_firm_has_no_place(credit):
    assert standing_of(credit, 99) is None
