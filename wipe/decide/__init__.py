"""Decisions, pure: the guard, the plan, the claim, the time it takes.

Facts in, answer with its reason out; nothing is asked and nothing is written.
Imports what was seen and the model.
"""
