"""Mails handed to a mail server: TLS proven for its name, everything bounded, nothing believed.

Whatever the server says (for ever, nonsense, a refusal of one address) becomes a word of trouble.
"""

from __future__ import annotations

import contextlib
import os
import smtplib
import socket
import ssl
from collections.abc import Iterator, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from bench.exchange.wire import within
from bench.hub.accounts.mail import Mail, Server
from bench.hub.accounts.undelivered import quoted
from bench.records.errors import RecordsError
from diagnostics import durable

CONNECT_S, WHOLE_S = 15.0, 60.0
MOST_PASSWORD = 4096  # bytes
_MOST_ANSWER = 64 * 1024


class Outcome(NamedTuple):
    """Of one mail: "" where it was taken; `final`: asking again would change nothing."""

    trouble: str
    final: bool = False


def password_of(server: Server) -> str:
    """From its file, which nobody else may read. Raises `RecordsError` (`mail_password`)."""
    if not server.password_file:
        return ""
    path = Path(server.password_file)
    wrong = RecordsError("mail_password", path=path.name[:100])
    try:
        with open(durable.open_file(path, 0), "rb") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise wrong
            told = file.read(MOST_PASSWORD + 1)
        password = told.decode("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise wrong from error
    if not password or len(told) > MOST_PASSWORD or not password.isprintable():
        raise wrong
    return password


def message(server: Server, mail: Mail, moment: datetime) -> EmailMessage:
    """A mail as it goes: plain text, its name always the same, so that one that comes twice is
    known. A line end in a header is an error of the library's, never a header more."""
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"] = server.sender, mail.address, mail.subject
    made["Date"] = format_datetime(moment)
    made["Message-ID"] = f"<{mail.reference}@{server.sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(mail.body, cte="quoted-printable")
    return made


def deliver(server: Server, mails: Sequence[Mail], moment: datetime) -> list[Outcome]:
    """Hand them over by one line; an outcome each, in order. Raises nothing."""
    done: list[Outcome] = []
    try:
        with _opened(server, password_of(server)) as line:
            for mail in mails:
                done.append(_one(line, server, mail, moment))
    except (OSError, ValueError, RecordsError) as error:  # smtplib's are all OSErrors
        done += [Outcome(_worded(error))] * (len(mails) - len(done))
    return done


@contextlib.contextmanager
def _opened(server: Server, password: str) -> Iterator[smtplib.SMTP]:
    with contextlib.ExitStack() as stack:
        line = _Line(server, stack)
        stack.callback(line.close)
        if server.security == "starttls":
            line.starttls(context=ssl.create_default_context())
        if server.user:
            line.login(server.user, password)
        yield line
        with contextlib.suppress(OSError):  # what was taken was taken
            line.quit()


def _one(line: smtplib.SMTP, server: Server, mail: Mail, moment: datetime) -> Outcome:
    """Raises `OSError` where the line is of no more use."""
    try:
        line.send_message(message(server, mail, moment), server.sender, [mail.address])
    except smtplib.SMTPRecipientsRefused as error:
        code, said = error.recipients[mail.address]
        return Outcome(_said(code, said), 500 <= code < 600)
    except smtplib.SMTPDataError as error:
        return Outcome(_said(error.smtp_code, error.smtp_error), 500 <= error.smtp_code < 600)
    return Outcome("")


class _Line(smtplib.SMTP):
    """Bounded in time as a whole, and in what one answer may be."""

    def __init__(self, server: Server, stack: contextlib.ExitStack) -> None:
        self._server, self._stack = server, stack
        name = server.sender.rpartition("@")[2]  # not this machine's own
        super().__init__(server.host, server.port, local_hostname=name, timeout=CONNECT_S)

    def connect(
        self, host: str = "localhost", port: int = 0, source_address: object = None
    ) -> tuple[int, bytes]:
        self.sock = socket.create_connection((host, port), CONNECT_S)
        self._stack.enter_context(within(self.sock, WHOLE_S))
        if self._server.security == "tls":
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=host)
        return self.getreply()

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = _Bounded(self.sock.makefile("rb"))
        if isinstance(self.file, _Bounded):
            self.file.left = _MOST_ANSWER
        return super().getreply()


class _Bounded:
    """What a server says, a line at a time, as far as one answer may be long."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.left = file, 0

    def readline(self, most: int = -1) -> bytes:
        line = self._file.readline(most)
        self.left -= len(line)
        if self.left < 0:
            raise OSError("endless answer")
        return line

    def close(self) -> None:
        self._file.close()


def _worded(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _said(error.smtp_code, error.smtp_error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"TLS: {error.verify_message}"[:120]
    return quoted(str(error) or type(error).__name__)


def _said(code: int, text: bytes | str) -> str:
    told = text.decode("ascii", "replace") if isinstance(text, bytes) else text
    return quoted(f"{code} {told}")
