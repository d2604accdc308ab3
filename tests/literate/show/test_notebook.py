"""Chapters as notebooks: what their cells are, and that each runs where only NumPy is installed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from little import project

from literate.fold.book import load
from literate.read.page import read_page
from literate.show.notebook import notebook
from literate.show.notebook_setup import Notebook
from literate.show.prose import Links, pieces

ROOT = Path(__file__).parents[3]
BOOK = load(ROOT)

# What runs a notebook in plain Python, with what it asks of IPython. It has the standard library, NumPy and
# what is named in argv[2]. It prints what the cells put out, and the package's files at the end.
RUNNER = """
import ast, contextlib, io, json, shutil, sys
from importlib.machinery import BuiltinImporter, FrozenImporter, PathFinder
from types import SimpleNamespace

named = sys.argv[2].split()
which = shutil.which
missing = {"graphviz-pure", "dot"}.difference(named)
shutil.which = lambda name, *rest, **options: None if name in missing else which(name, *rest, **options)

class Few(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        top = name.partition(".")[0]
        known = top in sys.stdlib_module_names or top.startswith("_sysconfigdata")
        if known or top in ("numpy", *named):
            return super().find_spec(name, path, target)

class Shell:
    def __init__(self, main):
        self.user_ns = {"__name__": "__main__", "get_ipython": lambda: self}
        main.__dict__.update(self.user_ns)
        self.user_ns = main.__dict__
        self.magics, self.callbacks, self.events = {}, [], self

    def register_magic_function(self, function, kind, name):
        self.magics[name] = function

    def register(self, event, callback):
        self.callbacks.append((event, callback))

    def trigger(self, event, argument):
        for other, callback in self.callbacks:
            if other == event:
                callback(argument)

    def run_cell(self, source):
        info = SimpleNamespace(raw_cell=source)
        self.trigger("pre_run_cell", info)
        self.execute(source)
        self.trigger("post_run_cell", SimpleNamespace(info=info))
        return SimpleNamespace(raise_error=lambda: None)

    def execute(self, source):
        magic, _, cell = source.partition("\\n")
        if magic.startswith("%%"):
            name, _, rest = magic[2:].partition(" ")
            self.magics[name](rest, cell + "\\n")
            return
        tree = ast.parse(source)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "cell", "exec"), self.user_ns)
        value = eval(compile(ast.Expression(last.value), "cell", "eval"), self.user_ns) if last else None
        draw = getattr(value, "_repr_mimebundle_", None) or getattr(value, "_repr_svg_", lambda: None)
        if value is not None and draw() is None:
            print(repr(value))

sys.meta_path[:] = [BuiltinImporter, FrozenImporter, Few]
main = sys.modules["__main__"] = type(sys)("__main__")
shell, outputs = Shell(main), {}
with open(sys.argv[1], encoding="utf-8") as file:
    cells = json.load(file)["cells"]
for cell in cells:
    if cell["cell_type"] == "code":
        with contextlib.redirect_stdout(io.StringIO()) as output:
            shell.run_cell("".join(cell["source"]))
        outputs[cell["id"]] = output.getvalue()
