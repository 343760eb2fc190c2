"""The codes of RFC 6238 and RFC 4226, by their own vectors."""

from __future__ import annotations

import pytest

from bench.hub.accounts import totp

SEED = b"12345678901234567890"
SEEDS = {"sha1": SEED, "sha256": (SEED * 2)[:32], "sha512": (SEED * 4)[:64]}
# RFC 6238, appendix B.
VECTORS = {
    59: ("94287082", "46119246", "90693936"),
    1111111109: ("07081804", "68084774", "25091201"),
    1111111111: ("14050471", "67062674", "99943326"),
    1234567890: ("89005924", "91819424", "93441116"),
    2000000000: ("69279037", "90698825", "38618901"),
    20000000000: ("65353130", "77737706", "47863826"),
}
# RFC 4226, appendix D.
COUNTED = ["755224", "287082", "359152", "969429", "338314"]
COUNTED += ["254676", "287922", "162583", "399871", "520489"]


@pytest.mark.parametrize(("moment", "codes"), list(VECTORS.items()))
def test_codes_of_rfc_6238(moment: int, codes: tuple[str, ...]) -> None:
    for (digest, seed), expected in zip(SEEDS.items(), codes, strict=True):
        assert totp.code(seed, moment // totp.STEP_S, 8, digest) == expected


@pytest.mark.parametrize(("counter", "expected"), list(enumerate(COUNTED)))
def test_codes_of_rfc_4226(counter: int, expected: str) -> None:
    assert totp.code(SEED, counter) == expected


def test_a_code_holds_a_step_around_and_once() -> None:
    now = 1_000_000.0
    here = int(now // 30)
    for step in range(here - 3, here + 4):
        near = abs(step - here) <= 1
        assert totp.step_of(SEED, totp.code(SEED, step), now, 0) == (step if near else None)
    typed = f" {totp.code(SEED, here)[:3]} {totp.code(SEED, here)[3:]} "
    assert totp.step_of(SEED, typed, now, 0) == here
    assert totp.step_of(SEED, typed, now, here) is None


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "１２３４５６", "-12345"])
def test_what_is_no_code(typed: str) -> None:
    assert totp.step_of(SEED, typed, 59.0, 0) is None


def test_a_secret_is_written_for_people_and_for_telephones() -> None:
    assert totp.written(SEED) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
    told = totp.address(SEED, "Anne & <b>", "Établi")
    assert told.startswith("otpauth://totp/%C3%89tabli:Anne%20%26%20%3Cb%3E?secret=GEZDGNBV")
