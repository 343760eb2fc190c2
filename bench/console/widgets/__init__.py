"""The widgets a view is drawn with: blocks, choices, drawings, tables, words.

Each draws one part of `bench.screens.kit.view.View`.
Imports Textual and the view, nothing else of the bench.
"""