print(json.dumps([outputs, main.notebook.files]))
"""


def cells(text: str, kind: str = "code") -> list[dict[str, Any]]:
    return [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == kind]


def sources(text: str, kind: str = "code") -> list[str]:
    return ["".join(cell["source"]) for cell in cells(text, kind)]


def run(text: str, folder: Path, libraries: str = "") -> tuple[dict[str, str], dict[str, str]]:
    """What the code cells of a notebook put out, by their ids, and the files of its package."""
    path = folder / "chapter.ipynb"
    path.write_text(text, encoding="utf-8")
    command = [sys.executable, "-I", "-X", "utf8", "-c", RUNNER, str(path), libraries]
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    outputs, files = json.loads(done.stdout)
    return outputs, files


def stored(cell: dict[str, Any]) -> str:
    return "".join(line for output in cell["outputs"] for line in output["text"])


def normal(output: str) -> str:
    return "\n".join(line.rstrip() for line in output.rstrip().split("\n"))


# --- the book's own -----------------------------------------------------------------------------------------


def is_figure(text, cell):
    """Whether what follows a cell is the caption of the figure that it draws."""
    every = json.loads(text)["cells"]
    below = every[every.index(cell) + 1 :][:1]
    return any("".join(other["source"]).startswith("*") for other in below) and not stored(cell)


def assert_runs(chapter, folder, libraries=""):
    """Assert that a chapter runs and puts out what the page shows; return the cells that are left out."""
    text = notebook(BOOK, chapter)
    outputs, files = run(text, folder, libraries)

    left_out = []
    for cell in cells(text):
        if not libraries and is_figure(text, cell):  # nothing draws it, so its value is written
            continue
        if outputs[cell["id"]].startswith("This cell was left out; it needs: pip install "):
            left_out.append(outputs[cell["id"]].strip().rpartition("pip install ")[2])
        else:
            assert normal(outputs[cell["id"]]) == normal(stored(cell)), "".join(cell["source"])
    package = BOOK.package_after(chapter)
    assert {path for path in package if path.startswith("src/")} <= files.keys()
    for path, file in files.items():
        assert file.strip() == (package[path].text.strip() or "# empty")
    return left_out


READS_DATA = "small=True"  # images that come with the installed package, and with no notebook
PRETENDS = "as_cupy"  # a card that is not there, by changing a module that a notebook has under another name


@pytest.mark.slow
@pytest.mark.parametrize(
    "chapter",
    [c for c in BOOK.chapters if READS_DATA not in c.page.text and PRETENDS not in c.page.text],
    ids=lambda chapter: chapter.slug,
)
def test_a_chapter_runs_with_numpy_alone_and_puts_out_what_the_page_shows(tmp_path, chapter):
    assert_runs(chapter, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("key", ["3", "25", "26"])
def test_who_installs_what_a_notebook_asks_for_runs_all_of_it(tmp_path, key):
    chapter = BOOK.chapter(key)

    assert {*assert_runs(chapter, tmp_path, "matplotlib")} <= {"graphviz graphviz-pure", "graphviz-pure"}
    assert {*assert_runs(chapter, tmp_path, "graphviz")} == {"graphviz-pure"}
    if shutil.which("graphviz-pure") or shutil.which("graphviz-pure", path=Path(sys.executable).parent):
        assert assert_runs(chapter, tmp_path, "matplotlib graphviz graphviz-pure") == []


KERNEL = """
import asyncio, sys
import nbformat
from nbclient import NotebookClient

book = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(book, timeout=120, kernel_name="python3").execute()
nbformat.write(book, sys.argv[1])
"""


@pytest.mark.slow
def test_jupyter_runs_a_chapter_and_shows_each_figure_once(tmp_path):
    pytest.importorskip("nbclient")
    chapter = next(c for c in BOOK.chapters if "matplotlib" in c.page.text and c.page.of("fragment"))
    path = tmp_path / "chapter.ipynb"
    path.write_text(notebook(BOOK, chapter), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", KERNEL, str(path)], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]

    after = json.loads(path.read_text(encoding="utf-8"))["cells"]
    data = [output.get("data", {}) for cell in after for output in cell.get("outputs", ())]
    figures = [source for source in sources(notebook(BOOK, chapter)) if source.endswith("plt.show()")]
    assert sum("image/png" in entry for entry in data) == len(figures) > 0


# --- little books -------------------------------------------------------------------------------------------

FIRST = """
    A box.

    ```python title="src/dezero.py"
    class Base:
        def name(self):
            return "base"


    class Box(Base):
        def size(self):
            return 1


    def make():
        return Box()
    ```
"""
SECOND = """
    We look.

    ```python
    from dezero import Base, Box, make

    box, kept = make(), make
    class Own(Base):
        pass
    own = Own()
    print(box.name(), own.name())
    ```

    ```text title="Output"
    base base
    ```

    And change.

    ```python title="src/dezero.py"
    class Base:
        ...

        def name(self):
            return "new"
    ```

    ```python
    print(box.name(), own.name(), make().name(), kept().name(), isinstance(make(), Base))
    ```

    ```text title="Output"
    new new new base True
    ```
