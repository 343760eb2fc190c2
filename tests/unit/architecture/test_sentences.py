"""What a sentence people read may look like: numbers, words, typography, length.

Each rule gives what is wrong with one sentence, and each is seen to fail on a bad one.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator

import pytest

from bench.words.numbers import forms_of
from diagnostics.health import rules
from tests.unit.architecture.test_words import AREAS, catalogue

WORKERS = ("checks", "comfort", "network", "people", "returning", "screens", "start", "training")
MOST_WORDS = 12

# Names that never hold a number, and keys of which the number can never be one.
TEXTS = frozenset(("interface", "name", "path"))
NEVER_ONE = frozenset(
    (
        *("start.code.field", "start.code.again", "start.code.short"),  # a code's six digits
        "screens.confirm.type",  # the last four characters
        "documents.summary.all",  # one disk has its own sentence
        "label.error.unknown_dpi",
        *("health.any.sectors.watch", "health.hdd.hours.watch"),  # 520 bytes; years of hours
        *("records.errors.value_too_big", "records.errors.attachment_too_big"),  # limits
        *("exchange.errors.bag_too_big", "exchange.errors.line_too_long"),
    )
)
# Words that end as a plural does, and are none.
FRENCH_SAME = frozenset(
    ["dans", "pas", "plus", "sans", "puis", "mais", "vous", "moins", "mois", "fois"]
)
ENGLISH_SAME = frozenset(["is", "was", "has", "does", "its", "this", "less"])

# Not French (docs/glossary.md has the French word), and words the glossary names otherwise.
NOT_SAID = re.compile(
    r"\b(serial|slot|batch|log|logs|device|disk|drive|file|folder|job|backup|boot|firmware|label"
    r"|e?mail|download|upload|update|timeout|bug|token|password|login|reset|setup|banc|bancs)\b"
    r"|(?<!-)\bordinateur\b(?! de l'atelier| portable| de bureau)|\bD3E\b",
    re.IGNORECASE,
)
# What is typed or names a file stays as it is.
TYPED = re.compile(
    r"« etabli [^»]*»|\betabli( [\w-]+){1,2}|--[\w-]+( \"…\")?|\S+\.\w{2,7}\b|\b(bench|bag)\b"
    r"|/\S+|\$\w+"
)


def spoken(language: str) -> Iterator[tuple[str, str]]:
    for area in AREAS:
        for key, sentence in catalogue(language, area).items():
            yield f"{area}.{key}", sentence
    for rule in rules.standard().rules:  # their sentences stand beside them
        yield f"health.{rule.id}", rule.fr if language == "fr" else rule.en


def parts(sentence: str) -> list[tuple[str, str]]:
    """Name and format of each placeholder."""
    return [(n, spec or "") for _, n, spec, _ in string.Formatter().parse(sentence) if n]


COUNTED = {"value"} | frozenset(
    name
    for language in ("fr", "en")
    for _, sentence in spoken(language)
    for name, spec in parts(sentence)
    if "|" in spec
)


def bare_plural(language: str, key: str, sentence: str) -> list[str]:
    """A number before a word in the plural, whatever the number is."""
    found = re.findall(r"\((?:s|x|e|es|nt)\)", sentence)
    if key in NEVER_ONE:
        return found
    if language == "fr":
        after = re.findall(r"\{(\w+)(?::[^|}]*)?\}\s+([^\W\d_]+[sx])\b", sentence)
        return found + [w for name, w in after if name not in TEXTS and w not in FRENCH_SAME]
    if language == "uk":
        return found  # its nouns do not show their number by their last letter
    # English verbs end in s too: only of what is known to be counted.
    after = re.findall(r"\{(\w+)(?::[^|}]*)?\}\s+(?:\w+\s+)??([a-z]+s)\b", sentence)
    return found + [w for name, w in after if name in COUNTED and w not in ENGLISH_SAME]


def crooked_rule(language: str, key: str, sentence: str) -> list[str]:
    """A rule of number that is not the forms of its language, unlike, of a named number."""
    specs = [(name, spec) for name, spec in parts(sentence) if "|" in spec]
    outside = sentence.count("|") - sum(spec.count("|") for _, spec in specs)
    return ["|"] * outside + [
        spec
        for name, spec in specs
        if not name.isidentifier()
        or len(sides := [side.strip() for side in spec.split("|")]) != forms_of(language)
        or not all(sides)
        or len(set(sides)) == 1
    ]


def banned(language: str, key: str, sentence: str) -> list[str]:
    """English in French, a word the glossary names otherwise; a code of R2 before a worker."""
    if language != "fr":
        return []
    said = TYPED.sub("", re.sub(r"\{\w+[^|}]*\}", "", sentence))
    found = [hit.group() for hit in NOT_SAID.finditer(said)]
    if key.partition(".")[0] in WORKERS:
        found += re.findall(r"\bC\d\b|\{(?:functional|cosmetic)\}", sentence)
    return found


def typography(language: str, key: str, sentence: str) -> list[str]:
    """French: a space before : ; ! ? » % and after «. English: none before : ; ! ?"""
    said = re.sub(r"\{(\w+)[^}]*\}", r"\1", sentence)
    if language == "fr":
        return re.findall(r"[^\s:;!?»%][:;!?»%](?=\s|$)|«\S|[’“”\"]", TYPED.sub("x", said))
    return re.findall(r"\s[:;!?](?=\s|$)", said)


def too_long(language: str, key: str, sentence: str) -> list[str]:
    """More than 12 words at once on a worker's screen (docs/facts/screens.md)."""
    if key.partition(".")[0] not in WORKERS:
        return []
    said = re.sub(r"\{\w+:([^|}]*)\|[^}]*\}", r"\1", sentence)
    ideas = re.split(r"(?<=[.!?:])\s+|\n|\s\s+", said)
    return [idea for idea in ideas if len(re.findall(r"[\w{}][\w{}'·-]*", idea)) > MOST_WORDS]


