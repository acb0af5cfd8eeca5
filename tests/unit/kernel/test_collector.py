"""Cycles are looked for when it is quiet, and left alone while something large is under way."""

import gc

import pytest

from services.kernel.collector import tidy_up


class Node:
    """Something that holds itself."""

    alive = 0

    def __init__(self):
        self.own = self
        type(self).alive += 1

    def __del__(self):
        type(self).alive -= 1


@pytest.fixture(autouse=True)
def _resting_collector():
    before, Node.alive = gc.get_threshold(), 0
    gc.collect()
    gc.set_threshold(10_000_000)
    yield
    gc.set_threshold(*before)
    gc.collect()


def test_what_a_quiet_moment_finds_is_gone():
    for _ in range(15_000):
        Node()
    assert Node.alive == 15_000
    assert tidy_up()
    assert Node.alive == 0


def test_a_few_objects_are_not_worth_a_look():
    Node()
    assert not tidy_up()
    assert Node.alive == 1


def test_work_under_way_is_not_looked_through():
    held = [[] for _ in range(100_000)]
    Node()
    assert not tidy_up()
    assert Node.alive == 1
    assert len(held) == 100_000
