"""The pages that tell the lives of the definitions: Markdown for the root of ``docs/``.

A version comes with the sentence that stands above its fragment, and as the full difference to the version
before it.
"""

from __future__ import annotations

import posixpath
import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from operator import itemgetter

from literate.fold.book import Book
from literate.fold.lives import Event, Life, anchor, lives
from literate.fold.module import Definition
from literate.read.page import LINK, Block, Page
from literate.show.life_picture import picture, versions
from literate.show.views import diff

OVERVIEW = "lives.md"
MOST = 5  # definitions at the top of the overview
MANY = 4  # versions that are worth a picture
FRONT = "---\ntitle: {title}\nsearch:\n  exclude: true\n---\n"
NO_PROSE = ("#", "!!!", "???", "===", "{", "|", "```", "~~~", "<")
ITEM = re.compile(r"([-+*]|\d+[.)])\s+")
ABOUT = """\
Each class, function and constant that the package has, or once had, has a page that tells its versions:
the chapter that wrote it, the sentence that gives the reason, and what changed.
The labels over the blocks of the chapters lead to these pages, and so does the reference."""

CAPTION = "Lines of code, comments and docstrings apart: below the line what the chapter took away."


def pages(book: Book) -> dict[str, str]:
    """The text of every page by its name."""
    return {OVERVIEW: overview(book)} | {life.page: page(book, life) for life in lives(book).all}


# --- the page of a definition -------------------------------------------------------------------------------


def page(book: Book, life: Life) -> str:
    """The page of one definition."""
    parts = [FRONT.format(title=life.name), f"[Lives of the definitions]({OVERVIEW})\n{{ .kicker }}"]
    parts += [f"# `{life.name}`", f"{_where(book, life)}\n{_when(book, life.events)}"]
    if not life.members:
        parts += [*_picture(book, life, ""), *_versions(book, life, "", "##")]
        return "\n\n".join(parts) + "\n"
    parts.append(_contents(life))
    parts += ["## The class itself { #class }", *_versions(book, life, "", "###")]
    for name in life.members:
        place = f" {{ #{name} }}" if not name.endswith("_") else ""  # else the heading's own: bold in braces
        parts += [f"## `{name}`{place}", *_picture(book, life, name), *_versions(book, life, name, "###")]
    return "\n\n".join(parts) + "\n"


def _picture(book: Book, life: Life, member: str) -> list[str]:
    """The bars of a definition that was rewritten often."""
    name = f"{life.name}.{member}" if member else life.name
    if len(versions(book, name)) < MANY or lives(book).named(name) != (life, member):
        return []
    lines = picture(book, name, CAPTION, book.chapters[-1], beside=True)
    return ["\n".join(lines)] if lines else []


def _contents(life: Life) -> str:
    """Links to the members, those apart that were rewritten."""
    often: list[str] = []
    once: list[str] = []
    for name in life.members:
        number = _count(life.of(name))
        link = f"[`{name}`](#{name})"
        (often if number > 1 else once).append(f"{link} ({number})" if number > 1 else link)
    lists = [("In several versions", often), ("In one", once)]
    said = [f"{title}: {', '.join(links)}" for title, links in lists if links]
    return "\n".join(f"- {line}" for line in said)


def _count(events: Iterable[Event]) -> int:
    return sum(1 for event in events if event.after)


def _where(book: Book, life: Life) -> str:
    """``A class in `src/dezero/core.py`, which was `src/dezero.py` until chapter 23.``"""
    if life.path is None:
        return f"A {life.kind} that stood in `{life.events[-1].path}`, and is in the package no more."
    said, path = f"A {life.kind} in `{life.path}`", life.path
    for event in reversed([event for event in life.events if event.is_move and event.source]):
        if event.path == path:
            began = {"copies": "began as a copy of", "moves": "was"}[event.what]
            when = {"copies": "in", "moves": "until"}[event.what]
            said += f", which {began} `{event.source}` {when} {_chapter(book, event.block)}"
            path = event.source
    return f"{said}.{_came_from(book, life)}"


