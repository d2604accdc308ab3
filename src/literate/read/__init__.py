"""A book's files -> pages with their blocks, each with its lines; the chapters in nav order; findings.

``project`` says where the files are, ``files`` reads them, ``fences`` finds the fenced blocks of a page,
``page`` what each of them is, ``chapters`` the order of the nav. ``syntax`` tells whether code compiles,
``finding`` is what an author must mend.

Comes in: the folder of a project. Goes out: ``Project``, ``Page``, ``Chapter``, ``Finding``.
Imports no other room.
"""
