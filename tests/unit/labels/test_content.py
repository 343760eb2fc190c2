"""The words a label may say."""

import datetime

import msgspec
import pytest

from labels.content import LabelContent, LabelState, clean, strongest_state, words_of
from labels.errors import LabelError

ERASED_ON = datetime.date(2026, 11, 12)
DONE = LabelContent(
    asset="RC26-004217-H",
    state=LabelState.REFURBISHED,
    title="Dell Latitude 7490",
    lines=("i5-8350U", "16 Go"),
    grade="A",
    erased_on=ERASED_ON,
    erased_method="Purge",
    all_functions_tested=True,
    data_removed=True,
)


def change(**fields: object) -> LabelContent:
    return msgspec.structs.replace(DONE, **fields)


def refusal(content: LabelContent, language: str = "fr") -> str:
    with pytest.raises(LabelError) as caught:
        words_of(content, language)
    return caught.value.code


@pytest.mark.parametrize(
    ("state", "french", "english"),
    [
        (LabelState.TO_TEST, "À tester", "To be tested"),
        (LabelState.ERASED, "Données effacées le 12/11/2026", "Data erased on 2026-11-12"),
        (LabelState.REFURBISHED, "Reconditionné", "Refurbished"),
        (LabelState.PARTS, "Pour pièces", "For parts"),
        (None, "", ""),
    ],
)
def test_the_four_wordings(state: LabelState | None, french: str, english: str) -> None:
    assert words_of(change(state=state)).state == french
    assert words_of(change(state=state), "en").state == english


@pytest.mark.parametrize("missing", ["all_functions_tested", "data_removed"])
def test_refurbished_needs_both_proofs(missing: str) -> None:
    assert refusal(change(**{missing: False})) == "refurbished_not_allowed"


def test_refurbished_in_a_free_text_needs_them_too() -> None:
    for text in ("PC reconditionné", "RECONDITIONNÉE", "refurbished unit"):
        assert words_of(change(title=text)).title == text
        content = change(title=text, state=LabelState.TO_TEST, all_functions_tested=False)
        assert refusal(content) == "refurbished_not_allowed"
    # The activity is not a claim about the machine.
    words_of(
        change(site="Atelier de reconditionnement", state=LabelState.TO_TEST, data_removed=False)
    )


@pytest.mark.parametrize(
    "text",
    [
        "comme neuf",
        "Comme  Neuve !",
        "ÉTAT NEUF",
        "etat-neuf",
        "remis à neuf",
        "A\u200b NEUF",
        "ｃｏｍｍｅ ｎｅｕｆ",
        "comme\u00a0neuf",
        "like new",
        "as-new",
        "reconditionné en France",
    ],
)
@pytest.mark.parametrize("field", ["title", "lines", "site", "erased_method"])
def test_forbidden_words_are_refused_everywhere(text: str, field: str) -> None:
    value: object = ("x", text) if field == "lines" else text
    assert refusal(change(**{field: value})) == "forbidden_words"


def test_words_split_over_two_lines_do_not_join() -> None:
    # "comme" ending one line and "neuf" starting the next would be read as one phrase.
    assert refusal(change(lines=("comme", "neuf"))) == "forbidden_words"


def test_names_with_new_in_them_pass() -> None:
    for text in ("Villeneuve-d'Ascq", "Renew Tech", "Châteauneuf"):
        assert words_of(change(site=text)).site == text


def test_erased_needs_its_date() -> None:
    assert refusal(change(state=LabelState.ERASED, erased_on=None)) == "erased_on_missing"


@pytest.mark.parametrize("asset", ["", "rc26", "RC 26", "É", "A" * 25, "-A", "A\nB"])
def test_assets_that_no_scanner_types_back(asset: str) -> None:
    assert refusal(change(asset=asset)) == "asset_invalid"


def test_unknown_language() -> None:
    assert refusal(DONE, "xx") == "unknown_language"


def test_erasure_is_said_once() -> None:
    assert words_of(DONE).lines == ("Effacé le 12/11/2026 (Purge)", "i5-8350U", "16 Go")
    assert words_of(change(state=LabelState.ERASED)).lines[0] == "Effacement : Purge"
    nothing = change(erased_on=None, erased_method="Purge", state=LabelState.TO_TEST)
    assert words_of(nothing).lines == ("i5-8350U", "16 Go")


def test_qr_repeats_the_asset_without_a_text() -> None:
    assert words_of(DONE).qr_text == DONE.asset


def test_of_too_many_lines_the_last_go_and_too_long_a_grade_shows_it() -> None:
    words = words_of(change(lines=tuple("abcdefgh"), grade="Grade A"))
    assert words.lines == ("Effacé le 12/11/2026 (Purge)", "a", "b", "c", "d", "e")
    assert words.grade == "Gr…"
    assert words_of(change(grade="C10")).grade == "C10"


def test_clean() -> None:
    assert clean(" Dell\x00\u202e  Latitude\ud800\n7490 ") == "Dell Latitude 7490"
    assert len(clean("x" * 10_000_000)) == 200


@pytest.mark.parametrize(
    ("tested", "removed", "erased", "parts", "state"),
    [
        (True, True, True, False, LabelState.REFURBISHED),
        (True, True, False, False, LabelState.REFURBISHED),
        (False, True, True, False, LabelState.ERASED),
        (True, False, False, False, LabelState.TO_TEST),
        (False, False, False, False, LabelState.TO_TEST),
        (True, True, True, True, LabelState.PARTS),
    ],
)
def test_strongest_state(
    tested: bool, removed: bool, erased: bool, parts: bool, state: LabelState
) -> None:
    found = strongest_state(
        all_functions_tested=tested, data_removed=removed, erased=erased, parts=parts
    )
    assert found is state
