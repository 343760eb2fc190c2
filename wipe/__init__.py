"""Erasing a disk: decided, done, journalled, proved. Each job is a process of its own.

A false "erased" is a leak: what is not seen is not said. Floors are in pyproject.toml.
Imports the facts model and the runner of `diagnostics`, nothing else.
"""
