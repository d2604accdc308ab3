"""The command line, ``python -m literate …``: it prints and writes what other modules compute."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import unified_diff
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from literate.read.finding import BookError, Finding, did_you_mean
from literate.read.project import Project, find, read_project
from literate.write import files as writing
from literate.write import stamp

if TYPE_CHECKING:  # the book is read only where it is needed: that takes longer than all else
    from literate.fold.book import Book, Session
    from literate.fold.folding import Change, Definition
    from literate.read.chapters import Chapter
    from literate.read.page import Page
    from literate.run.experiment import Result
    from literate.write.tangle import Plan

PROGRAM = "python -m literate"
DONE, BOOK_WRONG, COMMAND_WRONG = 0, 1, 2


class CommandError(Exception):
    """The command was wrong: an unknown chapter or name, a refused directory."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0: done, 1: the book is wrong, 2: the command was wrong."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")  # a console that cannot show "·"
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help(sys.stderr)
        return COMMAND_WRONG
    try:
        code: int = options.command(_project(options), options)
        sys.stdout.flush()
        return code
    except CommandError as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return COMMAND_WRONG
    except BookError as error:
        return _report(error.findings)
    except BrokenPipeError:  # `… | head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE


Command = Callable[[Project, argparse.Namespace], int]
TANGLE = "write the package and the tests from the chapters; edits made there by hand are never overwritten"
STITCH = "carry edits made in the package and the tests back into the blocks that own them"
SHOW = "write the package and the tests as of the end of a chapter into DIR/src and DIR/tests"
RUN = "run the experiments and compare what they put out with their Output blocks"
LOG = "tell the life of a definition; each chapter that wrote it, and what changed"
WEAVE = (
    "write the site as plain Markdown and files into DIR; any renderer of Python-Markdown makes pages of it"
)
CALLED = "the number of a chapter; or the name of its file without .md, if it has no number"
CHECK = (
    "hold your own code against a chapter; its experiments, and all tests that the book has written so far; "
    "exits with 1 if one of them does not hold"
)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        parents=[_root_option()],
        description="Build, check and question the book whose chapters are the source of a package.",
        epilog="Exit codes: 0 done, 1 the book is wrong, 2 the command is wrong. Each command has a --help.",
    )
    parser.set_defaults(command=None)
    add = _Commands(parser)
    tangle = add("tangle", TANGLE, _tangle, "tangle", "tangle --check")
    tangle(
        "--check", action="store_true", help="write nothing; list what differs, and the block that owns it"
    )
    add("stitch", STITCH, _stitch, "stitch")
    show = add("show", SHOW, _show, "show 8 --out /tmp/chapter8", "show 8")
    show("chapter", metavar="CHAPTER", help=CALLED)
    show("--out", type=Path, metavar="DIR", help="empty, or not there yet; without it the files are printed")
    run = add("run", RUN, _run, "run", "run 8 --update")
    run("chapter", metavar="CHAPTER", nargs="?", help=f"{CALLED}; without it everything runs")
    run("--update", action="store_true", help="write what the experiments put out into the Output blocks")
    weave = add("weave", WEAVE, _weave, "weave --out /tmp/site")
    weave("--out", type=Path, metavar="DIR", required=True, help="empty, or not there yet")
    log = add("log", LOG, _log, "log Variable.backward", "log Variable")
    log("name", metavar="NAME", help="a qualified name, such as Variable.backward, or a class")
    check = add("check", CHECK, _check, "check 14 --mine mine.py", "check 24 --mine mine/")
    check("chapter", metavar="CHAPTER", help=CALLED)
    mine = "your module, or the folder of your package; it is read, never written"
    check("--mine", type=Path, metavar="PATH", required=True, help=mine)
    return parser


def _root_option() -> argparse.ArgumentParser:
    """What may stand before the command and after it."""
    option = argparse.ArgumentParser(add_help=False)
    where = "the project; else the nearest directory, from the current one upwards, with [tool.literate]"
    option.add_argument("--root", type=Path, metavar="DIR", default=argparse.SUPPRESS, help=where)
    return option


