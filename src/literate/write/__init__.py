"""A book and a project's files -> what has to be written, and what forbids it.

Comes in: the book and the files that lie there. Goes out: a plan, edits carried back into the chapters, files
that a kill leaves whole. Imports ``read``, ``fold`` and ``run``.
"""
