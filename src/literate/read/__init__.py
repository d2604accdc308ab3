"""A page's text -> fragments, experiments, outputs, each with its lines; the chapters in nav order; findings.

Comes in: the texts of Markdown pages, of the nav, of ``pyproject.toml``. Goes out: ``Page``, ``Chapter``,
``Project``, ``Finding``. Imports no other room.
"""
