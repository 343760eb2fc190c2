"""How a page is drawn: the common sheet, its tables, its letters, codes and photos.

Knows nothing of what a paper says; reportlab is imported here and in `lot_label`, nowhere else.
"""
