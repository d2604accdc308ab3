"""The command line, ``python -m literate …``: it prints and writes what other modules compute."""

from __future__ import annotations

import argparse
import inspect
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from literate.read.finding import BookError, CommandError, Finding, did_you_mean
from literate.read.project import Project, find, read_project
from literate.write import files as writing

if TYPE_CHECKING:  # the book is read only where it is needed: that takes longer than all else
    from literate.fold.book import Book, Session
    from literate.read.chapters import Chapter
    from literate.read.page import Block
    from literate.run.experiment import Result
    from literate.show.rendered import Edition
    from literate.write.tangle import Plan

T = TypeVar("T")
PROGRAM = "python -m literate"
DONE, BOOK_WRONG, COMMAND_WRONG, INTERRUPTED = 0, 1, 2, 130
Command = Callable[[Project, argparse.Namespace], int]


def argument(name: str, **options: Any) -> argparse.ArgumentParser:
    """An argument that several commands may have: a parent of their parsers."""
    parent = argparse.ArgumentParser(add_help=False)
    parent.add_argument(name, **options)
    return parent


ROOT = argument(  # it may stand before the command and after it
    "--root",
    type=Path,
    metavar="DIR",
    default=argparse.SUPPRESS,
    help="the project; else the nearest directory, from the current one upwards, with [tool.literate]",
)
PARSER = argparse.ArgumentParser(
    prog=PROGRAM,
    parents=[ROOT],
    description="Build, check and question the book whose chapters are the source of a package.",
    epilog="Exit codes: 0 done, 1 the book is wrong, 2 the command is wrong. Each command has a --help.",
)
COMMANDS = PARSER.add_subparsers(metavar="COMMAND", title="commands", dest="command")


