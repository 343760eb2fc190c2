"""`etabli hub`: the server that benches push to; `hub serve`: with its pages; its accounts; its
further servers; its backups."""

from __future__ import annotations

import argparse
import contextlib
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import tell, tell_json
from bench.opening.context import Context
from bench.screens.kit import times
from bench.setup.datafolder import DataFolder
from bench.words.catalogue import say

_PAGES_PORT = 8480
_EXTRA = (
    *("starlette", "uvicorn", "jinja2", "python_multipart", "argon2", "anyio"),
    "prometheus_client",
)
_PORT = 8474  # bench.exchange.wire.PORT, which is not imported to draw the help


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--listen", default="0.0.0.0", metavar="ADRESSE", help=say("exchange.hub.help_listen"))
    add("--port", type=int, default=_PORT, help=say("exchange.hub.help_port"))
    add("--carried-port", type=int, metavar="PORT", help=say("exchange.hub.help_carried_port"))
    add("--quiet", action="store_true", help=say("exchange.hub.help_quiet"))
    actions = parser.add_subparsers(dest="action", metavar=say("cli.command"))
    for name, add_more in _ACTIONS.items():
        add_more(actions.add_parser(name, help=say(f"hub.{name}.help")))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """The intake alone, or what is named."""
    if arguments.action is None:
        _intake(arguments, context)
        return int(Exit.DONE)
    with _libraries():
        if arguments.action == "account":
            from bench.hub.keeping import keep

            keep(context, arguments)
        elif arguments.action == "webhook":
            from bench.hub import hooking

            hooking.keep(context, arguments)
        elif arguments.action == "mail":
            from bench.hub import posting

            posting.keep(context, arguments)
        elif arguments.action == "database":
            from bench.hub import databases

            databases.keep(context, arguments)
        elif arguments.action in ("backup", "restore"):
            {"backup": _save, "restore": _put_back}[arguments.action](arguments, context)
        elif arguments.demo:
            _demo(arguments, context)
        else:
            _pages(arguments, context)
    return int(Exit.DONE)


