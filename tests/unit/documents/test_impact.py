"""The impact range: figures of docs/facts/network.md, only handed-on machines, sources named."""

from __future__ import annotations

from bench.documents.impact import impact_of, standard_factors
from bench.documents.impact_section import climate_text

FACTORS = standard_factors()


def test_two_thousand_laptops_as_in_the_project_facts() -> None:
    impact = impact_of(["laptop"] * 2000, FACTORS)
    # 110 t (DINUM, 54.9 kg each) at least; 183 and 216 t lie inside the range.
    assert impact.low_g == 2000 * 54_900
    by_id = {recipe.id: FACTORS.grams(recipe, "laptop") for recipe in FACTORS.recipe}
    assert by_id["ademe_base"] == 91_300 and by_id["ademe_reuse"] == 108_000
    assert impact.low_g < 2000 * 91_300 < 2000 * 108_000 < impact.high_g
    assert impact.high_g == 2000 * 132_500
    assert climate_text(impact.low_g) == "110 t" and len(impact.sources) == 5


def test_an_unknown_kind_counts_for_nothing_and_is_said() -> None:
    impact = impact_of(["printer", "printer", "laptop"], FACTORS)
    assert impact.uncovered == (("printer", 2),)
    assert [line.kind for line in impact.lines] == ["laptop"]


def test_no_machine_no_effect() -> None:
    impact = impact_of([], FACTORS)
    assert (impact.low_g, impact.high_g, impact.lines) == (0, 0, ())


def test_small_lots_are_told_in_kilograms() -> None:
    assert climate_text(54_900) == "55 kg" and climate_text(1_642_000) == "1,6 t"