def command(*arguments: argparse.ArgumentParser) -> Callable[[Command], Command]:
    """Make a function the command of its name; its docstring is the help."""

    def add(call: Command) -> Command:
        does, _, examples = str(inspect.getdoc(call)).partition("\n\n")
        parser = COMMANDS.add_parser(
            call.__name__.strip("_"),
            parents=[ROOT, *arguments],
            help=does[0].lower() + does[1:].partition(";")[0].removesuffix("."),
            description=does,
            epilog=examples.replace("  literate ", f"  {PROGRAM} "),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        parser.set_defaults(call=call)
        return call

    return add


CALLED = "the number of a chapter; or the name of its file without .md, if it has no number"
CHAPTER = argument("chapter", metavar="CHAPTER", help=CALLED)
OUT = argument("--out", type=Path, metavar="DIR", required=True, help="empty, or not there yet")
FILE = argument("--out", type=Path, metavar="FILE", required=True, help="the file; written anew")
SITE = argument("--site", metavar="URL", help="where the site is found, for links to what only it has")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0: done, 1: the book is wrong, 2: the command was wrong."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")  # a console that cannot show "·"
    options = PARSER.parse_args(arguments)
    if options.command is None:
        PARSER.print_help(sys.stderr)
        return COMMAND_WRONG
    try:
        code: int = options.call(_project(options), options)
        sys.stdout.flush()
        return code
    except CommandError as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return COMMAND_WRONG
    except BookError as error:
        return _report(error.findings)
    except KeyboardInterrupt:
        print(f"{PROGRAM}: interrupted; run this again", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # `… | head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE


def _project(options: argparse.Namespace) -> Project:
    given: Path | None = getattr(options, "root", None)
    try:
        start = Path(os.path.realpath(given or Path()))
    except FileNotFoundError:
        raise CommandError("the current directory is gone; go to another one") from None
    root = find(start, above=not given)
    if root is None:
        where = f"there is no pyproject.toml with [tool.literate] in {start.as_posix()}"
        raise CommandError(f"{where}{'' if given else ' or above'}; say where the project is with --root DIR")
    if not root.is_dir():
        raise CommandError(f"the book was in {root.as_posix()}; say where it is now with --root DIR")
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
NOTHING = f"nothing to do: {EQUAL}"


@command(argument("--check", action="store_true", help="write nothing; list what differs, with its block"))
def _tangle(project: Project, options: argparse.Namespace) -> int:
    """Write the package and the tests from the chapters; edits made there by hand are never overwritten.

    for example:
      literate tangle
      literate tangle --check
    """
    from literate.read.files import read_files
    from literate.write.settled import is_settled, note

    if options.check:
        from literate.write.tangle import differences

        return _report(differences(_right(project))) or _say(EQUAL)
    with writing.alone(project):
        if is_settled(project):
            return _say(NOTHING)
        from literate.write.tangle import plan, tangled

        pages, _ = read_files(project)
        return _write(project, plan, lambda book: note(project, pages, tangled(book)))


@command()
def _stitch(project: Project, options: argparse.Namespace) -> int:
    """Carry edits made in the package and the tests back into the blocks that own them.

    for example:
      literate stitch
    """
    from literate.write.stitch import stitch

    with writing.alone(project):
        return _write(project, stitch)


def _write(
    project: Project, planned: Callable[[Book], Plan], then: Callable[[Book], object] = lambda book: None
) -> int:
    book = _right(project)
    plan = planned(book)
    done = plan.carry_out(project.root)
    then(book)
    _report(plan.notes)
    return _say("\n".join(done) or NOTHING)


def _say(text: str) -> int:
    print(text)
    return DONE


# --- show ---------------------------------------------------------------------------------------------------


@command(
    CHAPTER,
    argument("--out", type=Path, metavar="DIR", help="empty, or not there yet; else the files are printed"),
)
def _show(project: Project, options: argparse.Namespace) -> int:
    """Write the package and the tests as of the end of a chapter into a directory.

    for example:
      literate show 8 --out /tmp/chapter8
      literate show 8
    """
    book = _right(project)
    chapter = _chapter(book, options.chapter)
    package = book.package_after(chapter)
    if options.out is None:
        print("\n\n".join(f"# {path}\n\n{package[path].text}" for path in sorted(package)), end="")
        return DONE
    texts = {path: module.text for path, module in package.items()}
    files = {path: text.encode() for path, text in texts.items()} | project.data_files(texts.values())
    _export(options.out, files)
    for folder in (project.source, project.tests):
        (options.out / folder).mkdir(parents=True, exist_ok=True)
    said = ", ".join(sorted(package)) or "nothing yet"
    return _say(f"wrote {chapter.said} to {options.out.as_posix()}: {said}")


def _chapter(book: Book, asked: str) -> Chapter:
    """The chapter that was asked for by its key."""
    key = asked.lstrip("0") or asked
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


@command(OUT)
def _weave(project: Project, options: argparse.Namespace) -> int:
    """Write the site as plain Markdown and files; any renderer of Python-Markdown makes pages of it.

    for example:
      literate weave --out /tmp/site
    """
    from literate.show.folder import weave_out

    files = weave_out(_right(project))
    _export(options.out, files)
    return _say(f"wrote {len(files)} files to {options.out.as_posix()}")


@command()
def _pyodide(project: Project, options: argparse.Namespace) -> int:
    """Gather what runs experiments in the reader's browser; the next site has a Run button at each.

    for example:
      literate pyodide
    """
    from literate.show.gathering import FOLDER, gather

    had = f"{FOLDER} has Python and NumPy for the browser"
    return _say(had if gather(project, _say) else "nothing to do: all is there, and whole")


def _export(out: Path, files: Mapping[str, bytes], beside: Sequence[str] = ()) -> None:
    """Write files into a directory that is empty, but for what may lie ``beside`` them."""
    if out.is_file():
        raise CommandError(f"{out.as_posix()} is a file; name a directory, or that is not there yet")
    if out.is_dir() and not {path.name for path in out.iterdir()} <= {*beside}:
        way_out = "name a directory that is, or that is not there yet"
        raise CommandError(f"{out.as_posix()} is not empty; {way_out}")
    _write_files(out, files)


def _write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    try:
        for path, content in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
    except OSError as error:
        where = (folder / path).as_posix()
        raise CommandError(f"{where} cannot be written ({error.strerror}); name another place") from None


# --- editions -----------------------------------------------------------------------------------------------


@command(FILE, SITE)
def _epub(project: Project, options: argparse.Namespace) -> int:
    """Write the whole book as an EPUB, for e-readers.

    for example:
      literate epub --out book.epub
    """
    from literate.show.ebook import ebook

    book = _right(project)
    return _save(options.out, ebook(book, _edition(book, options)))


@command(
    FILE,
    SITE,
    argument("--browser", metavar="PATH", help="Chromium or Chrome, else the one that the PATH has"),
)
def _pdf(project: Project, options: argparse.Namespace) -> int:
    """Write the whole book as a PDF; Chromium prints it.

    for example:
      literate pdf --out book.pdf
    """
    from literate.show.paper import find_browser, paper, printed

    browser = find_browser(options.browser)
    book = _right(project)
    return _save(options.out, printed(paper(book, _edition(book, options)), browser))


@command(FILE)
def _offline(project: Project, options: argparse.Namespace) -> int:
    """Write the site as a zip; unpacked, its pages open without a server.

    for example:
      literate offline --out book.zip
    """
    from literate.show.offline import offline

    return _save(options.out, offline(project))


def _edition(book: Book, options: argparse.Namespace) -> Edition:
    from literate.show.folder import weave_out
    from literate.show.rendered import edition

    return edition(book, weave_out(book), options.site)


def _save(out: Path, data: bytes) -> int:
    _write_files(out.parent, {out.name: data})
    return _say(f"wrote {out.as_posix()}, {len(data) / 1e6:.1f} MB")


# --- run ----------------------------------------------------------------------------------------------------


@command(
    argument("chapter", metavar="CHAPTER", nargs="?", help=f"{CALLED}; without it everything runs"),
    argument("--update", action="store_true", help="write what the experiments put out into their blocks"),
)
def _run(project: Project, options: argparse.Namespace) -> int:
    """Run the experiments and compare what they put out with their Output blocks.

    for example:
      literate run
      literate run 8 --update
    """
    from literate.run.output import retitled
    from literate.run.sessions import title_finding
    from literate.show.proof import proofread

    book = _load(project)
    key = options.chapter and _chapter(book, options.chapter).key
    found = _outcomes(project, _sessions(book, key))
    wrong: list[Finding] = []
    if options.update:
        wrong, written = _write_outputs(book, key, found)
        book = _load(project)
        found |= _outcomes(project, [s for s in _sessions(book, key) if s.page.path in written])
    sessions, results = _sessions(book, key), [result for page in found.values() for result in page]
    blocks = _mistitled(book, sessions, found)
    if options.update:
        _update(project, blocks, retitled)
    else:
        wrong += (title_finding(block) for of in blocks.values() for block in of)
    wrong += (finding for page in book.pages for finding in proofread(book, page))
    wrong += (finding for result in results for finding in result.findings)
    code = _report([*book.findings, *wrong])
    _say(_ran(sessions, len(results)))
    return code


def _ran(sessions: Sequence[Session], number: int) -> str:
    """How many experiments have run, and how many have not."""
    failed = sum(len(session.steps) for session in sessions) - number
    waiting = sum(len(session.waiting) for session in sessions)
    not_run = f", {failed} did not run because one before them failed" * bool(failed)
    not_run += f", {waiting} wait until the chapters are mended" * bool(waiting)
    return f"{number} experiment{'s' * (number != 1)} ran{not_run}"


def _write_outputs(
    book: Book, key: str | None, found: Mapping[str, list[Result]]
) -> tuple[list[Finding], list[str]]:
    """Write the outputs that are the same in two runs: what is not, and the paths of pages that changed."""
    from literate.run.sessions import unsteady, update

    again = _outcomes(book.project, _sessions(book, key), seed="1")  # with another order in its sets
    wrong = [finding for path, did in found.items() for finding in unsteady(did, again[path])]
    steady = {path: found[path] for path in found.keys() - {finding.path for finding in wrong}}
    return wrong, _update(book.project, steady, update)


def _sessions(book: Book, key: str | None) -> list[Session]:
    return [session for session in book.sessions if key in (None, session.key)]


def _outcomes(project: Project, sessions: Sequence[Session], seed: str = "0") -> dict[str, list[Result]]:
    """What the experiments of some pages did, by the path of their page."""
    from literate.run.sessions import results

    found: dict[str, list[Result]] = {}
    for session, did in zip(sessions, results(sessions, project, seed=seed), strict=True):
        found.setdefault(session.page.path, []).extend(did)
    return found


def _mistitled(
    book: Book, sessions: Sequence[Session], found: Mapping[str, list[Result]]
) -> dict[str, list[Block]]:
    """By path, the experiments whose title is wrong about whether they do the same at their chapter's end."""
    from literate.run.apart import Workers
    from literate.run.sessions import mistitled, start_at_the_end

    chapters = [session for session in sessions if session.key]
    with Workers(book.project) as workers:
        ends = [(s.page.path, start_at_the_end(workers, book, s)) for s in chapters if s.page.path in found]
        return {path: mistitled(found[path], future.result()) for path, future in ends}


def _update(project: Project, found: Mapping[str, T], new: Callable[[str, T], str]) -> list[str]:
    """Write the ``new`` text of the pages that shall say something else; the paths of these."""
    updated: dict[str, bytes] = {}
    with writing.alone(project):
        for path, what in sorted(found.items()):
            text = (project.root / path).read_bytes().decode()
            if (after := new(text, what)) != text:
                if problem := writing.obstacle(project.root, path):
                    raise BookError([Finding(path, 1, problem)])
                updated[path] = after.encode()
        writing.replace_files(project.root, updated)
    for path in updated:
        _say(f"updated {path}")
    return [*updated]


# --- check --------------------------------------------------------------------------------------------------


@command(
    CHAPTER,
    argument("--mine", type=Path, metavar="PATH", required=True, help="your module or package, only read"),
    argument("--alone", action="store_true", help="leave out the experiments of the chapters before"),
)
def _check(project: Project, options: argparse.Namespace) -> int:
    """Hold your own code against a chapter; the experiments and the tests that the book has up to it.

    It exits with 1 if one of them does not hold.

    for example:
      literate check 14 --mine mine.py
      literate check 24 --mine mine/
    """
    from literate.mine.check import check

    book = _right(project)
    report = check(book, _chapter(book, options.chapter), options.mine, alone=options.alone)
    print(report)
    return DONE if report.holds else BOOK_WRONG


# --- start --------------------------------------------------------------------------------------------------


@command(argument("folder", type=Path, metavar="DIR", help="outside the book; not there yet, or empty"))
def _start(project: Project, options: argparse.Namespace) -> int:
    """Make a folder to type along in; it knows where the book is, so that check works there.

    for example:
      literate start ../my-dezero
    """
    from literate.mine.notes import installed
    from literate.mine.start import first_files, next_steps

    folder = Path(os.path.realpath(options.folder))
    if folder.is_relative_to(project.root):
        raise CommandError(f"{options.folder.as_posix()} lies in the book; name a directory outside of it")
    _export(folder, first_files(project), beside=(".venv", ".git", ".gitignore"))
    _say(f"made {folder.as_posix()}; go there, type the blocks of chapter 1, and run")
    _say("\n".join(f"  {step}" for step in next_steps(project)))
    if finished := installed(project.package, folder):
        means = f"outside of it, `import {project.package}` means {finished}"
        _say(f"{means}: an environment of your own is safer")
    return DONE


# --- log ----------------------------------------------------------------------------------------------------


@command(argument("name", metavar="NAME", help="a qualified name, such as Shape.area, or a class"))
def _log(project: Project, options: argparse.Namespace) -> int:
    """Tell the life of a definition; each chapter that wrote it, and what changed.

    for example:
      literate log Shape.area
      literate log Shape
    """
    from literate.show.log import told, unknown

    book = _load(project)
    lines = list(told(book, options.name))
    if not lines:
        _report(book.findings)
        raise CommandError(unknown(book, options.name))
    print("\n".join(lines))
    return _report(book.findings)