@contextlib.contextmanager
def _libraries() -> Iterator[None]:
    """The pages' libraries are an extra: a bench does without."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in _EXTRA:
            raise Failure("hub.errors.missing", Exit.MACHINE) from error
        raise


def _serve(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--listen", default="127.0.0.1", metavar="ADRESSE", help=say("hub.serve.help_listen"))
    add("--port", type=int, default=_PAGES_PORT, help=say("hub.serve.help_port"))
    add("--intake-port", type=int, default=_PORT, help=say("hub.serve.help_intake_port"))
    add("--carried-port", type=int, metavar="PORT", help=say("exchange.hub.help_carried_port"))
    add("--database", default="", metavar="URL", help=say("hub.serve.help_database"))
    add("--move", action="store_true", help=say("hub.serve.help_move"))
    add("--no-intake", action="store_true", help=say("hub.serve.help_no_intake"))
    add("--watch", type=Path, metavar="DOSSIER", help=say("hub.serve.help_watch"))
    add("--demo", action="store_true", help=say("hub.serve.help_demo"))
    add("--quiet", action="store_true", help=say("hub.serve.help_quiet"))


def _account(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", metavar=say("cli.command"))
    add = acts.add_parser("add", help=say("hub.account.help_add"))
    add.add_argument("name", metavar="NOM", help=say("hub.account.help_name"))
    add.add_argument("--role", required=True, help=say("hub.account.help_role"))
    add.add_argument("--workshop", default="", help=say("hub.account.help_workshop"))
    add.add_argument("--reference", default="", help=say("hub.account.help_reference"))
    listed = acts.add_parser("list", help=say("hub.account.help_list"))
    listed.add_argument("--json", action="store_true", help=say("cli.json"))
    remove = acts.add_parser("remove", help=say("hub.account.help_remove"))
    remove.add_argument("name", metavar="NOM", help=say("hub.account.help_name"))
    password = acts.add_parser("password", help=say("hub.account.help_password"))
    password.add_argument("name", metavar="NOM", help=say("hub.account.help_name"))
    history = acts.add_parser("history", help=say("hub.account.help_history"))
    history.add_argument(
        "name", metavar="NOM", nargs="?", default="", help=say("hub.account.help_name")
    )
    history.add_argument("--json", action="store_true", help=say("cli.json"))
    token = acts.add_parser("token", help=say("hub.account.help_token"))
    token.add_argument("name", metavar="NOM", help=say("hub.account.help_name"))
    token.add_argument("--revoke", action="store_true", help=say("hub.account.help_revoke"))
    for linking in (add, password):
        here = f"http://127.0.0.1:{_PAGES_PORT}"
        linking.add_argument("--url", default=here, metavar="URL", help=say("hub.account.help_url"))


def _webhook(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", metavar=say("cli.command"))
    add = acts.add_parser("add", help=say("hub.webhook.help_add"))
    add.add_argument("url", metavar="URL", help=say("hub.webhook.help_url"))
    listed = acts.add_parser("list", help=say("hub.webhook.help_list"))
    listed.add_argument("--json", action="store_true", help=say("cli.json"))
    remove = acts.add_parser("remove", help=say("hub.webhook.help_remove"))
    remove.add_argument("reference", metavar="REF", help=say("hub.webhook.help_reference"))


def _mail(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", metavar=say("cli.command"))
    add = acts.add_parser("set", help=say("hub.mail.help_set")).add_argument
    add("host", metavar="SERVEUR", help=say("hub.mail.help_host"))
    add("--port", type=int, default=587, help=say("hub.mail.help_port"))
    choices = ("starttls", "tls", "none")  # bench.hub.accounts.mail.SECURITIES
    add("--security", default=choices[0], choices=choices, help=say("hub.mail.help_security"))
    add("--user", default="", metavar="NOM", help=say("hub.mail.help_user"))
    add("--password-file", type=Path, metavar="FICHIER", help=say("hub.mail.help_password_file"))
    add("--sender", required=True, metavar="ADRESSE", help=say("hub.mail.help_sender"))
    add("--url", required=True, metavar="URL", help=say("hub.account.help_url"))
    add("--late-days", type=int, default=7, metavar="JOURS", help=say("hub.mail.help_late_days"))
    test = acts.add_parser("test", help=say("hub.mail.help_test"))
    test.add_argument("address", metavar="ADRESSE", help=say("hub.mail.help_address"))
    shown = acts.add_parser("show", help=say("hub.mail.help_show"))
    shown.add_argument("--json", action="store_true", help=say("cli.json"))
    acts.add_parser("off", help=say("hub.mail.help_off"))


def _database(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", metavar=say("cli.command"))
    listed = acts.add_parser("list", help=say("hub.database.help_list"))
    listed.add_argument("--json", action="store_true", help=say("cli.json"))
    for name in ("move", "home"):
        moved = acts.add_parser(name, help=say(f"hub.database.help_{name}"))
        moved.add_argument("workshop", metavar="ATELIER", help=say("hub.account.help_workshop"))
        if name == "move":
            moved.add_argument(
                "--to", required=True, metavar="SERVEUR", help=say("hub.database.help_to")
            )
    acts.add_parser("settle", help=say("hub.database.help_settle"))


def _backup(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--out", type=Path, required=True, metavar="FICHIER", help=say("hub.backup.help_out"))
    add("--json", action="store_true", help=say("cli.json"))


def _restore(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("file", type=Path, metavar="FICHIER", help=say("hub.restore.help_file"))
    add("--replace", action="store_true", help=say("hub.restore.help_replace"))
    add("--json", action="store_true", help=say("cli.json"))


_ACTIONS = {
    "serve": _serve,
    "account": _account,
    "webhook": _webhook,
    "mail": _mail,
    "database": _database,
    "backup": _backup,
    "restore": _restore,
}


def _save(arguments: argparse.Namespace, context: Context) -> None:
    from bench.hub import backup

    log = context.open_log(record_jobs=False)
    try:
        done = backup.save(log, arguments.out)
    finally:
        log.store.close()
    if arguments.json:
        tell_json(msgspec.to_builtins(done), indent=2)
        return
    counts = {"events": done.events, "accounts": done.accounts}
    tell(say("hub.backup.done", path=done.path, **counts))


def _put_back(arguments: argparse.Namespace, context: Context) -> None:
    from bench.hub import backup
    from bench.records.signed.event import timestamp

    moment = timestamp(context.clock.now())
    done = backup.restore(
        arguments.file, context.data.make(), moment=moment, replace=arguments.replace
    )
    if arguments.json:
        tell_json(msgspec.to_builtins(done), indent=2)
        return
    counts = {"events": done.events, "accounts": done.accounts, "keys": done.keys}
    tell(say("hub.restore.done", at=times.moment(done.at), **counts))
    for path in done.former:
        tell(say("records.restore.moved", path=path))
    tell(say("hub.restore.again"))
    tell(say("records.restore.then"))


def _intake(arguments: argparse.Namespace, context: Context) -> None:
    """Serves until interrupted."""
    from bench.hub import intake

    with contextlib.ExitStack() as stack:
        where, carried = (arguments.listen, arguments.port), arguments.carried_port
        here = stack.enter_context(
            intake.opened(context, *where, quiet=arguments.quiet, carried_port=carried)
        )
        stack.enter_context(intake.beside(here.carried))
        for number in (signal.SIGINT, signal.SIGTERM):  # a service manager sends the second
            signal.signal(number, signal.default_int_handler)
        with contextlib.suppress(KeyboardInterrupt):
            tell(say("exchange.hub.listening", url=here.url), flush=True)
            here.listener.serve_forever()


def _pages(arguments: argparse.Namespace, context: Context, *, demo: bool = False) -> None:
    from bench.hub.starting import Where, serve

    if not demo:
        _place(arguments, context)
    intake_port = None if arguments.no_intake else arguments.intake_port
    # Benches reach the intake from elsewhere, whoever serves the pages to browsers; a
    # demonstration has none to hear.
    where = ("127.0.0.1" if demo else "0.0.0.0", intake_port)
    quiet = arguments.quiet or demo
    listen, watch = (arguments.listen, arguments.port), arguments.watch
    carried = arguments.carried_port
    told = Where(*listen, *where, quiet=quiet, demo=demo, watch=watch, carried_port=carried)
    serve(context, told)


def _place(arguments: argparse.Namespace, context: Context) -> None:
    from bench.hub.placing import place
    from bench.opening.under_way import under_way

    if arguments.database:
        with under_way(say("hub.serve.moving")) as progress:
            folder, moved = context.data.make(), arguments.move
            former = place(folder, arguments.database, move=moved, progress=progress)
        if former is not None:
            tell(say("hub.serve.moved", path=former))


def _demo(arguments: argparse.Namespace, context: Context) -> None:
    """An invented network, in a folder of its own; one that is named is made once."""
    from bench.demo.network import plant
    from bench.hub.placing import is_empty

    with tempfile.TemporaryDirectory(prefix="etabli-demo-") as made:
        folder = Path(arguments.data).expanduser().absolute() if arguments.data else Path(made)
        inside = Context(DataFolder(folder, "option"), clock=context.clock, random=context.random)
        _place(arguments, inside)
        if is_empty(inside):
            plant(folder)
        log = inside.open_log(record_jobs=False)
        invented = log.demo
        log.store.close()
        if not invented:
            raise Failure("hub.errors.demo_folder", Exit.REFUSED, path=folder)
        _pages(arguments, inside, demo=True)
