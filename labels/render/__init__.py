"""A drawing turned into PDF, PNG, SVG or dots.

Exact to the dot: what is drawn is what a scanner reads.
Imports the drawing.
"""
