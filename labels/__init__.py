"""Labels and printers: content, layout, drawing, and the printers' own languages.

Given what may be said, it draws the same label on every printer. It knows no other package.
Imports nothing of bench, diagnostics or wipe.
"""
