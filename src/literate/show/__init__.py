"""A book and its results -> what readers see: woven pages, lives, pictures, notebooks, downloads.

Comes in: the book, results of experiments. Goes out: plain Markdown and files. Imports ``read``, ``fold`` and
``run``.
"""
