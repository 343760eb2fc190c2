"""Exercises on recorded machines: lessons as data, a coach, and a port behind which nothing is.

It knows neither `wipe` nor who erases, no disk, no record and no runner (a contract in
pyproject.toml holds it). Imports the guide, the words, and how a grade is reckoned and explained.
"""
