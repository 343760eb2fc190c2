"""What a signed paper's content must look like, as data: for who checks it in another language.

The browser's check (`bench/hub/pages/static/papers.js`) has no model of its own: it is given these,
read from the types that `papers.py` converts into. A field more there is a field more here.
"""

from __future__ import annotations

from typing import Any

from msgspec import NODEFAULT, inspect

Shape = str | dict[str, Any]
_PLAIN: dict[type[inspect.Type], str] = {
    inspect.BoolType: "bool",
    inspect.BytesType: "bytes",
    inspect.IntType: "int",
    inspect.NoneType: "null",
}


def shape_of(model: type) -> Shape:
    """The shape of a struct type.

    "str", "int", "bool", "null", "bytes"; `{"text": pattern}`, `{"list": shape, "most": n}`,
    `{"pair": shapes}`, `{"map": shape}` (names are any text), `{"any": shapes}`, `{"fields":
    {name: [required, shape]}}` (others may be beside them), `{"row": [[required, shape]]}`.
    Raises `TypeError` for what none of these says: a reader would let it pass.
    """
    return _shape(inspect.type_info(model))


def _shape(told: inspect.Type) -> Shape:
    kind = type(told)
    if kind in _PLAIN and all(getattr(told, name, None) is None for name in _LIMITS):
        return _PLAIN[kind]
    if isinstance(told, inspect.StrType) and told.min_length is None and told.max_length is None:
        return "str" if told.pattern is None else {"text": told.pattern.replace(r"\Z", "$")}
    if isinstance(told, inspect.VarTupleType) and told.min_length is None:
        return {"list": _shape(told.item_type), "most": told.max_length}
    if isinstance(told, inspect.TupleType):
        return {"pair": [_shape(each) for each in told.item_types]}
    if isinstance(told, inspect.DictType) and told.key_type == inspect.StrType():
        return {"map": _shape(told.value_type)}
    if isinstance(told, inspect.UnionType):
        return {"any": [_shape(each) for each in told.types]}
    if isinstance(told, inspect.StructType) and not told.forbid_unknown_fields:
        return _struct(told)
    raise TypeError(f"no shape says {told!r}")


_LIMITS = ("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length")


def _struct(told: inspect.StructType) -> Shape:
    fields = [
        (each.encode_name, [each.default is each.default_factory is NODEFAULT, _shape(each.type)])
        for each in told.fields
    ]
    return {"row": [field for _, field in fields]} if told.array_like else {"fields": dict(fields)}
