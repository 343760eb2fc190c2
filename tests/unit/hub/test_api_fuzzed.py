"""Whatever is asked of the API, as its description says and otherwise: no 500, no other answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode, checks

from bench.hub.accounts.roles import Role
from bench.hub.api.app import whole
from bench.hub.api.call import Call
from bench.hub.api.routes import CALLS
from tests.unit.hub.test_api import name, token_of, unbounded
from tests.unit.hub.world import World, serving_app

EACH = 30  # cases of a call and a way of making them
checks.load_all_checks()
ASKED: list[Any] = checks.CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "allow_header_conformance",
    ]
)


@pytest.fixture(scope="module")
def api(world: World) -> Iterator[str]:
    with serving_app(whole(world.site, unbounded())) as address:
        yield address


@pytest.fixture(scope="module")
def keys(world: World) -> dict[Role, str]:
    return {role: token_of(world, role) for role in Role if role is not Role.NOBODY}


@pytest.mark.long
@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("call", CALLS, ids=name)
def test_no_answer_that_is_not_described(
    world: World, api: str, keys: dict[Role, str], call: Call, mode: GenerationMode
) -> None:
    described = httpx.get(f"{api}/api/openapi.json").json()
    operation = schemathesis.openapi.from_dict(described)[call.path][call.method]
    known = {"machine": world.places["machine"], "request": world.places["demande"]}
    there = {word: value for word, value in known.items() if f"{{{word}}}" in call.path}
    statuses = set()

    @settings(max_examples=EACH, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        case=st.one_of(
            operation.as_strategy(generation_mode=mode),
            operation.as_strategy(generation_mode=mode, path_parameters=there or None),
        ),
        role=st.sampled_from(sorted(keys)),
    )
    def asked(case: schemathesis.Case[Any], role: Role) -> None:
        answer = case.call_and_validate(
            base_url=api,
            headers={"Authorization": f"Bearer {keys[role]}"},
            checks=ASKED,
        )
        statuses.add(answer.status_code)

    asked()
    assert statuses - {401, 403}  # it got past the door
