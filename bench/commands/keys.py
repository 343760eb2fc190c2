"""`etabli keys`: this bench's fingerprint, joining a workshop, revoking a lost stick,
coordinating a region."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import tell, tell_json
from bench.opening.context import Context
from bench.setup.given import read_given
from bench.words.catalogue import say
from diagnostics import durable

if TYPE_CHECKING:
    from bench.exchange.asking import Round
    from bench.records.log import Log
    from bench.records.signed.keys import Key

AWAITED_S, _LOOK_S = 60.0, 0.5  # a bench that asks does so every few seconds


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar=say("cli.command"))
    show = actions.add_parser("show", help=say("records.keys.help_show"))
    show.add_argument("--json", action="store_true", help=say("cli.json"))
    ask = actions.add_parser("request", help=say("records.keys.help_request"))
    ask.add_argument("--out", type=Path, metavar="F", help=say("cli.out"))
    _network(ask, "--send", "help_send")
    ask.add_argument("--name", default="", help=say("records.keys.help_name"))
    admit = actions.add_parser("admit", help=say("records.keys.help_admit"))
    admit.add_argument(
        "file", type=Path, nargs="?", metavar="F", help=say("records.keys.help_file")
    )
    admit.add_argument("--heard", required=True, help=say("records.keys.help_heard"))
    admit.add_argument("--role", default="bench", help=say("records.keys.help_role"))
    admit.add_argument("--out", type=Path, metavar="F", help=say("cli.out"))
    waiting = actions.add_parser("waiting", help=say("records.keys.help_waiting"))
    waiting.add_argument("--json", action="store_true", help=say("cli.json"))
    join = actions.add_parser("join", help=say("records.keys.help_join"))
    join.add_argument(
        "file", type=Path, nargs="?", metavar="F", help=say("records.keys.help_answer")
    )
    _network(join, "--from-network", "help_from_network")
    join.add_argument("--heard", default="", help=say("records.keys.help_join_heard"))
    revoke = actions.add_parser("revoke", help=say("records.keys.help_revoke"))
    revoke.add_argument("bench", help=say("records.keys.help_bench"))
    revoke.add_argument("--after", required=True, help=say("records.keys.help_after"))
    revoke.add_argument("--this-bench", action="store_true", help=say("records.keys.help_this"))
    revoke.add_argument("--reason", required=True, help=say("records.keys.help_reason"))
    back = actions.add_parser("reinstate", help=say("records.keys.help_reinstate"))
    back.add_argument("bench", help=say("records.keys.help_bench"))
    back.add_argument("--reason", required=True, help=say("records.keys.help_reason"))
    region = actions.add_parser("coordinate", help=say("records.keys.help_coordinate"))
    region.add_argument(
        "--this-bench", action="store_true", help=say("records.keys.help_this_region")
    )
    actions.add_parser("code", help=say("records.keys.help_code"))
    actions.add_parser("check", help=say("records.keys.help_check"))


def _network(parser: argparse.ArgumentParser, option: str, help: str) -> None:
    """An option that takes an address, or looks for one."""
    parser.add_argument(
        option, nargs="?", const="", metavar="URL", help=say(f"records.keys.{help}")
    )


def run(arguments: argparse.Namespace, context: Context) -> int:
    log = context.open_log(record_jobs=False)  # of benches, not of machines
    try:
        return int(_ACTIONS[arguments.action or "show"](log, arguments) or Exit.DONE)
    finally:
        log.store.close()


def _workshop(log: Log) -> Key:
    from bench.records.signed import keys

    return keys.load(log.store.path.parent / "keys" / "workshop.key")


def _show(log: Log, arguments: argparse.Namespace) -> None:
    from bench.records.signed import fingerprint

    found = _known(log, fingerprint.show)
    if getattr(arguments, "json", False):  # `keys` alone shows too
        tell_json(found, indent=2)
        return
    tell(say("records.keys.own", bench=log.key.id[:8], fingerprint=log.key.fingerprint))
    for shop in found["workshops"]:
        of_region = say("records.keys.region") if shop["region"] else ""
        values = {"workshop": shop["workshop"][:8], "fingerprint": shop["fingerprint"]}
        tell(f"{say('records.keys.workshop_own', **values)} {of_region}".rstrip())
    for each in found["benches"]:
        after = each["revoked_after"]
        state = say("records.keys.revoked", seq=after) if after is not None else each["role"]
        words = (each["bench"][:8], each["fingerprint"], state, each["workshop"][:8], each["name"])
        tell(f"  {'  '.join(word for word in words if word)}")


def _known(log: Log, shown: Callable[[bytes], str]) -> dict[str, Any]:
    """This bench, the registered workshops, and every bench on record: who it is, by whom, since
    when it does not count. A bench of whose own chain nothing is here has no fingerprint.
    """
    shops = log.store.query("SELECT workshop, key, region, name FROM trust ORDER BY workshop")
    benches = log.store.query(
        "SELECT bench.bench, signer.key, name, role, workshop, revoked_after FROM bench"
        " LEFT JOIN signer ON signer.bench = bench.bench ORDER BY bench.bench"
    )
    return {
        "bench": log.key.id,
        "fingerprint": log.key.fingerprint,
        "workshops": [
            {"workshop": w, "name": name, "fingerprint": shown(key), "region": bool(region)}
            for w, key, region, name in shops
        ],
        "benches": [
            {
                "bench": bench,
                "name": name,
                "fingerprint": shown(key) if key and revoked is None else "",
                "role": role,
                "workshop": workshop,
                "revoked_after": revoked,
            }
            for bench, key, name, role, workshop, revoked in benches
        ],
    }


def _request(log: Log, arguments: argparse.Namespace) -> None:
    from bench.records import joining
    from bench.records.day import pin
    from bench.setup.files import free_name, give, write_file

    if arguments.out is None and arguments.send is None:
        raise Failure("records.keys.request_where", Exit.USAGE)
    if arguments.out is not None:
        free_name(arguments.out)
    raw = joining.request(log, arguments.name, pin.public(log))
    if arguments.out is not None:
        give(arguments.out, raw)
        tell(say("records.keys.requested", path=arguments.out))
    if arguments.send is not None:
        write_file(log.store.path.parent / joining.REQUEST, raw)
        for url in _ask(log, arguments.send, raw).taken:
            tell(say("records.keys.sent", url=url))
    tell(say("records.keys.own", bench=log.key.id[:8], fingerprint=log.key.fingerprint))


def _ask(log: Log, url: str, raw: bytes) -> Round:
    """Ask the server of that address, or all that are found. Raises `RecordsError` where none
    took the request."""
    from bench.exchange.asking import ask_all
    from bench.hub.discovery import find
    from bench.records.errors import RecordsError

    asked = ask_all(log, [url] if url else find(), raw)
    if not asked.taken:
        raise asked.why or RecordsError("hub_not_found")
    return asked


def _waiting(log: Log, arguments: argparse.Namespace) -> None:
    """Who asks, never a fingerprint: the one that counts is heard from the bench's own screen."""
    from bench.hub.waiting import Waiting
    from bench.records.signed import keys

    found = Waiting(log.store.path.parent).waiting()
    if arguments.json:
        rows = [
            {
                "bench": keys.key_id(each.public),
                "name": each.asked.name,
                "address": each.address,
                "silent_s": int(each.silent_s),
            }
            for each in found
        ]
        tell_json(rows, indent=2)
        return
    for each in found:
        told = {"bench": keys.key_id(each.public)[:8], "address": each.address}
        tell(say("records.keys.waits", name=each.asked.name or "?", **told))
    tell(say("records.keys.waiting_how" if found else "records.keys.waiting_none"))


