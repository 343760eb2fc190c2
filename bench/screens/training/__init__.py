"""Exercises on the screen: the list of lessons, the desk a lesson is played on, its last page.

The pages of a visit are the real ones; what is behind them is `bench.guide.learning.Play`.
Imports the pages laid over others, the people's, the desk and the kit.
"""
