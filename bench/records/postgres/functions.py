"""Functions of SQLite that PostgreSQL lacks, in the record's own schema.

`json_extract` reads the bytes of an event. In them U+0000 is spelt as an escape, which PostgreSQL
reads in no text: it is spelt first as `bench.records.postgres.text` keeps it. Two backslashes are
a backslash that is meant, so they are put aside meanwhile; as control characters never stand in
JSON, one takes their place.
"""

from __future__ import annotations

_JSON = r"""
CREATE FUNCTION readable_json(body text) RETURNS json LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT CASE WHEN strpos(body, '\u000') = 0 THEN body ELSE
    replace(replace(replace(replace(body, '\\', chr(2)),
        '\u0001', '\u0001\u0002'), '\u0000', '\u0001\u0001'), chr(2), '\\') END::json $$
"""
ALL = (
    _JSON,
    "CREATE FUNCTION json_extract(body bytea, place text) RETURNS text"
    " LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$"
    " SELECT readable_json(convert_from(body, 'UTF8'))"
    " #>> string_to_array(substr(place, 3), '.') $$",
    "CREATE FUNCTION json_each(body text, OUT key text, OUT value text) RETURNS SETOF record"
    " LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$"
    " SELECT each.key, each.value FROM json_each_text(CASE WHEN body LIKE '{%' THEN"
    " readable_json(body) END) AS each UNION ALL SELECT (place - 1)::text, item FROM"
    " json_array_elements_text(CASE WHEN body LIKE '[%' THEN readable_json(body) END)"
    " WITH ORDINALITY AS each (item, place) $$",
    "CREATE FUNCTION hex(body bytea) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE"
    " AS $$ SELECT upper(encode(body, 'hex')) $$",
    "CREATE FUNCTION instr(whole text, part text) RETURNS integer"
    " LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT strpos(whole, part) $$",
    "CREATE FUNCTION instr(whole bytea, part bytea) RETURNS integer"
    " LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT position(part IN whole) $$",
    "CREATE FUNCTION max(a bigint, b bigint) RETURNS bigint"
    " LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT greatest(a, b) $$",
    "CREATE FUNCTION max(a text, b text, c text) RETURNS text"
    " LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT greatest(a, b, c) $$",
    # `+column` keeps SQLite from an index; here it says nothing.
    "CREATE FUNCTION same_text(value text) RETURNS text"
    " LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT value $$",
    "CREATE OPERATOR + (RIGHTARG = text, FUNCTION = same_text)",
)
