"""*Vérifier*: anybody's browser checks a signed paper, with what the page brought along.

Nothing of the paper comes here: no upload, and the site's policy lets a page connect nowhere. What
is known (keys of registered workshops, ids of their benches, revocations) and the shapes of papers
are in the page, so that it answers with the network cut. Benches go by their workshop's name: what
a workshop calls its own benches is nobody's business.
"""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bench.casefile.erasure import CLAIMS, ERASED
from bench.documents import shortcode, signed
from bench.documents.papers import ISSUED_AT, MODELS
from bench.documents.shape import shape_of
from bench.exchange.signers import Answer, signers_of
from bench.guide import scan
from bench.hub.pages.draw import draw
from bench.hub.pages.page import ANYBODY, Own, Page, Site, Visitor
from bench.records.log import Log
from bench.records.signed import keys
from bench.words.catalogue import find, say
from labels import keymaps
from labels.identifier import DEMO

FINDINGS = (
    "too_big", "unreadable", "not_canonical", "key_mismatch", "signature_wrong", "signer_unknown",
    "signer_revoked", "signer_revoked_since", "kind_unknown", "content_unreadable",
    "claims_too_much", "not_erased", "demonstration", "not_a_code", "code_unreadable",
)  # fmt: skip


def show(site: Site, visitor: Visitor, request: Request) -> Response:
    """The page, the same for everybody."""
    with site.reading() as log:
        known = _known(site, log)
    return draw(
        site,
        visitor,
        request,
        "verify.html",
        checking=json.dumps(_rules() | known, separators=(",", ":")),
        words=json.dumps(words(), ensure_ascii=False),
    )


def _known(site: Site, log: Log) -> dict[str, Any]:
    """Who is known, read again only where the record or the list of workshops changed."""
    shops = log.store.query("SELECT workshop, name, hex(key) FROM trust ORDER BY workshop")
    state = (log.store.query("SELECT max(n) FROM event"), shops)
    before = site.kept.get("verify")
    if isinstance(before, tuple) and before[0] == state:
        found: dict[str, Any] = before[1]
        return found
    told = signers_of(log.store.query)
    belongs = dict(log.store.query("SELECT bench, workshop FROM bench"))
    papers: dict[str, list[str]] = {}
    for bench, digest in sorted(told.on_record):
        papers.setdefault(bench, []).append(digest)
    found = {
        "workshops": {shop: {"name": name, "key": key.lower()} for shop, name, key in shops},
        "benches": {
            bench: belongs[bench] for bench in sorted(told.trusted) if bench not in told.workshops
        },
        "revoked": sorted(told.revoked),
        "kept": papers,
    }
    site.kept["verify"] = (state, found)
    return found


def _rules() -> dict[str, Any]:
    """What the browser's check must not know by heart."""
    return {
        "format": signed.FORMAT,
        "max_bytes": signed.MAX_BYTES,
        "attestation": signed.ATTESTATION,
        "methods": signed.METHODS,
        "claims": CLAIMS,
        "erased": ERASED,
        "issued_at": ISSUED_AT,
        "demo": DEMO,
        "prefix": shortcode.PREFIX,
        "kinds": shortcode.KINDS,
        "keymaps": keymaps.tables(),
        "swaps": scan.SWAPS,
        "shapes": {
            "papers": {kind: shape_of(model) for kind, model in MODELS.items()},
            "certificate": shape_of(keys.Certificate),
            "code": shape_of(shortcode.Essentials),
        },
    }


def words() -> dict[str, Any]:
    """The sentences of an answer, their holes left open for the browser to fill as text."""
    return {
        "answer": {answer: find(f"hub.verify.{answer}") for answer in Answer},
        "finding": {
            code: find(f"hub.verify.finding.{code}") or say(f"verify.finding.{code}")
            for code in FINDINGS
        },
        "kind": {kind: say(f"hub.verify.kind.{kind}") for kind in MODELS},
        "claim": {claim: say(f"documents.claim.{claim}") for claim in CLAIMS},
        "said": {name: find(f"hub.verify.said.{name}") for name in _SAID},
    }


_SAID = (
    "who", "claimed", "voice_workshop", "voice_bench", "voice_file", "claims", "more", "number",
    "workshop", "donor", "lot", "of_code", "pasted", "pdf", "bag", "other", "checking",
)  # fmt: skip

PAGES = (Page("GET", "/verifier", "verify", show, ANYBODY, Own.SHARED, menu=75),)
