"""The guided screens, without Textual: pages that say what is shown and what keys mean.

`book` lists them by name, `desk` puts the right one up, `kit` is what they are made of.
Imports the guide, the words and the errors; never the record, wipe or a printer.
"""
