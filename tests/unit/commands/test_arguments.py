"""Help and wrong use of `etabli` are said in the chosen language, argparse's own words too."""

from __future__ import annotations

import argparse
import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.__main__ import COMMANDS, _parsers, main
from bench.errors.arguments import SAID
from bench.words.catalogue import area, choose

# What argparse says to who writes a parser, of use nobody can get wrong at a terminal; and of
# what is deprecated: nothing is. Its own way to say an error is ours (`Parser.error`).
TO_PROGRAMMERS = {
    ".__call__() not defined",
    "'required' is an invalid argument for positionals",
    "mutually exclusive arguments must be optional",
    "%r is not callable",
    "cannot merge actions - two groups are named %r",
    "invalid option string %(option)r: must start with a character %(prefix_chars)r",
    "dest= is required for options like %r",
    "invalid conflict_resolution value: %r",
    "cannot have multiple subparser arguments",
    "conflicting option string: %s",
    "conflicting subparser: %s",
    "conflicting subparser alias: %s",
    'argument "-" with mode %r',
    "argument '%(argument_name)s' is deprecated",
    "command '%(parser_name)s' is deprecated",
    "option '%(option)s' is deprecated",
    "%(prog)s: warning: %(message)s\n",
    "%(prog)s: error: %(message)s\n",
}


def of_argparse(source: str) -> set[str]:
    """The English sentences that a source asks gettext for; of two numbers, the first."""
    return {
        str(node.args[0].value)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("_", "ngettext")
        and isinstance(node.args[0], ast.Constant)
    }


def test_every_sentence_of_this_argparse_is_ours_or_never_shown() -> None:
    found = of_argparse(inspect.getsource(argparse))
    assert len(found) > 30
    assert not found - SAID.keys() - TO_PROGRAMMERS


def test_the_comparison_sees_a_sentence_that_is_new() -> None:
    new = of_argparse("_('did you mean %s?'); ngettext('%s day', '%s days', n); _(f'{x}')")
    assert new == {"did you mean %s?", "%s day"} and not new & SAID.keys()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_our_sentences_take_what_argparse_gives_them(language: str) -> None:
    ours = area(language, "cli")["arguments"]
    assert set(ours) == set(SAID.values())
    for english, key in SAID.items():
        said = ours[key]
        names = set(re.findall(r"%\((\w+)\)", said))
        assert names <= set(re.findall(r"%\((\w+)\)", english)), key
        if not names:  # one value, by its place
            assert said.count("%") == len(re.findall(r"%[sr]", english)), key


def all_actions() -> Iterator[argparse.Action]:
    _, parsers = _parsers()
    waiting: list[argparse.ArgumentParser] = list(parsers.values())
    for name in COMMANDS:
        module = importlib.import_module(f"bench.commands.{name.replace('import', 'import_')}")
        module.add_arguments(parsers[name])
    while waiting:
        for action in waiting.pop()._actions:
            yield action
            if isinstance(action, argparse._SubParsersAction):
                waiting += action.choices.values()


def test_only_whole_numbers_can_be_badly_written() -> None:
    """`cli.arguments.value` says so of whatever its type refuses."""
    assert {action.type for action in all_actions()} == {None, int, Path}


@pytest.fixture
def french(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("ETABLI_LANG", "fr")
    yield
    choose("fr")


WRONG = {
    "find --limit x": "--limit : « x » n'est pas un nombre entier",
    "find --limit": "--limit : il faut une valeur",
    "find --limi": "--limit : il faut une valeur",
    "label --to nothing": "--to : « nothing » n'est pas un choix possible ; choix : ",
    "frobnicate": "COMMANDE : « frobnicate » n'est pas un choix possible ; choix : ",
    "doctor --no-such": "inconnu ou de trop : --no-such",
    "doctor --debug=yes": "--debug : ne prend pas de valeur, et « yes » en est une",
    "destine": "il manque : CODE",
    "import": "il faut un de ceux-ci : B.zip --stock",
    "--lang xx doctor": "--lang : « xx » n'est pas un choix possible ; choix : 'fr', 'en'",
    "stick --new --keep-data": "--keep-data : ne va pas avec --new",
    "review --d": "« --d » peut vouloir dire --data, --debug, --demo",
}


@pytest.mark.parametrize("words", WRONG)
@pytest.mark.usefixtures("french")
def test_wrong_use_is_one_french_sentence(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(words.split())
    said = capsys.readouterr()
    assert stopped.value.code == 2 and not said.out
    assert said.err.count("\n") == 1 and WRONG[words] in said.err
    assert said.err.startswith("commande mal écrite (") and "Regardez : etabli" in said.err


@pytest.mark.parametrize("words", ["find --limit x --lang en", "--lang=en find --limit x"])
@pytest.mark.usefixtures("french")
def test_the_language_asked_for_is_that_of_the_error(
    words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(words.split())
    assert "--limit: 'x' is no whole number" in capsys.readouterr().err


@pytest.mark.long
@pytest.mark.parametrize("words", ["", *COMMANDS, "lot open", "keys revoke"])
@pytest.mark.usefixtures("french")
def test_help_is_in_the_language_asked_for(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([*words.split(), "--help"])
    told = capsys.readouterr().out
    assert stopped.value.code == 0 and "usage : etabli" in told and "montre cette aide" in told
    left = {said.strip() for said in of_argparse(inspect.getsource(argparse)) if "%" not in said}
    assert not [said for said in left if said in told and said != "options"]
    with pytest.raises(SystemExit):
        main(["--lang", "en", *words.split(), "--help"])
    assert "shows this help" in capsys.readouterr().out
