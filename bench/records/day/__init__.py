"""The supervisor's day: review, decisions, closing, the code that opens it.

What holds the day open is said in `review` alone.
Imports any room of the records.
"""
