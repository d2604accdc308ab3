"""The pages that tell the lives of the definitions: Markdown for the root of ``docs/``.

A version comes with the sentence that stands above its fragment, and as the full difference to the version
before it.
"""

from __future__ import annotations

import posixpath
import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter

from literate.fold.book import Book
from literate.fold.lives import Event, Life, anchor, lives
from literate.fold.module import Definition
from literate.read.page import LINK, Block, Page
from literate.read.quoting import fenced
from literate.read.sentences import reason_above
from literate.show.changed import diff
from literate.show.labels import address, chapter_link
from literate.show.life_picture import full_name, picture, versions

OVERVIEW = "lives.md"
MOST = 5  # definitions at the top of the overview
BEGAN = {"copies": ("began as a copy of", "in"), "moves": ("was", "until")}
MANY = 4  # versions that are worth a picture
FRONT = "---\ntitle: {title}\nsearch:\n  exclude: true\n---\n"
ABOUT = """\
Each class, function and constant that the package has, or once had, has a page that tells its versions:
the chapter that wrote it, the sentence that gives the reason, and what changed.
The labels over the blocks of the chapters lead to these pages, and so does the reference."""

CODE, DIFFERENCE = " { .python .fragment }", " { .diff .difference }"
CAPTION = "Lines of code, comments and docstrings apart: below the line what the chapter took away."


def pages(book: Book) -> dict[str, str]:
    """The text of every page by its name."""
    return {OVERVIEW: overview(book)} | {life.page: page(book, life) for life in lives(book).all}


# --- the page of a definition -------------------------------------------------------------------------------


def page(book: Book, life: Life) -> str:
    """The page of one definition."""
    parts = [FRONT.format(title=life.name), f"[Lives of the definitions]({OVERVIEW})\n{{ .kicker }}"]
    parts += [f"# `{life.name}`", f"{_whereabouts(book, life)}\n{_when(book, life.events)}"]
    if not life.members:
        parts += [*_bars(book, life, ""), *_told_versions(book, life, "", "##")]
    else:
        parts += [_contents(life), "## The class itself { #class }", *_told_versions(book, life, "", "###")]
    for name in life.members:
        place = f" {{ #{name} }}" if not name.endswith("_") else ""  # else the heading's own: bold in braces
        parts += [f"## `{name}`{place}", *_bars(book, life, name), *_told_versions(book, life, name, "###")]
    return "\n\n".join(parts) + "\n"


def _bars(book: Book, life: Life, member: str) -> list[str]:
    """The bars of a definition that was rewritten often."""
    if len(versions(book, life, member)) < MANY:
        return []
    return ["\n".join(picture(book, life, member, CAPTION, book.chapters[-1]))]


def _contents(life: Life) -> str:
    """Links to the members, those apart that were rewritten."""
    numbers = {name: len(_states(life, name)) for name in life.members}
    several = [f"[`{name}`](#{name}) ({number})" for name, number in numbers.items() if number > 1]
    one = [f"[`{name}`](#{name})" for name, number in numbers.items() if number <= 1]
    lists = {"In several versions": several, "In one": one}
    return "\n".join(f"- {title}: {', '.join(links)}" for title, links in lists.items() if links)


def _states(life: Life, member: str) -> list[Definition]:
    """The versions of a member."""
    return [event.after for event in life.of(member) if event.after]


def _whereabouts(book: Book, life: Life) -> str:
    """``A class in `src/dezero/core.py`, which was `src/dezero.py` until chapter 23.``"""
    if life.path is None:
        return f"A {life.kind} that stood in `{life.events[-1].path}`, and is in the package no more."
    said, path = f"A {life.kind} in `{life.path}`", life.path
    for event in reversed([event for event in life.events if event.is_move and event.source]):
        if event.path == path:
            began, when = BEGAN[event.what]
            said += f", which {began} `{event.source}` {when} {_chapter_link(book, event.block)}"
            path = event.source
    chapter = book.chapter_of(life.events[0].block)
    for other in _namesakes(book, life):
        gone = [event for event in other.events if event.what == "removes" and not event.member]
        if chapter in [book.chapter_of(event.block) for event in gone]:
            return f"{said}.\nIt had [a life before]({other.page}), in `{gone[-1].path}`."
    return f"{said}."


def _namesakes(book: Book, life: Life) -> Iterator[Life]:
    """The lives of other definitions of the same name, in other files."""
    return (other for other in lives(book).all if other.name == life.name and other is not life)


def _when(book: Book, events: Iterable[Event]) -> str:
    """``Written in chapter 7, changed 12 times, last in chapter 21.``"""
    first, *later = _writing(events)
    written = f"Written in {_chapter_link(book, first)}"
    if not later:
        return f"{written}, and never changed."
    times = "once," if len(later) == 1 else f"{len(later)} times, last"
    return f"{written}, changed {times} in {_chapter_link(book, later[-1])}."


