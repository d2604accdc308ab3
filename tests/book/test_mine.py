"""The check of a reader's code, held against the real book: what passes it, and what does not."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter
from pathlib import Path

import pytest

from literate.fold.book import load
from literate.fold.module import Package
from literate.mine.check import check
from literate.mine.notes import slips as seen
from literate.mine.report import Report
from literate.read.chapters import Chapter
from literate.read.sentences import plain, sentence_above

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
BOOK = load(ROOT)
SLUG = attrgetter("slug")
EACH_CHAPTER = pytest.mark.parametrize("chapter", BOOK.chapters, ids=SLUG)

Texts = dict[str, str]
Checked = Callable[..., Report]
Fails = Callable[[Chapter, Texts], bool]


@pytest.fixture
def checked(tmp_path: Path) -> Checked:
    """A function that checks a package, given by the texts of its files, against a chapter."""

    def check_texts(chapter: Chapter, texts: Mapping[str, str], **options: bool) -> Report:
        contents = {path: text.encode() for path, text in texts.items()}
        for path, content in (contents | BOOK.project.data_files(texts.values())).items():
            file = tmp_path / path.replace("src/dezero", "typed")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        is_module = "src/dezero.py" in texts
        path = tmp_path / ("typed.py" if is_module else "typed")
        return check(BOOK, chapter, path, **{"alone": True, **options})

    return check_texts


@pytest.fixture
def fails(checked: Checked) -> Fails:
    """A function that says whether a package fails a chapter; most do in the first experiment that raises."""

    def fails_somewhere(chapter: Chapter, texts: Texts) -> bool:
        return not all(checked(chapter, texts, to_the_end=end).holds for end in (False, True))

    return fails_somewhere


def texts_of(package: Package) -> Texts:
    """What a reader has typed."""
    return {path: module.text for path, module in package.items() if path.startswith("src/")}


def without_docstrings(text: str) -> str:
    """A module without docstrings, comments and layout: what it does."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        documented = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        if documented and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


def retyped(text: str) -> str:
    """A module without docstrings and comments, with other names for the locals of its functions."""
    tree = ast.parse(without_docstrings(text))
    for function in functions(tree):
        given = {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
        names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
        local = {node.id for node in names if isinstance(node.ctx, ast.Store)} - given
        for node in names:
            node.id = f"my_{node.id}" if node.id in local else node.id
    return ast.unparse(tree)


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """The functions of a module and the methods of its classes."""
    for node in tree.body:
        for inner in node.body if isinstance(node, ast.ClassDef) else [node]:
            if isinstance(inner, ast.FunctionDef):
                yield inner


def idle(text: str) -> str:
    """A module in which every name is there, and no function does anything."""
    tree = ast.parse(text)
    for function in functions(tree):
        function.body = [ast.Pass()]
    return ast.unparse(tree)


@EACH_CHAPTER
def test_the_code_of_the_book_passes_without_its_comments_docstrings_and_names_of_locals(
    chapter: Chapter, checked: Checked
) -> None:
    texts = texts_of(BOOK.package_after(chapter))
    report = checked(chapter, {path: retyped(text) for path, text in texts.items()})

    assert report.holds, str(report)


def does_something_new(chapter: Chapter) -> bool:
    """Whether a chapter changes what the package does, not only its comments and docstrings."""
    packages = BOOK.package_found_by(chapter), BOOK.package_after(chapter)
    before, after = ({path: retyped(text) for path, text in texts_of(p).items()} for p in packages)
    return before != after


@pytest.mark.parametrize("chapter", BOOK.chapters[1:], ids=SLUG)
def test_the_code_of_the_chapter_before_fails_wherever_something_changed(
    chapter: Chapter, fails: Fails
) -> None:
    if does_something_new(chapter):  # else it is retyped the same, and passes
        assert fails(chapter, texts_of(BOOK.package_found_by(chapter)))


@EACH_CHAPTER
def test_code_that_does_nothing_fails(chapter: Chapter, fails: Fails) -> None:
    texts = texts_of(BOOK.package_after(chapter))

    assert fails(chapter, {path: idle(text) for path, text in texts.items()})


@pytest.mark.parametrize("chapter", BOOK.chapters[::9], ids=SLUG)
def test_empty_files_fail(chapter: Chapter, fails: Fails) -> None:
    assert fails(chapter, dict.fromkeys(texts_of(BOOK.package_after(chapter)), ""))


@pytest.mark.parametrize("key", ["10", "24"])
def test_the_code_of_the_book_keeps_what_the_chapters_before_promised(key: str, checked: Checked) -> None:
    chapter = BOOK.chapter(key)
    report = checked(chapter, texts_of(BOOK.package_after(chapter)), alone=False)

    assert report.holds, str(report)
    assert sum(bool(promise.chapter) and not promise.name for promise in report.promises) > 30


@EACH_CHAPTER
def test_nothing_in_the_book_s_package_looks_like_a_block_typed_as_it_is_shown(chapter: Chapter) -> None:
    package = BOOK.package_after(chapter)

    assert [said for module in package.values() for said in seen(module.text)] == []


RESTORED = "    finally:\n        setattr(Config, name, old_value)\n"
UNLESS_INTERRUPTED = """\
    except Exception:
        setattr(Config, name, old_value)
        raise
    setattr(Config, name, old_value)
"""
MUTATIONS = {  # what a reader may get wrong and not notice: the chapter, what it says, what is wrong instead
    "the sum is no array": ("14", "else as_array(x.grad + gx)", "else x.grad + gx"),
    "the first gradient is not copied": ("14", "np.array(gx)", "gx"),
    "the slope is no array": ("10", "return as_array((y1.data", "return ((y1.data"),
    "an interruption leaves the switch": ("18", RESTORED, UNLESS_INTERRUPTED),
}


@pytest.mark.parametrize(("key", "right", "wrong"), MUTATIONS.values(), ids=MUTATIONS)
def test_a_mistake_is_found(key: str, right: str, wrong: str, fails: Fails) -> None:
    (text,) = texts_of(BOOK.package_after(BOOK.chapter(key))).values()
    assert right in text

    assert fails(BOOK.chapter(key), {"src/dezero.py": text.replace(right, wrong)})


COUNTING = """
def past_of(variable):
    users, found = {}, [variable]
    for x in found:
        function = x.creator
        if function is not None:
            if function not in users:
                found.extend(function.inputs)
            users[function] = users.get(function, 0) + 1
    ready = [variable.creator] if variable.creator is not None else []
    while ready:
        function = ready.pop()
        yield function
        for x in function.inputs:
            if x.creator is not None:
                users[x.creator] -= 1
                if not users[x.creator]:
                    ready.append(x.creator)
"""


@pytest.mark.parametrize("key", ["16", "17", "18"])
def test_a_walk_in_another_order_that_is_right_is_accepted(key: str, checked: Checked) -> None:
    (text,) = texts_of(BOOK.package_after(BOOK.chapter(key))).values()
    renamed = text.replace("def past_of", "def by_heap")
    report = checked(BOOK.chapter(key), {"src/dezero.py": renamed + COUNTING})

    assert report.holds, str(report)


@EACH_CHAPTER
def test_every_experiment_stands_under_a_sentence(chapter: Chapter) -> None:
    page = chapter.page
    sentences = [plain(sentence_above(page, block)) or page.title for block in page.of("experiment")]

    assert [text for text in sentences if not re.match(r"[\w$`]", text) or "**" in text or "](" in text] == []