def _came_from(book: Book, life: Life) -> str:
    """Where a definition had its life before, if it was removed there in the chapter that wrote it here."""
    chapter = book.chapter_of(life.events[0].block)
    for other in lives(book).all:
        gone = [event for event in other.events if event.what == "removes" and not event.member]
        same_name = other.name == life.name and other is not life
        if same_name and chapter in [book.chapter_of(event.block) for event in gone]:
            return f"\nIt had [a life before]({other.page}), in `{gone[-1].path}`."
    return ""


def _when(book: Book, events: Iterable[Event]) -> str:
    """``Written in chapter 7, changed 12 times, last in chapter 21.``"""
    first, *later = _writing(events)
    written = f"Written in {_chapter(book, first)}"
    if not later:
        return f"{written}, and never changed."
    times = "once," if len(later) == 1 else f"{len(later)} times, last"
    return f"{written}, changed {times} in {_chapter(book, later[-1])}."


def _writing(events: Iterable[Event]) -> list[Block]:
    """The fragments that wrote a definition or took something of it away."""
    return list(dict.fromkeys(event.block for event in events if not event.is_move))


def _chapter(book: Book, block: Block) -> str:
    return f"[{book.chapter_of(block).said}]({_fragment(book, block)})"


def _name(book: Book, path: str) -> str:
    """The name of a page below the folder of the pages."""
    return path.removeprefix(f"{book.project.docs}/")


def _fragment(book: Book, block: Block) -> str:
    """The address of a fragment for a page at the root of ``docs/``."""
    return f"{_name(book, block.path)}#fragment-{book.fragment_number(block)}"


# --- a version ----------------------------------------------------------------------------------------------


def _versions(book: Book, life: Life, member: str, mark: str) -> Iterator[str]:
    """What happened, with a heading for each chapter, the sentence that motivates it, and the code."""
    versions: Counter[str] = Counter()
    for event in life.of(member):
        if told := _told(book, life, event):
            chapter = book.chapter_of(event.block)
            versions[chapter.key] += 1
            title = f"{chapter.kicker} · [{chapter.title}]({_fragment(book, event.block)})"
            yield f"{mark} {title} {{ #{anchor(member, chapter, versions[chapter.key])} }}"
            if not event.is_move and (sentence := motive(book, chapter.page, event.block)):
                yield f"> {sentence}"
            yield from told


def _told(book: Book, life: Life, event: Event) -> list[str]:
    """What an event did: words or code."""
    twin = [f"In `{event.path}`:"] if event.twins and not event.is_move else []
    match event:
        case Event(what="moves"):
            return [f"`{event.source}` becomes `{event.path}`; not a line of `{life.name}` changes."]
        case Event(what="copies"):
            return [f"`{event.path}` begins as a copy of `{event.source}`, and has its own `{life.name}`."]
        case Event(what="removes", before=None):
            return [f"`{event.path}` is removed, and `{life.name}` with it."]
        case Event(what="removes"):
            place = f" from `{event.path}`" if event.twins else ""
            if event.inner and event.member:
                return [f"It is removed{place}, with its class."]
            return [f"It is removed{place}{_goes_on(book, life, event)}."]
        case Event(after=Definition() as after, before=None):
            if event.inner and event.member == "__doc__":
                return []  # the class, which came whole, shows it
            return [*twin, _fenced(textwrap.dedent(after.text), ".python .fragment")]
        case Event(after=Definition() as after, before=Definition() as before):
            old, new = (_own_text(definition) for definition in (before, after))
            if old == new:
                return [*twin, "Its members are put into another order."]
            return [*twin, _fenced("\n".join(diff(old, new, len(old) + len(new))), ".diff .difference")]
    return []


def _goes_on(book: Book, life: Life, event: Event) -> str:
    """Where a definition went that was removed in one file and written in another in the same chapter."""
    chapter = book.chapter_of(event.block)
    for other in lives(book).all if not event.member else ():
        first = other.events[0]
        if other.name == life.name and other is not life and book.chapter_of(first.block) == chapter:
            return f", and goes on in [`{first.path}`]({other.page})"
    return ""