def _writing(events: Iterable[Event]) -> list[Block]:
    """The fragments that wrote a definition or took something of it away."""
    return list(dict.fromkeys(event.block for event in events if not event.is_move))


def _chapter_link(book: Book, block: Block) -> str:
    return chapter_link(book, block, book.project.docs)


# --- a version ----------------------------------------------------------------------------------------------


def _told_versions(book: Book, life: Life, member: str, mark: str) -> Iterator[str]:
    """What happened, with a heading for each chapter, the sentence that motivates it, and the code."""
    times: Counter[str] = Counter()
    for event in life.of(member):
        if told := _account(book, life, event):
            chapter = book.chapter_of(event.block)
            times[chapter.key] += 1
            title = f"{chapter.kicker} · {_link(book, event.block, chapter.title)}"
            yield f"{mark} {title} {{ #{anchor(member, chapter, times[chapter.key])} }}"
            if not event.is_move and (sentence := motive(book, chapter.page, event.block)):
                yield f"> {sentence}"
            yield from told


def _link(book: Book, block: Block, text: str) -> str:
    return f"[{text}]({address(book, block, book.project.docs)})"


def _account(book: Book, life: Life, event: Event) -> list[str]:
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
            return [*twin, _code_block(textwrap.dedent(after.text), CODE)]
        case Event(after=Definition() as after, before=Definition() as before):
            old, new = (_own_text(definition) for definition in (before, after))
            if old == new:
                return [*twin, "Its members are put into another order."]
            return [*twin, _code_block("\n".join(diff(old, new, len(old) + len(new))), DIFFERENCE)]
    return []


def _code_block(code: str, info: str) -> str:
    return "\n".join(fenced(code, info, "~~~~~~"))


def _goes_on(book: Book, life: Life, event: Event) -> str:
    """Where a definition went that was removed in one file and written in another in the same chapter."""
    for other in _namesakes(book, life) if not event.member else ():
        first = other.events[0]
        if first.block.path == event.block.path:
            return f", and goes on in [`{first.path}`]({other.page})"
    return ""


def _own_text(definition: Definition) -> list[str]:
    """Its lines; of a class, whose members have lives of their own, the head."""
    text = definition.head_text if definition.kind == "class" else definition.text
    return textwrap.dedent(text).split("\n")


def motive(book: Book, page: Page, block: Block) -> str:
    """The sentences right above a fragment that say why; their links lead where they led on its page."""
    name = posixpath.relpath(page.path, book.project.docs)

    def mended(link: re.Match[str]) -> str:
        target = link["target"]
        if target.startswith("#"):
            target = name + target
        elif not re.match(r"\w+:", target):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
        return f"[{link['text']}]({target})"

    return LINK.sub(mended, re.sub(r"\[\^[^\]]+\]", "", reason_above(page, block)))


# --- the overview -------------------------------------------------------------------------------------------


def overview(book: Book) -> str:
    """The page that lists them all, those first that were rewritten most often."""
    parts = [FRONT.format(title="Lives of the definitions"), "# Lives of the definitions", ABOUT]
    parts += ["## Rewritten most often", _markdown_table(book, _most(book))]
    files: dict[str | None, list[tuple[str, Sequence[Event]]]] = {}
    for life in lives(book).all:
        kind = "class " if life.kind == "class" else ""
        files.setdefault(life.path, []).append((f"{kind}[`{life.name}`]({life.page})", life.events))
    for path, rows in sorted(files.items(), key=lambda file: file[0] is None):
        title = "No longer in the package" if path is None else f"`{path}`"
        parts += [f"## {title}", _markdown_table(book, rows)]
    return "\n\n".join(parts) + "\n"


def _most(book: Book) -> list[tuple[str, Sequence[Event]]]:
    """The functions and methods with the most versions; of two with as many, the longer first."""
    found: list[tuple[int, int, str, Sequence[Event]]] = []
    for life in lives(book).all:
        for member in life.members or ("",):
            if len(written := _states(life, member)) > 1:
                place = f"{life.page}#{member}".removesuffix("#")
                link = f"[`{full_name(life, member)}`]({place})"
                found.append((-len(written), -len(written[-1].head), link, life.of(member)))
    return [(link, events) for *_, link, events in sorted(found, key=itemgetter(0, 1))[:MOST]]


def _markdown_table(book: Book, rows: Iterable[tuple[str, Sequence[Event]]]) -> str:
    lines = ["| Definition | Versions | Chapters |", "|---|--:|---|"]
    for name, events in rows:
        blocks = _writing(events)
        ends = {book.chapter_of(block).place: block for block in (blocks[-1], blocks[0])}
        links = [_short_link(book, ends[place]) for place in sorted(ends)]
        lines.append(f"| {name} | {len(blocks)} | {' to '.join(links)} |")
    return "\n".join(lines)


def _short_link(book: Book, block: Block) -> str:
    """A link that says the number of the chapter; where there is none, its title."""
    chapter = book.chapter_of(block)
    return _link(book, block, chapter.title if chapter.number is None else chapter.key)
