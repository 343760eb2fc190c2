"""The guided visit without a screen: where it stands, what happened, what comes next. Pure.

`port` is all it asks of the rest of Établi, `shown` what it gets back.
Imports nothing of the bench and only the facts model of `diagnostics`.
"""