Rule = Callable[[str, str, str], list[str]]
RULES: tuple[Rule, ...] = (bare_plural, crooked_rule, banned, typography, too_long)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_sentence_keeps_the_rule(language: str, rule: Rule) -> None:
    wrong = {key: found for key, said in spoken(language) if (found := rule(language, key, said))}
    assert not wrong


BAD = [
    (bare_plural, "fr", "review.x", "{arrived} arrivées, {arrived:une|deux} finies"),
    (bare_plural, "fr", "review.x", "{roues:.1f} roues"),
    (bare_plural, "fr", "export.x", "{count} {count:pièce|pièces} jointe(s)"),
    (bare_plural, "en", "review.x", "{count} records"),
    (bare_plural, "en", "review.x", "{count} new records"),
    (bare_plural, "en", "export.x", "{count} disk(s)"),
    (crooked_rule, "fr", "review.x", "{count:fiche|fiches|fiches}"),
    (crooked_rule, "fr", "review.x", "{count:fiche|}"),
    (crooked_rule, "fr", "review.x", "{0:fiche|fiches}"),
    (crooked_rule, "fr", "review.x", "{count:mois|mois}"),
    (crooked_rule, "fr", "review.x", "fiche|fiches : {count}"),
    (banned, "fr", "review.x", "{count} disques dans le batch"),
    (banned, "fr", "review.x", "Lisez le log."),
    (banned, "fr", "review.x", "Le banc ne savait pas (serial)."),
    (banned, "fr", "wipe.x", "Éteignez l'ordinateur."),
    (banned, "fr", "screens.x", "Aspect : C6"),
    (banned, "fr", "screens.x", "Fonctions : {functional}"),
    (typography, "fr", "review.x", "Numéro: {asset}"),
    (typography, "fr", "review.x", "Numéro de {asset}: lu"),
    (typography, "fr", "review.x", "C'est fini!"),
    (typography, "fr", "review.x", "Voir «Les points »"),
    (typography, "fr", "review.x", "{percent}% de charge"),
    (typography, "en", "review.x", "Number : {asset}"),
    (
        too_long,
        "fr",
        "screens.x",
        "Prenez la clé, branchez la clé, puis lisez le numéro de la clé.",
    ),
]
GOOD = [
    ("fr", "review.x", "{count} {count:fiche|fiches} dans {path} : {when}"),
    ("fr", "review.x", "Lancez « etabli log rebuild » : {count} mois, {percent} %, log.txt"),
    ("fr", "review.x", "l'adresse {url} (exemple : https://192.168.1.10:8474) n'est pas à 10:30"),
    ("fr", "exchange.x", "L'ordinateur de l'atelier a {count} {count:fiche|fiches}."),
    ("en", "review.x", "{count} {count:record|records}: {count:it is|they are} at 10:30"),
    ("en", "review.x", "{disk} is closed; {path} has room."),
]


@pytest.mark.parametrize(("rule", "language", "key", "sentence"), BAD)
def test_the_rule_sees_a_bad_sentence(rule: Rule, language: str, key: str, sentence: str) -> None:
    assert rule(language, key, sentence)


@pytest.mark.parametrize(("language", "key", "sentence"), GOOD)
def test_no_rule_takes_a_good_sentence_for_a_bad_one(
    language: str, key: str, sentence: str
) -> None:
    assert not [found for rule in RULES if (found := rule(language, key, sentence))]


def test_exceptions_are_sentences_that_need_them() -> None:
    sentences = {language: dict(spoken(language)) for language in ("fr", "en")}
    needed = {
        key
        for key in NEVER_ONE
        for language, said in sentences.items()
        if bare_plural(language, "", said[key])
    }
    assert needed == NEVER_ONE


def test_a_sentence_of_three_words_is_not_the_same_in_both_languages() -> None:
    """It was not translated; a list of what may be typed is no sentence."""
    english, same = dict(spoken("en")), set()
    for key, said in spoken("fr"):
        words = re.findall(r"\b[a-zé]{3,}\b", re.sub(r"\{.*?\}", "", said))
        if said == english[key] and len(words) > 2 and not re.fullmatch(r"\w+(, \w+)+", said):
            same.add(key)
    assert not same
