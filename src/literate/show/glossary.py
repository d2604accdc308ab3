"""The terms of a book: each word in bold at its first use in a chapter, and what is said of it there.

A block ``text title="Glossary"`` is filled with them. What it holds are the author's spellings, and with
``title="Glossary, ko"`` each term in a second language, here Korean: ``backpropagation: 역전파``.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from markdown.extensions.toc import slugify

from literate.fold.book import Book
from literate.read.chapters import Chapter
from literate.read.finding import Finding, did_you_mean
from literate.read.page import LINK, Block, Page
from literate.read.sentences import ENDS, MARKS, prose, words_alone
from literate.show.places import by_letter

# What ends like a sentence heads a note or an item.
BOLD = re.compile(r"(?<![*\\\[])\*\*(?=[^\s*])([^*\n]+)(?<=[^\s*.?!:])\*\*(?!\*)")
NO_PROSE = re.compile(r"\s*(?:> ?)*[|#]")  # a row of a table, a heading
ITEM = re.compile(r"[ >]*(?:[-+*] |\d+[.)] )")
SENTENCE = re.compile(rf"\S.*?(?=$|{ENDS.pattern})")
REFERS = re.compile(r"(?:This|That|These|Those|They|It|Its|Such|So|Then|Here|Both|Their)\b|[a-z]|\$\$")
NOTE = re.compile(r"\[\^[^\]]+\]")


@dataclass(frozen=True)
class Term:
    """A term, the lines of Markdown that say what it means, and the place where they stand."""

    name: str
    path: str
    line: int
    start: int  # the columns of the word and its asterisks
    end: int
    meaning: str
    translation: str = ""
    listed: str = ""  # the page of the glossary

    @property
    def slug(self) -> str:
        """Its anchor in the glossary."""
        return slugify(self.name, "-")

    @property
    def anchor(self) -> str:
        """Its anchor where it is introduced."""
        return f"term-{self.slug}"


@dataclass(frozen=True)
class Glossary:
    """The terms of a book in the order of the chapters, and the block that shows them."""

    terms: tuple[Term, ...]
    block: Block
    language: str  # of the translations, such as ko


@lru_cache(maxsize=2)
def glossary(book: Book) -> Glossary | None:
    """The glossary of a book; None if no page has one."""
    block = next((b for page in book.pages for b in lists(page, "Glossary")), None)
    if block is None:
        return None
    given = {slugify(name, "-"): (name, other) for _, name, other in _entries(block)}
    found: dict[str, Term] = {}
    for chapter in book.chapters:
        for term in bold(chapter.page):
            name, other = given.get(term.slug) or given.get(term.slug.removesuffix("s")) or (term.name, "")
            listed = replace(term, name=name, translation=other, listed=block.path)
            found.setdefault(listed.slug, listed)
    return Glossary(tuple(found.values()), block, str(block.title).partition(",")[2].strip())


def terms(book: Book) -> tuple[Term, ...]:
    """The terms of a book, in the order of the chapters; none if it has no glossary."""
    found = glossary(book)
    return found.terms if found else ()


def lists(page: Page, name: str) -> Iterator[Block]:
    """The blocks of a page that are filled with this list."""
    return (block for block in page.of("list") if list_name(block) == name)


def list_name(block: Block) -> str:
    """What a block is filled with."""
    return str(block.title).partition(",")[0]


# --- terms on a page ----------------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def bold(page: Page) -> tuple[Term, ...]:
    """The words in bold that may be terms: not those that head an item, a note or a table, nor links."""
    sentences = [*_sentences(page)]
    found = []
    for number, line in enumerate(words_alone(page).split("\n"), 1):
        for match in BOLD.finditer(line) if not NO_PROSE.match(line) else ():
            before = [i for i, s in enumerate(sentences) if (s.line, s.start) <= (number, match.start())]
            here = sentences[before[-1]]
            name = match[1] if here.start < match.start() else _uncapitalized(match[1])
            place = (page.path, number, *match.span())
            found.append(Term(name, *place, _meaning(sentences, before[-1])))
    return tuple(found)


def _uncapitalized(name: str) -> str:
    """A term without the capital that it has at the beginning of a sentence."""
    first = re.split(r"[\s-]", name)[0]
    return name[0].lower() + name[1:] if first == first.capitalize() else name


@dataclass(frozen=True)
class _Sentence:
    """A sentence or a formula of a page, and where it begins; ``goes_on``: it may refer to that before it."""

    line: int
    start: int
    text: str
    goes_on: bool


def _sentences(page: Page) -> Iterator[_Sentence]:
    """The sentences of a page and, as one each, the formulas that stand alone."""
    blank, last, formula = 2, "", ""
    for number, line in enumerate("\n".join(prose(page)).expandtabs(4).split("\n"), 1):
        text = MARKS.sub("", line, count=1).rstrip()
        if formula or text.startswith("$$"):
            formula += f"{text} "
            text = ""
            if formula.count("$$") == 2:
                last, formula = formula.strip(), ""
                yield _Sentence(number, 0, last, True)
                blank = 0
        elif text:
            joins = blank == 0 or (blank == 1 and last.startswith("$$"))
            for part in SENTENCE.finditer(line, len(line.rstrip()) - len(text)):
                last = part[0]
                yield _Sentence(number, part.start(), last, joins and not ITEM.match(line))
                joins = True
            blank = 0
        else:
            blank += 1


def _meaning(sentences: Sequence[_Sentence], number: int) -> str:
    """A sentence, those before it that it refers to, and the formula that it ends in."""
    first, end = number, number + 1
    while sentences[first].goes_on and REFERS.match(sentences[first].text):
        first -= 1
    if sentences[number].text[-1] not in ".?!" and any(s.text[:2] == "$$" for s in sentences[end : end + 1]):
        end += 1
    said = " ".join(sentence.text for sentence in sentences[first:end])
    said = NOTE.sub("", LINK.sub(lambda link: link["text"], said)).replace("**", "")
    return re.sub(r"[;:,]$", ".", re.sub(r"\$\$\s*(.*?)\s*\$\$", r"$\1$", said))


def mark_terms(book: Book, page: Page, lines: list[str], offset: int) -> None:
    """Make each term that is introduced on a page a place, and a link to its entry."""
    for term in reversed(terms(book)):
        if term.path == page.path:
            line = lines[term.line - 1 - offset]
            entry = f"{posixpath.relpath(term.listed, posixpath.dirname(page.path))}#{term.slug}"
            link = f"[{line[term.start : term.end]}]({entry}){{ #{term.anchor} .term }}"
            lines[term.line - 1 - offset] = line[: term.start] + link + line[term.end :]


# --- the page of the glossary -------------------------------------------------------------------------------


def glossary_lines(book: Book, page: Page, block: Block) -> Iterator[str]:
    """The lines of the glossary: each term, a link to its place, its translation, its meaning."""
    found = glossary(book)
    if found:
        entries = [(term.slug, _entry(found, term, page, book.by_path[term.path])) for term in found.terms]
        yield from by_letter(entries)


def _entry(found: Glossary, term: Term, page: Page, chapter: Chapter) -> str:
    place = f"{posixpath.relpath(term.path, posixpath.dirname(page.path))}#{term.anchor}"
    other = f' <span class="other" lang="{found.language}">{term.translation}</span>' * bool(term.translation)
    where = f'<span class="where">{chapter.kicker}</span>'
    return f"[**{term.name}**]({place}){{ #{term.slug} }}{other} {where}\n:   {term.meaning}\n"


# --- what is wrong ------------------------------------------------------------------------------------------


def _entries(block: Block) -> Iterator[tuple[int, str, str]]:
    """What the author says of each term: the line in the block, its name, its translation."""
    for number, line in enumerate(block.code.split("\n"), 1):
        name, _, other = line.partition(":")
        if name.strip():
            yield number, name.strip(), other.strip()


def wrong_terms(book: Book, page: Page) -> Iterator[Finding]:
    """Terms of a page that are not translated, and entries of the glossary that are no terms."""
    found = glossary(book)
    if found is None:
        return
    for term in found.terms:
        if found.language and not term.translation and term.path == page.path:
            entry = f'write "{term.name}: …" there, or set what is no new term in *one asterisk*'
            message = f"the term {term.name} has no translation in {found.block.path}; {entry}"
            yield Finding(page.path, term.line, message)
    if page.path == found.block.path:
        yield from _wrong_entries(found.block, {term.slug: term.name for term in found.terms})


def _wrong_entries(block: Block, known: Mapping[str, str]) -> Iterator[Finding]:
    seen: set[str] = set()
    for number, name, _ in _entries(block):
        slug = slugify(name, "-")
        if slug not in known:
            near = did_you_mean(name, known.values()) or "; take the line out, or set the word in bold there"
            yield block.finding(f"no chapter has {name} in bold{near}", number)
        elif slug in seen:
            yield block.finding(f"{name} has a line already; take one of the two out", number)
        seen.add(slug)