"""


def both(book_of, tmp_path, *chapters, number=2, libraries=""):
    """A chapter of a little book, run: its text, what its last cell put out, the package."""
    book = book_of(*chapters)
    text = notebook(book, book.chapters[number - 1])
    outputs, files = run(text, tmp_path, libraries)
    return text, list(outputs.values())[-1], files


def test_a_new_base_class_is_seen_by_subclasses_objects_and_names(book_of, tmp_path):
    _, output, _ = both(book_of, tmp_path, FIRST, SECOND)

    assert output == "new new new base True\n"


@pytest.mark.parametrize("chapter", BOOK.chapters[::7], ids=lambda chapter: chapter.key)
def test_a_notebook_is_what_the_format_asks_for(chapter):
    nbformat.validate(nbformat.reads(notebook(BOOK, chapter), as_version=4))


def test_a_fragment_is_shown_as_on_the_page_and_below_it_folded_away_the_whole_file(book_of):
    shown = "class Box(Base):\n    ...\n\n    a = 1"
    book = book_of(FIRST, f'```python title="src/dezero.py"\n{shown}\n```')
    text = notebook(book, book.chapter("2"))

    assert f"*src/dezero.py:*\n\n```python\n{shown}\n```" in sources(text, "markdown")[-1]
    assert sources(text)[-1] == f"%%dezero src/dezero.py\n{book.final['src/dezero.py'].text}".strip()
    assert cells(text)[-1]["metadata"] == {"jupyter": {"source_hidden": True}}


def test_a_file_that_a_fragment_shows_whole_is_shown_once(book_of):
    book = book_of('```python title="src/dezero.py"\na = 1\n```')
    text = notebook(book, book.chapter("1"))

    assert "src/dezero.py" not in "".join(sources(text, "markdown"))
    assert sources(text)[-1] == "%%dezero src/dezero.py\na = 1"
    assert cells(text)[-1]["metadata"] == {}


def test_files_move_as_in_the_chapter(book_of, tmp_path):
    second = """
        ```python
        from dezero import make
        ```

        ```sh title="src/"
        mv dezero.py dezero/core.py
        cp dezero/core.py dezero/other.py
        ```

        ```python title="src/dezero/__init__.py"
        from dezero.core import make
        ```

        ```python
        from dezero import make
        from dezero.other import Box

        print(type(make()).__module__, Box.__module__)
        ```
    """
    text, output, files = both(book_of, tmp_path, FIRST, second)

    assert output == "dezero.core dezero.other\n"
    assert "*src/:*\n\n```sh\nmv dezero.py dezero/core.py" in "".join(sources(text, "markdown"))
    assert "%%dezero src/dezero.py gone later\n# gone" in sources(text)
    assert set(files) == {"src/dezero/__init__.py", "src/dezero/core.py", "src/dezero/other.py"}


def test_a_name_that_a_fragment_takes_away_is_gone(book_of, tmp_path):
    second = """
        ```python
        from dezero import make
        ```

        ```python title="src/dezero.py"
        del make
        ```

        ```python
        print("make" in globals())
        ```
    """
    assert both(book_of, tmp_path, FIRST, second)[1] == "False\n"


def test_what_was_imported_by_another_name_is_imported_again(book_of, tmp_path):
    second = """
        ```python
        from dezero import make as build
        ```

        ```python title="src/dezero.py"
        def make():
            return 2
        ```

        ```python
        print(build())
        ```
    """
    assert both(book_of, tmp_path, FIRST, second)[1] == "2\n"


def test_an_experiment_may_use_the_names_of_the_machinery(book_of, tmp_path):
    second = """
        ```python
        from dezero import make

        setup = imports = carry_over = renderer = ast = sys = Importer = Notebook = None
        ```

        ```python title="src/dezero.py"
        def make():
            return 2
        ```

        ```python
        import graphviz
        ```

        ```python
        print(make())
        ```
    """
    assert both(book_of, tmp_path, FIRST, second)[1] == "2\n"


FIGURE = """
    ```python
    kept = 1
    ```

    ```python
    import matplotlib

    drawn = matplotlib.__name__
    kept = clean = 0
    ```

    ```python
    print(drawn)
    ```

    ```python
    clean = 2
    print(clean, kept)
    ```
