"""Code -> its tree, if every version of Python that the package supports can compile it."""

from __future__ import annotations

import ast
import re
import sys
import tokenize
import warnings
from io import StringIO

F_STRING = re.compile(r"\b(?:r?f|fr)[\"']", re.IGNORECASE)


def parse(code: str, python: tuple[int, int]) -> ast.Module:
    """The tree of some code; ``python`` is the oldest version that must compile it, whatever runs now.

    Raises:
        SyntaxError: it cannot; ``msg`` says why and ``lineno`` where.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # an invalid escape, which some day will be an error
            tree = ast.parse(code, feature_version=python)
            warnings.simplefilter("ignore")
            compile(tree, "block", "exec", dont_inherit=True)
    except (ValueError, RecursionError, MemoryError) as error:  # a null byte; nested too deeply
        raise SyntaxError(str(error), ("block", 1, 1, "")) from None
    if sys.version_info >= (3, 12) > python and F_STRING.search(code):
        _refuse_new_f_strings(code)
    return tree


def _refuse_new_f_strings(code: str) -> None:
    """Since 3.12 an f-string may hold its own quotes, and more, which ``feature_version`` does not know."""
    quotes: list[str] = []  # of the f-strings around a token
    for token in tokenize.generate_tokens(StringIO(code).readline):
        kind, text = tokenize.tok_name[token.type], token.string
        if kind == "FSTRING_END":
            quotes.pop()
        around = quotes[:-1] if kind == "FSTRING_MIDDLE" else quotes
        if any(quote in text or (len(quote) == 1 and "\n" in text) for quote in around) or (
            around and (kind == "COMMENT" or "\\" in text)
        ):
            message = "the same quotes, a backslash, a comment or a line break within the {} of an f-string"
            raise SyntaxError(f"{message} need Python 3.12", ("block", token.start[0], 1, ""))
        if kind == "FSTRING_START":
            quotes.append(text.lstrip("rRfF"))
