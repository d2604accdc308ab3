"""Entries of a site's search that lead to the place where a name or a term is introduced.

An entry goes before the headings in which its words occur. Material weighs it by ``boost``, multiplied by the
weight of the field: its title, and ``words``, which are looked for and not shown.
"""

from __future__ import annotations

import ast
import html
import re
import textwrap
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from literate.fold.book import Book
from literate.fold.lives import Event, Life, lives
from literate.read.page import Block
from literate.read.sentences import plain
from literate.show.glossary import Term, terms
from literate.show.labels import Label
from literate.show.life_picture import full_name

ASIDE = 0.3  # what stands on no chapter: answers, labs, the reference
BOOST = 10  # a title counts two and a half times as much if it is that of a page
OPTION = 20  # so does a name of its own
TERM = 20  # a term of the field goes before the names that begin like it, not before a name as it is typed
SHORT = 1  # letters of a name that nobody would search

Address = Callable[[str], str]  # of a Markdown page, with its anchor, on the site


def entries(book: Book, address: Address) -> Iterator[dict[str, Any]]:
    """An entry for each definition, each term, and each fragment that brings new options and attributes."""
    yield from _of_definitions(book, address)
    yield from _of_options(book, address)
    for term in terms(book):
        yield _of_term(term, f"{address(PurePosixPath(term.path).name)}#{term.anchor}")


def _of_term(term: Term, place: str) -> dict[str, Any]:
    """Of terms that begin alike, the shorter goes first; a translation is found without its spaces."""
    title = f"{term.name} ({term.translation})" if term.translation else term.name
    meaning = re.sub(r"[$`\\]", "", plain(term.meaning))
    boost = TERM / len(re.findall(r"\w+", term.name))
    return _leading(place, title, [meaning], boost, re.sub(r"(?<=\w) (?=\w)", "", term.translation))


def _leading(place: str, title: str, said: list[str], boost: float, words: str = "") -> dict[str, Any]:
    text = "".join(f"<p>{html.escape(sentence)}</p>" for sentence in said if sentence)
    return {"location": place, "title": title, "text": text, "boost": boost, "words": words}


# --- definitions --------------------------------------------------------------------------------------------


def _of_definitions(book: Book, address: Address) -> Iterator[dict[str, Any]]:
    """Of two names that match, that goes first which was rewritten more often: a class does not hide members.

    A member that came with its class and stayed as it was needs none of its own, nor does an attribute:
    their names lead to the class.
    """
    for life in lives(book).all:
        there = book.final[life.path].definitions if life.path else {}
        with_class = [m for m in life.members if is_found_with_its_class(_versions(life, m), life)]
        for member in ("", *life.members):
            versions = _versions(life, member)
            if versions and member not in with_class:
                name, first = full_name(life, member), versions[0]
                last = there.get(name, versions[-1].after)
                said = [_introduced(book, first.block), _says(last.text) if last else ""]
                anchor = Label(book, first.block).anchor(first.path, name)
                boost = BOOST + min(len(versions), BOOST)
                words = _words_in(name, *(with_class if not member else ()))
                yield _leading(f"{address(_page_name(first.block))}#{anchor}", anchor, said, boost, words)


def _versions(life: Life, member: str) -> list[Event]:
    return [event for event in life.of(member) if event.after]


def is_found_with_its_class(versions: list[Event], life: Life) -> bool:
    """Whether a member needs no entry of its own."""
    first = versions[0] if versions else None
    is_attribute = bool(first and first.after and first.after.kind == "assignment")
    return is_attribute or bool(len(versions) == 1 and first and first.block == life.events[0].block)


def _words_in(*names: str) -> str:
    """``set_creator set creator`` for ``set_creator``: who searches a part of a name finds the whole."""
    known = [name for name in names if not name.startswith("_")]
    return " ".join(dict.fromkeys([*known, *(part for name in known for part in re.split(r"[_.]+", name))]))


def _introduced(book: Book, block: Block) -> str:
    chapter = book.chapter_of(block)
    return f"introduced in {chapter.said if chapter.number is None else f'chapter {chapter.entry}'}"


def _page_name(block: Block) -> str:
    return PurePosixPath(block.path).name


@lru_cache(maxsize=1024)  # a server asks again for each build
def _says(text: str) -> str:
    """The first line of what a class or function says about itself."""
    statement = ast.parse(textwrap.dedent(text)).body[0]
    if isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return (ast.get_docstring(statement) or "").partition("\n")[0]
    return ""


# --- options and attributes ---------------------------------------------------------------------------------


def _of_options(book: Book, address: Address) -> Iterator[dict[str, Any]]:
    """Where the book first has an argument that may be left out, or an attribute of an object."""
    for block, new in _first_options(book).items():
        place = f"{address(_page_name(block))}#fragment-{book.fragment_number(block)}"
        title = "; ".join(f"{name.removesuffix('.__init__')}: {', '.join(new[name])}" for name in new)
        words = _words_in(*(option for options in new.values() for option in options))
        yield _leading(place, title, [_introduced(book, block)], OPTION, words)


def _first_options(book: Book) -> dict[Block, dict[str, list[str]]]:
    """By fragment: its functions, and the options and attributes that no fragment before had."""
    found: dict[Block, dict[str, list[str]]] = {}
    seen: set[str] = set()
    for change in book.changes:
        options = _options(change.after.statement) if change.after else ()
        new = [name for name in options if name not in seen] if book.project.is_source(change.path) else []
        if new:
            found.setdefault(change.block, {})[change.name] = new
            seen.update(new)
    return found


@lru_cache(maxsize=4096)  # a server asks again for each build
def _options(function: ast.stmt) -> tuple[str, ...]:
    """The arguments that a function can do without, and the attributes that a method sets."""
    if not isinstance(function, ast.FunctionDef):
        return ()
    arguments = [*function.args.posonlyargs, *function.args.args]
    options = arguments[len(arguments) - len(function.args.defaults) :] + function.args.kwonlyargs
    names = [option.arg for option in options] + [*_attributes_set(function, arguments[:1])]
    return tuple(n for n in dict.fromkeys(names) if len(n) > SHORT and not n.startswith("_"))


def _attributes_set(method: ast.FunctionDef, this: list[ast.arg]) -> Iterator[str]:
    for node in ast.walk(method):
        match node:
            case ast.Attribute(value=ast.Name(id=owner), attr=name, ctx=ast.Store()):
                yield from (name for argument in this if argument.arg == owner)