class _Commands:
    """Adds commands to a parser; what it returns adds arguments to the command."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self.commands = parser.add_subparsers(metavar="COMMAND", title="commands")

    def __call__(self, name: str, does: str, call: Command, *examples: str) -> Callable[..., argparse.Action]:
        command = self.commands.add_parser(
            name,
            parents=[_root_option()],
            help=does.split("; ")[0],
            description=f"{does[0].upper()}{does[1:]}.",
            epilog="\n  ".join(["for example:", *(f"{PROGRAM} {example}" for example in examples)]),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.set_defaults(command=call)
        return command.add_argument


def _project(options: argparse.Namespace) -> Project:
    given: Path | None = getattr(options, "root", None)
    start = (given or Path()).absolute()
    root = find(start)
    if root is None or (given and root != start.resolve()):
        where = f"there is no pyproject.toml with [tool.literate] in {start.as_posix()}"
        raise CommandError(f"{where}{'' if given else ' or above'}; say where the project is with --root DIR")
    return read_project(root)


def _report(findings: Iterable[Finding]) -> int:
    """Print all findings, one a line (what belongs to one is indented below it), for an exit code."""
    found = sorted(set(findings))
    for finding in found:
        print(str(finding).replace("\n", "\n    "), file=sys.stderr)
    return BOOK_WRONG if found else DONE


def _load(project: Project) -> Book:
    from literate.fold.book import load

    return load(project.root)


def _right(project: Project) -> Book:
    """The book, of which nothing is wrong.

    Raises:
        BookError: it has findings.
    """
    book = _load(project)
    if book.findings:
        raise BookError(book.findings)
    return book


# --- tangle and stitch --------------------------------------------------------------------------------------

EQUAL = "the package and the tests are what the chapters say"


def _tangle(project: Project, options: argparse.Namespace) -> int:
    if options.check:
        from literate.write.tangle import check

        return _report(check(_right(project))) or _say(EQUAL)
    if stamp.unchanged(project):
        writing.clean(project)
        return _say(f"nothing to do: {EQUAL}")
    from literate.write.tangle import plan

    read = stamp.inputs(project)
    planned = plan(_right(project))
    if planned.refusals:
        return _report([*planned.refusals, *planned.notes])
    _write(project, {}, planned)
    stamp.mark(project, read)
    _report(planned.notes)
    return DONE if not planned.nothing else _say(f"nothing to do: {EQUAL}")


def _stitch(project: Project, options: argparse.Namespace) -> int:
    from literate.write.stitch import stitch

    stitched = stitch(_right(project))
    if not stitched.carried and stitched.plan.nothing:
        return _say(f"nothing to do: {EQUAL}")
    for carried in stitched.carried:
        _say(f"carried {carried}")
    _write(project, stitched.pages, stitched.plan)
    return DONE


def _write(project: Project, pages: Mapping[str, bytes], planned: Plan) -> None:
    """Write the pages of a stitch, then what is tangled from them: killed in between, no edit is lost."""
    texts = {path: text.encode() for path, text in planned.writes.items()}
    last = {path: text.encode() for path, text in planned.manifest.items()}
    writing.replace_files(project.root, pages)
    writing.replace_files(project.root, texts, planned.removals, last)
    writing.clean(project)
    for path in (*pages, *texts, *last):
        _say(f"wrote {path}")
    for path in planned.removals:
        _say(f"removed {path}")


def _say(text: str) -> int:
    print(text)
    return DONE


# --- show ---------------------------------------------------------------------------------------------------


def _show(project: Project, options: argparse.Namespace) -> int:
    book = _right(project)
    chapter = _chapter(book, options.chapter)
    package = book.package_after(chapter)
    if options.out is None:
        print("\n\n".join(f"# {path}\n\n{package[path].text}" for path in sorted(package)), end="")
        return DONE
    folders = (book.project.source, book.project.tests)
    _export(options.out, {path: module.text.encode() for path, module in package.items()}, folders)
    files = ", ".join(sorted(package)) or "nothing yet"
    return _say(f"wrote {chapter.said} to {options.out.as_posix()}: {files}")


def _chapter(book: Book, asked: str) -> Chapter:
    """The chapter that was asked for by its key."""
    key = str(int(asked)) if asked.isdecimal() else asked
    try:
        return book.chapter(key)
    except KeyError:
        near = did_you_mean(key, [chapter.key for chapter in book.chapters])
        has = f"it has {', '.join(_runs(book.chapters)) or 'none yet'}"
        has = f"{near} {has[0].upper()}{has[1:]}" if near else f"; {has}"
        raise CommandError(f"the book has no chapter {asked}{has}") from None


def _runs(chapters: Iterable[Chapter]) -> Iterator[str]:
    """The keys of chapters; of numbers that follow one another the first and the last."""
    for numbered, group in groupby(chapters, lambda chapter: chapter.number is not None):
        keys = [chapter.key for chapter in group]
        yield from [f"{keys[0]} to {keys[-1]}"] if numbered and len(keys) > 1 else keys


def _weave(project: Project, options: argparse.Namespace) -> int:
    from literate.show.folder import weave_out

    files, findings = weave_out(_right(project))
    if findings:
        return _report(findings)
    _export(options.out, files)
    return _say(f"wrote {_count(len(files), 'file')} to {options.out.as_posix()}")


def _export(out: Path, files: Mapping[str, bytes], folders: Iterable[str] = ()) -> None:
    try:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise CommandError(
                f"{out.as_posix()} is not empty; name a directory that is, or that is not there yet"
            )
        for folder in folders:
            (out / folder).mkdir(parents=True)
        for path, content in files.items():
            (out / path).parent.mkdir(parents=True, exist_ok=True)
            (out / path).write_bytes(content)
    except OSError as error:
        raise CommandError(
            f"{out.as_posix()} cannot be written ({error.strerror}); name another directory"
        ) from None


# --- run ----------------------------------------------------------------------------------------------------


def _run(project: Project, options: argparse.Namespace) -> int:
    from literate.show.links import wrong_links

    book = _load(project)
    key = options.chapter and _chapter(book, options.chapter).key
    outcomes = _outcomes(book, book.pages, key)
    if options.update and (updated := _updated(project.root, outcomes)):
        writing.replace_files(project.root, updated)
        writing.clean(project)
        for path in updated:
            _say(f"updated {path}")
        book = _load(project)
        again = [page for page in book.pages if page.path in updated]
        outcomes |= _outcomes(book, again, key)  # an output that is never the same is an error
    results = [result for page in outcomes.values() for result in page]
    beside = [*book.unknown_names, *(finding for page in book.pages for finding in wrong_links(book, page))]
    code = _report([*book.findings, *beside, *(f for result in results for f in result.findings)])
    asked = sum(len(session.steps) for page in book.pages for session in _sessions(book, page, key))
    not_run = f", {asked - len(results)} did not run because one before them failed" * (asked > len(results))
    _say(f"{_count(len(results), 'experiment')} ran{not_run}")
    return code


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _sessions(book: Book, page: Page, key: str | None) -> Iterator[Session]:
    return (session for session in book.sessions_of(page) if key is None or session.key == key)


def _outcomes(book: Book, pages: Iterable[Page], key: str | None) -> dict[str, list[Result]]:
    """What the experiments of some pages did, by the path of their page."""
    from literate.run.experiment import run

    return {
        page.path: [result for session in _sessions(book, page, key) for result in run(session, book.project)]
        for page in pages
    }


def _updated(root: Path, outcomes: Mapping[str, list[Result]]) -> dict[str, bytes]:
    """The pages whose Output blocks are not what the experiments put out, as they should be."""
    from literate.run.experiment import update

    updated = {}
    for path, results in outcomes.items():
        text = (root / path).read_bytes().decode() if results else ""
        if (new := update(text, results)) != text:
            if problem := writing.obstacle(root, path):
                raise BookError([Finding(path, 1, problem)])
            updated[path] = new.encode()
    return updated


# --- check --------------------------------------------------------------------------------------------------


def _check(project: Project, options: argparse.Namespace) -> int:
    from literate.mine.check import check
    from literate.mine.typed import NoCodeError

    book = _right(project)
    chapter = _chapter(book, options.chapter)
    try:
        report = check(book, chapter, options.mine)
    except NoCodeError as error:
        raise CommandError(str(error)) from None
    print(report)
    return DONE if report.holds else BOOK_WRONG


# --- log ----------------------------------------------------------------------------------------------------


def _log(project: Project, options: argparse.Namespace) -> int:
    book = _load(project)
    name: str = options.name
    life = book.life(name)
    if not life:
        raise CommandError(_unknown_name(book, name))
    is_class = any(kind == "class" for change in life for kind in _kinds(change))
    for change in book.changes:
        if change.name == name:
            print("\n".join(_told(book, change)))
        elif is_class and change.name.startswith(f"{name}."):
            print(_headline(book, change))
    return _report(book.findings)


def _unknown_name(book: Book, name: str) -> str:
    members = sorted(known for known in book.lives if known.rpartition(".")[2] == name)
    nearest = f"; did you mean {' or '.join(members)}?" if members else did_you_mean(name, book.lives)
    return f"no chapter has ever written {name}{nearest or '; check the name'}"


def _kinds(change: Change) -> Iterator[str]:
    return (definition.kind for definition in (change.before, change.after) if definition)


def _told(book: Book, change: Change) -> list[str]:
    """A change and the lines that it added (+) and removed (-)."""
    before, after = _lines(change, change.before, "removes"), _lines(change, change.after, "adds")
    difference = list(unified_diff(before, after, lineterm="", n=2))[3:]
    return [
        _headline(book, change),
        *(f"    {'@@' if line[:2] == '@@' else line}".rstrip() for line in difference),
    ]


def _headline(book: Book, change: Change) -> str:
    place = change.after.head[0] if change.after else None
    line = place.line if place else change.block.line
    verb = {"adds": "adds {} to", "replaces": "replaces {} in", "removes": "removes {} from"}[change.action]
    did = f"{verb.format(change.name)} {change.path}"
    return f"{book.chapter_of(change.block).said} · {change.block.path}:{line} · {did}"


def _lines(change: Change, definition: Definition | None, action: str) -> list[str]:
    """The lines of a definition, of a class its head; an import has no definition and is a line itself."""
    if definition:
        return [line.text for line in definition.head]
    is_import = change.before is None and change.after is None
    return [change.name] if is_import and change.action == action else []
