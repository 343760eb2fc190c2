"""What went wrong, for programs: RFC 9457, with the code and sentence the pages would show."""

from __future__ import annotations

import http

import msgspec
from starlette.responses import Response

from bench.hub.pages.app import worded
from bench.hub.pages.page import Refusal

KIND = "application/problem+json"


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`code` is for programs, `detail` for people; `reason`: which field was not understood."""

    title: str
    status: int
    detail: str
    code: str
    type: str = "about:blank"
    reason: str = ""


class Misread(Refusal):
    """What was sent is not what the description says; `reason` as msgspec words it."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(400, code)
        self.reason = reason[:300]


def answer(error: Exception, headers: dict[str, str] | None = None) -> Response:
    """A refusal, or a failure of ours, in the language of who asks."""
    status, text = worded(error)
    code = getattr(error, "code", "") if status != 500 else "ours"
    problem = Problem(
        title=http.HTTPStatus(status).phrase,
        status=status,
        detail=text,
        code="record" if status == 503 else str(code).rpartition(".")[2],
        reason=error.reason if isinstance(error, Misread) else "",
    )
    return Response(msgspec.json.encode(problem), status, headers, media_type=KIND)
