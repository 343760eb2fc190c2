"""The record in PostgreSQL: one connection that is spoken to as SQLite's is.

Written for the hub alone, which asks for it by a URL; psycopg is imported in here and nowhere else.
"""
