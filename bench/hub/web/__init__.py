"""Requests before they reach a page: lines, sizes, times, headers, cookies, uploads.

Knows Starlette and uvicorn, and nothing of what a page shows. Who asks too much is cut here.
"""
