"""The demo's province: agencies, firms and six years of records, all invented, all labelled 演示, made from a seed.

Equal arguments give equal records on every machine; the day is an argument and no clock is read.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from services.launch.province.agencies import Agency, agencies, kinds_pushed
from services.launch.province.conduct import tell_conduct
from services.launch.province.dice import Dice
from services.launch.province.firms import Firm, draw_firms
from services.launch.province.history import Shops, tell_history
from services.launch.province.ledger import write_batches
from services.launch.province.statements import Record, Statement
from services.launch.province.stories import SPAN, STORIES, story_firms, tell_stories

__all__ = ["Agency", "agencies", "kinds_pushed", "province", "stories"]


def _shops(firms: list[Firm]) -> Shops:
    shops: dict[str, list[Firm]] = defaultdict(list)
    for firm in firms:
        shops[firm.region[:4]].append(firm)
    for stem, all_of_them in list(shops.items()):
        shops[stem] = [firm for firm in all_of_them if firm.is_shop] or all_of_them
    return dict(shops)


def _statements(seed: int, on: date, enterprises: int) -> Iterator[Statement]:
    start = on - SPAN
    dice = Dice(seed)
    taken = {story.name for story in STORIES}
    firms = draw_firms(dice, max(0, enterprises - len(STORIES)), start, on, taken)
    shops = _shops(firms)
    others = Dice(seed + 1)  # what is told besides must not change what inspections found
    for firm in firms:
        yield from tell_history(dice, firm, start, on, shops)
        yield from tell_conduct(others, firm, start, on)
    yield from tell_stories(on)


def province(seed: int, on: date, enterprises: int = 6000) -> Iterator[tuple[str, list[Record]]]:
    """(agency id, push records) in batches of at most 1,000, each agency's in the order in which it told them.

    A firm may be named by a quality authority before its registration arrives. A record told again (a correction, a
    withdrawal, a new name, a confirmation) keeps its source record id and comes later in the same agency's batches.
    """
    return write_batches(_statements(seed, on, enterprises))


def stories(seed: int, on: date) -> list[tuple[str, str, str, str]]:
    """(code, name, summary in Chinese, in English) of the firms worth opening; the same for every seed."""
    del seed
    return [
        (firm.uscc, firm.name, story.zh, story.en)
        for story, firm in zip(STORIES, story_firms(on), strict=True)
    ]