def _admit(log: Log, arguments: argparse.Namespace) -> None:
    from bench.hub.admitting import certified
    from bench.setup.files import free_name, give

    if arguments.file is None:
        _admit_waiting(log, arguments)
        return
    if arguments.out is None:
        raise Failure("records.keys.admit_out", Exit.USAGE)
    free_name(arguments.out)
    raw = read_given(arguments.file)
    give(arguments.out, certified(log, raw, heard=arguments.heard, role=arguments.role))
    tell(say("records.keys.admitted", path=arguments.out))


def _admit_waiting(log: Log, arguments: argparse.Namespace) -> None:
    """The bench that asked at the server; one that has not yet is waited for, and has room there
    from now on. Raises `Failure`."""
    from bench.hub.admitting import admit_waiting

    _workshop(log)  # whether it is here at all is said before anybody waits
    found = admit_waiting(log, arguments.heard, arguments.role)
    if found is None:
        tell(say("records.keys.awaited"), flush=True)
        end = time.monotonic() + AWAITED_S
        while found is None and time.monotonic() < end:
            time.sleep(_LOOK_S)
            found = admit_waiting(log, arguments.heard, arguments.role)
    if found is None:
        raise Failure("records.keys.nobody", Exit.REFUSED)
    tell(say("records.keys.answered", name=found.asked.name or "?"))


