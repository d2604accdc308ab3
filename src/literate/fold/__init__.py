"""A module and a fragment -> the new module; the book, the package as of any fragment, and all lives.

Comes in: pages and chapters. Goes out: ``Book``, ``Module`` with an origin for each line, ``Lives``.
Imports ``read``.
"""
