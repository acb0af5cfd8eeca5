"""Chance that falls the same way everywhere.

Python promises equal sequences across its versions for `Random.random` alone, so everything is drawn from that.
"""

import random
from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A seeded source of choices; equal seeds give equal choices on every Python."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed).random  # noqa: S311  (a demo's data, no secret)

    def below(self, limit: int) -> int:
        """A whole number from 0 to limit - 1."""
        return int(self._random() * limit)

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self._random() * (high - low + 1))

    def chance(self, probability: float) -> bool:
        """True in that share of the throws."""
        return self._random() < probability

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices, all equally likely."""
        return choices[int(self._random() * len(choices))]

    def weighted(self, choices: Mapping[T, int]) -> T:
        """One of the keys, in proportion to its weight; the order of the mapping is part of the outcome."""
        point = int(self._random() * sum(choices.values()))
        for choice, weight in choices.items():
            point -= weight
            if point < 0:
                return choice
        raise ValueError("the weights of a choice must add up to more than nothing")

    def some(self, choices: Sequence[T], most: int) -> list[T]:
        """One to `most` different choices, in their order."""
        wanted = self.between(1, min(most, len(choices)))
        places = {self.below(len(choices)) for _ in range(wanted)}
        return [choices[place] for place in sorted(places)]
