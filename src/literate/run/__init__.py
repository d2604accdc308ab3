"""Experiments and tests -> what they put out, and what is wrong with that.

Comes in: sessions of a book, a package as of some fragment. Goes out: results, pictures, findings.
Imports ``read`` and ``fold``.
"""