def _join(log: Log, arguments: argparse.Namespace) -> Exit:
    """Without the fingerprint heard nothing is recorded, and it is never shown: whoever is refused
    could copy it, and a stick or a server can bring a certificate of anybody.
    """
    from bench.casefile.numbers import note_given_out
    from bench.records import joining

    if arguments.from_network is not None:
        answers, place = _fetched(log, arguments.from_network), "--from-network"
    elif arguments.file is not None:
        answers, place = [read_given(arguments.file)], str(arguments.file)
    else:
        raise Failure("records.keys.join_what", Exit.USAGE)
    if not arguments.heard:
        joining.read_answer(answers[0])  # what is no answer is said before anybody calls
        tell(say("records.keys.compare", path=place))
        return Exit.REFUSED
    answer = joining.of_heard(answers, arguments.heard)
    joining.join(log, answer, heard=arguments.heard)
    note_given_out(log, joining.numbers_of(answer))
    durable.drop(log.store.path.parent / joining.REQUEST)
    tell(say("records.keys.joined"))
    return Exit.DONE


def _fetched(log: Log, url: str) -> list[bytes]:
    """What servers answer to this bench. Raises `Failure` while none has."""
    from bench.records import joining
    from bench.records.day import pin

    path = log.store.path.parent / joining.REQUEST
    raw = path.read_bytes() if path.is_file() else joining.request(log, "", pin.public(log))
    answers = list(_ask(log, url, raw).answers.values())
    if not answers:
        raise Failure("records.keys.not_answered", Exit.FINDING)
    return answers


def _revoke(log: Log, arguments: argparse.Namespace) -> None:
    from bench.records import joining

    workshop, reason = _workshop(log), arguments.reason
    if joining.find_bench(log, arguments.bench) == log.key.id and not arguments.this_bench:
        raise Failure("records.errors.revoke_own", Exit.REFUSED, bench=log.key.id[:8])
    joining.revoke(log, workshop, arguments.bench, arguments.after, reason=reason)
    tell(say("records.keys.revoke_done", bench=arguments.bench, seq=arguments.after))


def _reinstate(log: Log, arguments: argparse.Namespace) -> None:
    from bench.records import joining

    joining.reinstate(log, _workshop(log), arguments.bench, reason=arguments.reason)
    tell(say("records.keys.reinstated", bench=arguments.bench))


def _coordinate(log: Log, arguments: argparse.Namespace) -> None:
    """Weighty for who types it by mistake, not for others: they hear the fingerprint first."""
    from bench.opening.supervisor import ask
    from bench.records import coordinating
    from bench.records.day import pin

    workshop = _workshop(log)
    if not arguments.this_bench:
        raise Failure("records.keys.coordinate_how", Exit.REFUSED)
    if pin.is_set(log) and not log.coordinates:
        ask(log)
    made = coordinating.coordinate(log, workshop)
    tell(say("records.keys.coordinates" if made else "records.keys.coordinates_already"))
    tell(say("records.keys.coordinates_heard", fingerprint=workshop.fingerprint))


def _code(log: Log, arguments: argparse.Namespace) -> None:
    """Typed, never an argument: see `read_code`."""
    from bench.opening.supervisor import read_code
    from bench.records.day import pin

    had = pin.is_set(log)
    old = read_code(say("records.keys.code_old")) if had else ""
    new = read_code(say("records.keys.code_new"))
    if read_code(say("records.keys.code_again")) != new:
        raise Failure("records.keys.code_differs", Exit.USAGE)
    if had:
        pin.change(log, old, new)
    else:
        pin.choose(log, new)
    tell(say("records.keys.code_done" if had else "supervisor.pin_chosen"))
    if not log.has_supervisor():
        tell(say("records.keys.code_to_certify"))


def _check(log: Log, arguments: argparse.Namespace) -> None:
    """Whether who is here knows the code: the stick's second console asks (live/system)."""
    from bench.opening.supervisor import ask

    ask(log)


_ACTIONS = {
    "show": _show,
    "request": _request,
    "waiting": _waiting,
    "admit": _admit,
    "join": _join,
    "revoke": _revoke,
    "reinstate": _reinstate,
    "coordinate": _coordinate,
    "code": _code,
    "check": _check,
}
