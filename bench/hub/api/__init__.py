"""The hub for programs: JSON over the same readers and the same rules as the pages.

Each call is a row of one table (`routes`): who may ask, what is taken and given. Doors, tests and
the OpenAPI description are made from it. Imports the pages, for what they decide.
"""
