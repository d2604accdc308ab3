"""A page -> the Markdown that the site renders: labels, changed lines, outputs and pictures.

Text in, text out: what is woven is plain Markdown in Material's notation, so each renderer of Python-Markdown
shows it, links are checked by MkDocs, and annotations, admonitions and tabs work beside it. Only pictures and
errors are HTML, kept by ``stash``.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from literate.fold.book import Book
from literate.fold.folding import Change
from literate.fold.lives import Lives, lives
from literate.read.chapters import Chapter
from literate.read.finding import Finding
from literate.read.page import ANNOTATION, FRONT_MATTER, Block, Page
from literate.show import downloads
from literate.show.changed import new_rows, runs_as_before, shortened
from literate.show.life_picture import picture
from literate.show.views import changes, whole

Stash = Callable[[str], str]
IMPORTS = {"adds": "imports", "replaces": "imports", "removes": "no longer imports"}
PAST = {"adds": "added", "replaces": "replaced", "removes": "removed"}
FENCE = re.compile(r"(?:`{3,}|~{3,})")


def body_of(text: str) -> str:
    """The text of a page as MkDocs hands it on: without front matter."""
    return FRONT_MATTER.sub("", text).lstrip("\n")


def weave(
    book: Book,
    page: Page,
    pictures: dict[int, str],
    findings: Sequence[Finding],
    stash: Stash,
    beside: bool = False,
) -> list[str]:
    """The lines of a page, woven. ``pictures`` holds the HTML of its Figure blocks by their line.

    ``beside`` says that the site has the pages and files beside the chapters, to which links may lead.
    """
    known = lives(book) if beside else None
    lines = [line.expandtabs(4) for line in body_of(page.text).split("\n")]
    offset = page.text.count("\n") + 1 - len(lines)
    for block in reversed(page.blocks):
        start, end = block.line - 1 - offset, block.end - offset
        notes = _notes(block, lines[end:])
        fence = lines[start:end]
        lines[start : end + len(notes)] = _woven(book, page, block, fence, notes, pictures, stash, known)
    home = _chapter(book, page) if beside else None
    return [
        *_errors(findings, stash),
        *_kicker(book, page),
        *lines,
        *(downloads.links(book, home) if home else ()),
    ]


def _woven(
    book: Book,
    page: Page,
    block: Block,
    lines: list[str],
    notes: list[str],
    pictures: dict[int, str],
    stash: Stash,
    known: Lives | None,
) -> list[str]:
    """The lines of a block as the site renders it: ``lines`` are its fence, ``notes`` its annotations."""
    match block.kind:
        case "fragment":
            return [*_label(book, block, known), *_views(book, block, lines, notes)]
        case "moves":
            return [*_label(book, block, None), *_fence(lines, "{ .sh .fragment }"), *notes]
        case "experiment":
            return _fence(lines, "{ .python .experiment }") + notes
        case "output":
            return _fence(lines, "{ .text .output }") + notes
        case "life":
            return _life(book, page, block, known is not None) or lines
        case "figure" if block.line in pictures:
            return ["", block.prefix + stash(pictures[block.line]), "", *notes]
    return lines + notes


def _life(book: Book, page: Page, block: Block, beside: bool) -> list[str]:
    """The picture of a life in the place of its block; nothing if there is no such life."""
    last = book.last_chapter(page, block)
    drawn = picture(book, block.subject, block.code, last, beside) if last else None
    return [f"{block.prefix}{line}".rstrip() for line in drawn or []]


def _notes(block: Block, below: list[str]) -> list[str]:
    """The list of annotations that belongs to a block, with the blank lines around it."""
    if not any(ANNOTATION.search(line) for line in block.code.split("\n")):
        return []
    notes = []
    for line in below:
        text = line.removeprefix(block.prefix)
        if text.strip() and not re.match(r"\d+\.\s|\s", text):
            break
        notes.append(line)
    return notes if any(line.strip() for line in notes) else []


def _views(book: Book, block: Block, lines: list[str], notes: list[str]) -> list[str]:
    """A fragment as written; and where it changes what was there, the whole of that and the difference.

    What it repeats at length is left out of the first view; then the whole is what was written, if no more.
    """
    runs = runs_as_before(block, book.changes_of(block))
    marked = " ".join(map(str, new_rows(book.changes_of(block), runs)))
    header = "{ .python .fragment" + (f' hl_lines="{marked}" }}' if marked else " }")
    changed = _fence(shortened(lines, block.prefix, runs), header) + notes
    shown = {line.strip() for line in block.tangled.split("\n")}
    text, difference = whole(book, block), changes(book, block)
    lines_of_it = [line.strip() for line in text.split("\n") if line.strip()]
    if (text or not difference) and "..." not in shown and shown.issuperset(lines_of_it):
        if not runs:
            return changed
        text = block.tangled
    views = {"Changed": [line.removeprefix(block.prefix) for line in changed]}
    if text:  # else all of it is taken away
        views["Whole"] = _quoted(text, '{ .python .whole data-search-exclude="" }')
    views["Difference"] = _quoted(difference, '{ .diff .difference data-search-exclude="" }')
    tabs = [tab for name, view in views.items() for tab in (f'=== "{name}"', "", *_indented(view), "")]
    return [f"{block.prefix}{line}".rstrip() for line in tabs]


def _quoted(code: str, header: str) -> list[str]:
    return [f"~~~~~~ {header}", *code.split("\n"), "~~~~~~"]


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" if line.strip() else "" for line in lines]


def _fence(lines: list[str], header: str) -> list[str]:
    fence = FENCE.search(lines[0])
    assert fence
    return [f"{lines[0][: fence.end()]} {header}", *lines[1:]]


def _kicker(book: Book, page: Page) -> list[str]:
    chapter = _chapter(book, page)
    return [chapter.kicker, '{ .kicker data-search-exclude="" }', ""] if chapter else []


def _chapter(book: Book, page: Page) -> Chapter | None:
    """The chapter that a page is, if it is one."""
    return next((chapter for chapter in book.chapters if chapter.page is page), None)


def _errors(findings: Sequence[Finding], stash: Stash) -> list[str]:
    """The box at the top of a page that says what is wrong with it."""
    if not findings:
        return []
    items = "".join(f"<li><pre>{html.escape(str(finding))}</pre></li>" for finding in findings)
    count = "one thing is" if len(findings) == 1 else f"{len(findings)} things are"
    title = f"<p>On this page {count} to be mended.</p>"
    return [stash(f'<div class="literate-errors" role="alert">{title}<ul>{items}</ul></div>'), ""]


# --- labels -------------------------------------------------------------------------------------------------


def _label(book: Book, block: Block, known: Lives | None) -> list[str]:
    """The line above a fragment: the file, the class, what it adds, replaces or removes, with links."""
    parts = [
        f"`{block.title}`",
        *(_sentences(book, block, known) if block.kind == "fragment" else [_moved(block)]),
    ]
    number = book.fragment_number(block)
    return [
        "",
        f"{block.prefix}{_places(book, block, known)}{' · '.join(parts)}",
        f"{block.prefix}{{ .fragment #fragment-{number} }}",
        block.prefix.rstrip(),
    ]


def _moved(block: Block) -> str:
    """What a block of ``mv``, ``cp`` and ``rm`` does to files."""
    words = {"mv": "moves", "cp": "copies", "rm": "removes"}
    said = dict.fromkeys(words[line.split()[0]] for line in block.code.split("\n") if line[:2] in words)
    return f"{' and '.join(said)} files" if said else "files move"


def _places(book: Book, block: Block, known: Lives | None) -> str:
    """An anchor for each name that a fragment introduces, members of a new class included."""
    new = [change for change in book.changes_of(block) if change.after and change.action == "adds"]
    names = [c.name for c in new if known and known.first(c.path, c.name) == block]
    return "".join(f'<a id="{name}"></a>' for name in names)


def _sentences(book: Book, block: Block, known: Lives | None) -> Iterator[str]:
    groups: dict[str, list[Change]] = {}
    for change in book.changes_of(block):
        if not change.inner and change.name != "__doc__":
            owner, _, _ = change.name.rpartition(".") if " " not in change.name else ("", "", "")
            groups.setdefault(owner, []).append(change)
    for owner, group in groups.items():
        if owner:
            yield f"class {_linked(owner, group[0].path, owner, known)}"
        yield from _actions(book, block, group, known)
    if not groups:
        yield "the docstring"


def _actions(book: Book, block: Block, group: list[Change], known: Lives | None) -> Iterator[str]:
    """What happens to the names of one owner, names with the same fate in one phrase."""
    phrases: dict[tuple[str, str, str], list[str]] = {}
    for change in group:
        past, future = _links(book, block, change, known)
        verb = change.action if not _is_import(change) else IMPORTS[change.action]
        phrases.setdefault((verb, past, future), []).append(_called(change, known))
    for (verb, past, future), names in phrases.items():
        yield f"{verb} {', '.join(names)}{past}{future}"


def _is_import(change: Change) -> bool:
    return change.name.startswith(("import ", "from "))


def _called(change: Change, known: Lives | None) -> str:
    """A name without its owner, leading to its life; of an import what it binds; of a class its kind."""
    definition = change.after or change.before
    if _is_import(change):
        return f"`{change.name.split()[-1]}`"
    kind = "class " if definition and definition.kind == "class" else ""
    shown = change.name if " " in change.name else change.name.rpartition(".")[2]
    return f"{kind}{_linked(shown, change.path, change.name, known)}"


def _linked(shown: str, path: str, name: str, known: Lives | None) -> str:
    """A name as code, leading to its life if it has one."""
    life = known.link(path, name) if known else None
    return f"[`{shown}`]({life})" if life else f"`{shown}`"


def _links(book: Book, block: Block, change: Change, known: Lives | None) -> tuple[str, str]:
    """`` of chapter 7`` and ``, replaced again in chapter 14``, as links."""
    past = f" of {_link(book, block, change.before.block)}" if change.before else ""
    if change.action == "adds" and change.after and change.after.kind == "class":
        return past, _fate_of_members(book, block, change, known)
    following = _following(book, change, change.name)
    if following is None:
        return past, ""
    again = " again" if following.action == change.action == "replaces" else ""
    where = f"{_link(book, block, following.block)}{_there(book, following)}"
    return past, f", {PAST[following.action]}{again} in {where}"


def _fate_of_members(book: Book, block: Block, change: Change, known: Lives | None) -> str:
    """``, `forward` replaced in chapter 11``, for the members that a class came with."""
    assert change.after
    fates: dict[tuple[str, str], list[str]] = {}
    for member in change.after.members:
        name = f"{change.name}.{member.key}"
        following = _following(book, change, name) if member.kind != "docstring" else None
        if following:
            where = f"{_link(book, block, following.block)}{_there(book, following)}"
            fate = PAST[following.action], where
            fates.setdefault(fate, []).append(_linked(member.key, change.path, name, known))
    return "".join(f", {', '.join(names)} {past} in {link}" for (past, link), names in fates.items())


def _following(book: Book, change: Change, name: str) -> Change | None:
    """The change that ends the version of ``name`` that this one brought."""
    return next((c for c in book.life(name) if c.before and c.before.block == change.block), None)


def _there(book: Book, following: Change) -> str:
    """`` (core.py)`` where the version that a change ends lives on in another file."""
    before = following.before
    others = (module for path, module in book.package_at(following.block).items() if path != following.path)
    stays = any(module.definitions.get(following.name) is before for module in others)
    return f" ({PurePosixPath(following.path).name})" if stays else ""


def _link(book: Book, block: Block, target: Block) -> str:
    """A link from the page of ``block`` to another fragment."""
    anchor = f"#fragment-{book.fragment_number(target)}"
    if target.path == block.path:
        where = "above" if target.line < block.line else "below"
        return f"[the block {where}]({anchor})"
    return f"[{book.chapter_of(target).said}]({PurePosixPath(target.path).name}{anchor})"