"""


def test_a_cell_that_lacks_a_library_says_so_and_so_does_what_builds_on_it(book_of, tmp_path):
    book = book_of(FIGURE)
    outputs, _ = run(notebook(book, book.chapter("1")), tmp_path)

    left_out = "This cell was left out; it needs: pip install matplotlib\n"
    assert list(outputs.values())[1:] == ["", left_out, left_out, "2 1\n"]


def test_a_cell_that_has_its_library_runs(book_of, tmp_path):
    book = book_of("```python\nimport markdown\n\nprint(markdown.__name__)\n```")
    outputs, _ = run(notebook(book, book.chapter("1")), tmp_path, "markdown xml")

    assert list(outputs.values())[-1] == "markdown\n"


def test_what_needs_a_name_of_a_library_is_left_out_too(tmp_path, book_of):
    first = "import matplotlib.pyplot as plt\nimport numpy as np\n\nfig, ax = plt.subplots()"
    cells_of = [f"```python\n{code}\n```" for code in (first, "plt.close(fig)", "assert np.pi > 3")]
    text = notebook(book := book_of("\n\n".join(cells_of)), book.chapters[0])

    assert [source.split("\n")[0] for source in sources(text)][1:] == [
        "%%needs matplotlib",
        "%%needs matplotlib",
        "assert np.pi > 3",
    ]
    outputs, _ = run(text, tmp_path)
    assert sum(output.startswith("This cell was left out") for output in outputs.values()) == 2


def test_a_name_of_the_package_turns_to_what_the_package_calls_so(tmp_path, book_of):
    engine = "class Box:\n    engine = 1"
    first = f"""
    ```python title="src/dezero/one.py"
    {engine}
    ```

    ```python title="src/dezero/__init__.py"
    from dezero.one import Box
    ```
    """.replace("\n    engine", "\n        engine")
    second = """
    ```python
    from dezero import Box

    box = Box()
    ```

    ```sh title="src/"
    cp dezero/one.py dezero/two.py
    ```

    ```python title="src/dezero/two.py"
    class Box:
        engine = 2
    ```

    ```python title="src/dezero/__init__.py"
    from dezero.two import Box
    ```

    ```python
    print(Box.engine, box.engine, isinstance(box, Box))
    ```

    ```text title="Output"
    2 2 True
    ```
    """
    book = book_of(first, second)
    outputs, _ = run(notebook(book, book.chapters[1]), tmp_path)

    assert list(outputs.values())[-1] == "2 2 True\n"


def test_a_file_that_lacks_what_another_imports_waits_for_the_next(tmp_path, book_of):
    first = """
    ```python title="src/dezero/one.py"
    A = 1
    B = 2
    ```

    ```python title="src/dezero/__init__.py"
    from dezero.one import A
    ```
    """
    second = """
    ```python
    import dezero
    ```

    ```python title="src/dezero/one.py"
    del A
    ```

    ```python title="src/dezero/__init__.py"
    from dezero.one import B

    del A
    ```

    ```python
    print(dezero.B)
    ```

    ```text title="Output"
    2
    ```
    """
    book = book_of(first, second)
    text = notebook(book, book.chapters[1])

    assert "%%dezero src/dezero/one.py later" in [source.split("\n")[0] for source in sources(text)]
    assert list(run(text, tmp_path)[0].values())[-1] == "2\n"


def test_of_the_picture_of_a_life_a_notebook_has_the_caption(book_of):
    book = book_of('```python title="src/dezero.py"\na = 1\n```\n\n```text title="Life of a"\nIt stays.\n```')

    assert "*It stays.*" in notebook(book, book.chapters[0])


def test_a_figure_that_jupyter_shows_anyway_is_no_value(book_of):
    code = "import matplotlib.pyplot as plt\n\nfig, ax = plt.subplots()\nfig"
    book = book_of(f'```python\n{code}\n```\n\n```text title="Figure"\nA caption.\n\nAlt.\n```')
    text = notebook(book, book.chapter("1"))

    assert sources(text)[-1].endswith("fig, ax = plt.subplots()\nplt.show()")
    assert sources(text, "markdown")[-1] == "*A caption.*"


class Shell:
    """What a notebook asks of IPython."""

    def __init__(self, **names):
        self.user_ns = names
        self.events = self

    def register_magic_function(self, *_):
        pass

    register = register_magic_function


@pytest.fixture
def cells_of():
    """The notebook of a package ``little`` whose first file has been imported."""
    before = sys.meta_path[:]
    found = Notebook("little", Shell())
    found.write("src/little.py", "LIMIT = 1\n\n\ndef one():\n    return 1\n")
    source = "from little import LIMIT, one as uno"
    exec(source, found.shell.user_ns)
    found.after(source)
    yield found
    sys.meta_path[:] = before
    found.take()


def test_a_mistake_in_a_cell_can_be_mended(cells_of):
    from IPython.core.error import UsageError

    with pytest.raises(UsageError) as raised:
        cells_of.write("src/little.py", "def one():\n    return 2\n\n\nnobody\n")
    assert str(raised.value).startswith(
        '\n  File "src/little.py", line 5, in <module>\n    nobody\nNameError: '
    )
    with pytest.raises(UsageError, match=r'^\n  File "src/little.py", line 2\n    x =\n +\^\nSyntaxError: '):
        cells_of.write("src/little.py", "\nx =\n")
    assert cells_of.shell.user_ns["uno"]() == 1
    cells_of.write("src/little.py", "LIMIT = 3\n\n\ndef one():\n    return 3\n")
    assert (cells_of.shell.user_ns["uno"](), cells_of.shell.user_ns["LIMIT"]) == (3, 3)


def test_what_waits_for_a_later_cell_is_there_for_the_next_use(cells_of):
    cells_of.write("src/little.py later", "LIMIT = 4\n")
    cells_of.before("%%little src/little.py\nLIMIT = 5")
    assert cells_of.shell.user_ns["LIMIT"] == 1
    cells_of.before("LIMIT")
    assert cells_of.shell.user_ns["LIMIT"] == 4
    assert "uno" not in cells_of.shell.user_ns


def test_a_file_that_is_gone_is_gone(cells_of):
    cells_of.write("src/little.py gone", "# gone")

    assert cells_of.files == {}
    with pytest.raises(ModuleNotFoundError, match="No module named 'little'"):
        exec("import little")


def test_a_chapter_that_is_broken_is_a_notebook_all_the_same(book_of):
    book = book_of("```python\nprint(\n```")

    assert sources(notebook(book, book.chapter("1")))[-1] == "print("


def test_an_interlude_is_a_notebook_without_a_number(book_of):
    words = "A very long title " * 5
    book = book_of(FIRST, f"# {words}\n\nSee [1](step01-chapter.md).\n{SECOND}", SECOND.replace("2", "3"))
    text = notebook(book, book.chapters[1])
    title, about, prose = sources(text, "markdown")[:3]

    assert title == f"# {words.strip()}"
    assert about.startswith(f'*This is the interlude "{words.strip()}" as a notebook: ')
    assert "[1](step01.ipynb)" in prose
    assert all(re.fullmatch(r"[\w-]{1,64}", cell["id"], re.ASCII) for cell in json.loads(text)["cells"])


def test_the_same_chapter_is_the_same_notebook(book_of):
    chapter = book_of(FIRST, SECOND).chapter("2")
    book = book_of(FIRST, SECOND)

    assert notebook(book, book.chapter("2")) == notebook(book_of(FIRST, SECOND), chapter)
    ids = [cell["id"] for cell in json.loads(notebook(book, chapter))["cells"]]
    assert ids[0] == "cell-001"
    assert len(ids) == len({*ids})


# --- prose --------------------------------------------------------------------------------------------------


TEST = '```python title="A test"\n    a = 1\n    ```'
PROSE = {
    "note": (
        '!!! note "Why?"\n\n    Because.\n\n    So.\n\nAfter.',
        "> **Why?**\n>\n> Because.\n>\n> So.\n\nAfter.",
    ),
    "note without a title": ("!!! note\n    Because.", "> **Note**\n> Because."),
    "details": ('??? example "Code"\n\n    Text.', "**Code**\n\nText."),
    "tabs": ('=== "A"\n\n    One.\n\n=== "B"\n\n    Two.', "**A**\n\nOne.\n\n**B**\n\nTwo."),
    "attributes": ("Text.\n{ .kicker }", "Text."),
    "anchor": ("## Title { #anchor }", "## Title"),
    "comment": ("<!-- literate: on purpose: A -->\nText.", "Text."),
    "formula": ("$$\ny = x\n$$", "$$\ny = x\n$$"),
    "illustration": (f"1. Do:\n\n    {TEST}", "1. Do:\n\n    *A test:*\n\n    ```python\n    a = 1\n    ```"),
    "block": ("```text\na\n```", "```text\na\n```"),
    "chapter": ("See [4](step04-a.md#b).", "See [4](step04.ipynb)."),
    "interlude": ("See [it](interlude-a.md#b).", "See [it](interlude-a.ipynb)."),
    "elsewhere": ("See [us](https://a.org).", "See [us](https://a.org)."),
    "not a chapter": ("See the [answers](answers.md) and [here](#x).", "See the answers and here."),
    "code": ("`a[0](b)`", "`a[0](b)`"),
}


@pytest.mark.parametrize(("text", "expected"), PROSE.values(), ids=PROSE)
def test_prose_becomes_plain_markdown(text, expected):
    page = read_page("docs/step01-a.md", text, project())

    assert "\n".join(map(str, pieces(page, [], page.blocks, Links(project(), page.path)))) == expected


def test_with_an_address_links_lead_to_the_site():
    links = Links(project(), "docs/step01-a.md", "https://a.org/book/")

    assert links.target("step02-b.md#c") == "https://a.org/book/step02-b/#c"
    assert links.target("index.md") == "https://a.org/book/"
    assert links.target("an-index.md") == "https://a.org/book/an-index/"
    assert links.target("#c") == "https://a.org/book/step01-a/#c"
    assert links.target("labs/d.py") == "https://a.org/book/labs/d/"
