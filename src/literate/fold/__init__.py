"""Pages and chapters -> the book: the package as of any block, what each fragment changed, and all lives.

``fragment`` reads a block into definitions and ``imports``, ``folding`` puts them into a ``module``,
``history`` does so block after block, and ``book`` holds it all. ``names`` checks the prose against the
package, ``lives`` follows each definition from file to file.

Comes in: pages and chapters. Goes out: ``Book``, ``Module`` with an origin for each line, ``Lives``.
Imports ``read``.
"""
