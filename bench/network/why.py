"""Why a pairing is proposed, in words."""

from __future__ import annotations

from bench.network.matching import Reason
from bench.words.catalogue import say
from bench.words.facts import gibibytes


def why(reason: Reason) -> str:
    """One reason as a person reads it."""
    if reason.code == "distance" and reason.value < 0:
        return say("sharing.why.distance_unknown")
    if reason.code == "more_memory":
        return say("sharing.why.more_memory", memory=gibibytes(reason.value << 20))
    return say(f"sharing.why.{reason.code}", count=reason.value)
