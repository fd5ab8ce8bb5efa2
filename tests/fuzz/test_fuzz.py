"""A short attack on every parser; `script/fuzz` does it a million times.

SITE-8, LEK-14, MTR-1: whatever a device or a file says, it is answered, and in time.
"""

import random

import pytest

from tests.fuzz.parsers import PARSERS, Parser, attack

INPUTS = 400
SEED = 1


@pytest.mark.parametrize("parser", PARSERS, ids=lambda it: it.name)
def test_nothing_brings_a_parser_down(parser: Parser) -> None:
    assert not list(attack(parser, range(INPUTS), SEED))


@pytest.mark.parametrize("parser", PARSERS, ids=lambda it: it.name)
def test_some_of_the_input_is_good_and_some_is_not(parser: Parser) -> None:
    """An attack that never gets past the door, or never does harm, would prove nothing."""
    answers = set()
    for number in range(INPUTS):
        data = parser.make(random.Random(number))
        try:
            answers.add(repr(parser.read(data)))
        except parser.errors as error:
            answers.add(repr(error)[:60])
    assert len(answers) > 10


def test_a_finding_is_told() -> None:
    def fall(_data: bytes) -> None:
        raise ZeroDivisionError

    broken = Parser(name="broken", make=lambda _: b"", read=fall)
    (finding,) = attack(broken, range(1), SEED)
    assert "ZeroDivisionError" in finding.error
