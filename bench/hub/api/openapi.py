"""The description of the calls, OpenAPI 3.1, made from their table: what is served is described."""

from __future__ import annotations

import http
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from bench.hub.api.call import MOST_NAME, Call
from bench.hub.api.problems import KIND, Problem
from bench.words.catalogue import say
from bench.words.version import VERSION

PATH = "/api/openapi.json"
_REF = "#/components/schemas/{name}"
_ALWAYS = (400, 401, 403, 429, 431, 500, 503)
_WITH_BODY = (408, 413, 415)


def described(calls: Sequence[Call]) -> dict[str, Any]:
    """The whole description, in the language of who asks."""
    types = [Problem, *(each for call in calls for each in (call.gives, call.body) if each)]
    refs, schemas = msgspec.json.schema_components(types, ref_template=_REF)
    named = dict(zip(map(id, types), refs, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for call in calls:
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(call, named)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": say("hub.name"),
            "version": VERSION,
            "description": say("hub.api.what"),
            "license": {"name": "GPL-3.0-or-later", "identifier": "GPL-3.0-or-later"},
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": {name: _bare(schema) for name, schema in schemas.items()},
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": say("hub.api.token"),
                }
            },
        },
    }


def _operation(call: Call, named: dict[int, Any]) -> dict[str, Any]:
    good: dict[str, Any] = {
        "description": http.HTTPStatus(call.status).phrase,
        "content": {"application/json": {"schema": named[id(call.gives)]}},
    }
    if call.location:
        good["headers"] = {"Location": {"required": True, "schema": {"type": "string"}}}
    wrong = [
        *_ALWAYS,
        *((404,) if _may_be_missing(call) else ()),
        *(_WITH_BODY if call.body else ()),
    ]
    told: dict[str, Any] = {
        "operationId": call.name,
        "summary": say(f"hub.api.{call.name}"),
        "description": say("hub.api.roles", roles=", ".join(sorted(call.roles))),
        "parameters": [*_in_path(call), *_in_query(call)],
        "responses": {str(call.status): good}
        | {str(each): _refusal(each) for each in sorted(wrong)},
    }
    if call.body:
        content = {"application/json": {"schema": named[id(call.body)]}}
        told["requestBody"] = {"required": True, "content": content}
    return told


def _may_be_missing(call: Call) -> bool:
    """What a path or a body names, or a workshop asked for, may not be there."""
    return (
        "{" in call.path
        or call.body is not None
        or any(field.name == "workshop" for field in msgspec.structs.fields(call.query))
    )


def _refusal(status: int) -> dict[str, Any]:
    told: dict[str, Any] = {
        "description": http.HTTPStatus(status).phrase,
        "content": {KIND: {"schema": {"$ref": _REF.format(name="Problem")}}},
    }
    if status == 429:
        told["headers"] = {"Retry-After": {"required": True, "schema": {"type": "string"}}}
    if status == 401:
        told["headers"] = {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}}
    return told


def _in_path(call: Call) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "minLength": 1, "maxLength": MOST_NAME},
        }
        for name in re.findall(r"\{(\w+)\}", call.path)
    ]


def _in_query(call: Call) -> list[dict[str, Any]]:
    return [
        {
            "name": field.encode_name,
            "in": "query",
            "required": False,
            "schema": msgspec.json.schema(field.type) | {"default": field.default},
        }
        for field in msgspec.structs.fields(call.query)
    ]


def _bare(schema: dict[str, Any]) -> dict[str, Any]:
    """Without what our own words for a shape are: they are for who reads the code."""
    return {name: value for name, value in schema.items() if name != "description"}
