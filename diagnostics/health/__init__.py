"""A disk's health: SMART facts in, verdict with rule, value and threshold out. Pure.

The thresholds are data with their sources (`rules.toml`).
Imports the facts model.
"""
