"""The check character over thousands of identifiers: what it catches."""

import itertools
import random

from hypothesis import given
from hypothesis import strategies as st

from labels.identifier import ALPHABET, Identifier, check_character, make, parse

letters = st.text(st.sampled_from(ALPHABET[10:]), min_size=1, max_size=4)
identifiers = st.builds(
    make,
    letters,
    st.sampled_from(ALPHABET[10:]),
    st.integers(0, 99),
    st.integers(1, 999_999),
)


def _sample(count: int) -> list[str]:
    chance = random.Random(20261123)
    return [
        make(
            "".join(chance.choices(ALPHABET[10:], k=chance.randint(1, 4))),
            chance.choice(ALPHABET[10:]),
            chance.randrange(100),
            chance.randint(1, 999_999),
        ).compact
        for _ in range(count)
    ]


def _agrees(compact: str) -> bool:
    return check_character(compact[:-1]) == compact[-1]


def test_every_single_substitution_is_caught() -> None:
    missed = sum(
        _agrees(compact[:place] + other + compact[place + 1 :])
        for compact in _sample(150)
        for place in range(len(compact))
        for other in ALPHABET
        if other != compact[place]
    )
    assert missed == 0


def test_more_than_99_percent_of_adjacent_swaps_are_caught() -> None:
    tried = missed = 0
    for compact in _sample(3000):
        for place, (first, second) in enumerate(itertools.pairwise(compact)):
            if first == second:
                continue
            tried += 1
            missed += _agrees(compact[:place] + second + first + compact[place + 2 :])
    assert tried > 25_000
    assert missed / tried < 0.01


@given(identifiers)
def test_reading_back_what_was_written(identifier: Identifier) -> None:
    for text in (str(identifier), identifier.compact, str(identifier).lower()):
        assert parse(text) == identifier


@given(st.one_of(st.text(), st.text("RC26-0417éà'(&è_ç)@^$!#%*", max_size=30)))
def test_any_text_gives_an_answer(text: str) -> None:
    answer = parse(text)
    if isinstance(answer, Identifier):
        assert parse(str(answer)) == answer
    else:
        assert len(answer.suggestions) <= 4
        for suggestion in answer.suggestions:
            assert isinstance(parse(suggestion), Identifier)
