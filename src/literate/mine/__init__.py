"""A reader's own code -> which promises of a chapter it keeps.

Comes in: the book, the path of somebody's module or package. Goes out: a report.
Imports ``read``, ``fold`` and ``run``.
"""
