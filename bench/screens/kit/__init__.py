"""What pages are made of: the page, its view, the desk it lies on, watch, lane, times.

`desk` holds the narrow protocols: a page knows no other page and no concrete desk.
Imports the guide and the words.
"""
