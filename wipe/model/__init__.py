"""The words of an erasure as data: spec, codes, capabilities, ranges, steps, keys.

Frozen structs and enumerations; no function here touches a machine.
Imports the facts model of `diagnostics`.
"""