def _own_text(definition: Definition) -> list[str]:
    """Its lines; of a class, whose members have lives of their own, the head."""
    text = definition.head_text if definition.kind == "class" else definition.text
    return textwrap.dedent(text).split("\n")


def _fenced(code: str, classes: str) -> str:
    return f"~~~~~~ {{ {classes} }}\n{code}\n~~~~~~"


def motive(book: Book, page: Page, block: Block) -> str:
    """The sentence right above a fragment, which says why; its links lead where they led on its page."""
    lines = page.text.split("\n")
    inside = {number for other in page.blocks for number in range(other.line, other.end + 1)}
    formula = False
    for number in range(block.line - 1, 0, -1):
        line = lines[number - 1].strip(" >")
        if number in inside or not line:
            continue
        if line.startswith("$$") or line.endswith("$$"):
            formula = not formula if line == "$$" or line.count("$$") == 1 else formula
        elif not formula:
            return (
                _mended(ITEM.sub("", line, count=1), _name(book, page.path))
                if not line.startswith(NO_PROSE)
                else ""
            )
    return ""


def _mended(sentence: str, name: str) -> str:
    """A sentence of the page ``name`` for a page at the root of ``docs/``."""

    def mended(link: re.Match[str]) -> str:
        target = link["target"]
        if target.startswith("#"):
            target = name + target
        elif not re.match(r"\w+:", target):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
        return f"[{link['text']}]({target})"

    return LINK.sub(mended, re.sub(r"\[\^[^\]]+\]", "", sentence))


# --- the overview -------------------------------------------------------------------------------------------


def overview(book: Book) -> str:
    """The page that lists them all, those first that were rewritten most often."""
    everything = lives(book).all
    parts = [FRONT.format(title="Lives of the definitions"), "# Lives of the definitions", ABOUT]
    parts += ["## Rewritten most often", _most(book, everything)]
    for path in dict.fromkeys(life.path for life in everything if life.path):
        parts += [f"## `{path}`", _all(book, everything, path)]
    if any(life.path is None for life in everything):
        parts += ["## No longer in the package", _all(book, everything, None)]
    return "\n\n".join(parts) + "\n"


def _all(book: Book, everything: Iterable[Life], path: str | None) -> str:
    """A table of those in one file."""
    rows = [(life, "class " if life.kind == "class" else "") for life in everything if life.path == path]
    return _table(book, [(f"{kind}[`{life.name}`]({life.page})", life.events) for life, kind in rows])


def _most(book: Book, everything: Iterable[Life]) -> str:
    """The functions and methods with the most versions; of two with as many, the longer first."""
    found: list[tuple[int, int, str, tuple[Event, ...]]] = []
    for life in everything:
        for member in life.members or ("",):
            versions = [event.after for event in life.of(member) if event.after]
            name, anchor = (f"{life.name}.{member}", f"#{member}") if member else (life.name, "")
            if len(versions) > 1:
                link = f"[`{name}`]({life.page}{anchor})"
                found.append((-len(versions), -len(versions[-1].head), link, life.of(member)))
    return _table(book, [(link, events) for *_, link, events in sorted(found, key=itemgetter(0, 1))[:MOST]])


def _table(book: Book, rows: Iterable[tuple[str, Iterable[Event]]]) -> str:
    lines = ["| Definition | Versions | Chapters |", "|---|--:|---|"]
    for name, events in rows:
        blocks = _writing(events)
        ends = {book.chapter_of(block).place: block for block in (blocks[-1], blocks[0])}
        links = " to ".join(_short(book, block) for _, block in sorted(ends.items(), key=itemgetter(0)))
        lines.append(f"| {name} | {len(blocks)} | {links} |")
    return "\n".join(lines)


def _short(book: Book, block: Block) -> str:
    """A link to a fragment that says the number of its chapter; where there is none, the title."""
    chapter = book.chapter_of(block)
    return f"[{chapter.title if chapter.number is None else chapter.number}]({_fragment(book, block)})"
