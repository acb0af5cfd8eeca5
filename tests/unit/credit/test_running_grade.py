"""The grade that runs along equals the grade of the whole file, whatever came, went or ended, in any order."""

from datetime import date
from random import Random

import pytest

from services.credit.domain.grade import grade
from services.credit.domain.running_grade import RunningGrade
from tests.random_files import random_facts

FIRST = date(2024, 1, 1)


@pytest.mark.parametrize("seed", range(60))
def test_the_running_grade_is_the_grade_of_the_file(book, seed):
    dice, day, held = Random(seed), FIRST, {}
    running = RunningGrade(book, day)
    for _ in range(25):
        if held and dice.random() < 0.3:
            record_id = dice.choice(sorted(held))
            running.put(record_id, None)
            del held[record_id]
        for fact in random_facts(dice)[:3]:
            record_id = dice.choice(sorted(held)) if held and dice.random() < 0.3 else fact.record_id
            held[record_id] = fact._replace(record_id=record_id)
            running.put(record_id, held[record_id])
        whole = grade(list(held.values()), book, day)
        assert running.level == (whole.letter, whole.score, whole.provisional)
        assert running.next_change_on == whole.next_change_on
        shown = {key: part.contribution for key, part in running.parts.items() if part.contribution}
        assert shown == {line.record_id: line for line in whole.contributions}
        assert sorted(part.veto for part in running.parts.values() if part.veto) == sorted(whole.vetoes)
        day = date.fromordinal(day.toordinal() + dice.randrange(90))
        running.move(day)
