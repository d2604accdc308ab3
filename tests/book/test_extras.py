"""The site beside the chapters: lives one click away, downloads, and a search that knows the definitions."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from literate.fold.book import load
from literate.fold.lives import lives

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
BOOK = load(ROOT)

# Material's own search, outside of a browser: prints where the first five pages of each query lead.
SEARCH = """
import fs from 'fs'; import path from 'path'; import vm from 'vm';
const [site, ...queries] = process.argv.slice(2);
const folder = path.join(site, 'assets/javascripts/workers');
const worker = fs.readdirSync(folder).find(name => /^search\\..*\\.min\\.js$/.test(name));
const {config, docs} = JSON.parse(fs.readFileSync(path.join(site, 'search/search_index.json')));
let ask, answer;
globalThis.self = globalThis;
globalThis.postMessage = message => answer(message);
globalThis.addEventListener = (type, listener) => {
  ask = data => new Promise(done => { answer = done; listener({data}) });
};
vm.runInThisContext(fs.readFileSync(path.join(folder, worker), 'utf8'));
await ask({type: 0, data: {config, docs, options: {suggest: true}}});
const found = {};
for (const query of queries) {
  const pages = (await ask({type: 2, data: query})).data.items.slice(0, 5);
  found[query] = pages.flatMap(results => results.map(result => result.location));
}
console.log(JSON.stringify(found));
"""


def page(built, name: str) -> str:
    return (built.folder / name / "index.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def introduced() -> dict[str, str]:
    """Every definition of the package, and where the site introduces it."""
    found = {}
    for life in lives(BOOK).all:
        for member in ("", *life.members):
            name = f"{life.name}.{member}" if member else life.name
            block = next((event.block for event in life.of(member) if event.after), None)
            if block:
                found.setdefault(name, f"{Path(block.path).stem}/#{name}")
    return found


def test_every_definition_is_introduced_at_an_anchor_of_its_own(built, introduced):
    wrong = [
        place
        for place in introduced.values()
        if f'id="{place.partition("#")[2]}"' not in page(built, place.partition("/")[0])
    ]

    assert wrong == []


def test_who_searches_a_definition_finds_the_chapter_that_introduces_it(built, introduced, tmp_path):
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    script = tmp_path / "search.mjs"
    script.write_text(SEARCH, encoding="utf-8")
    methods = {"set_creator": introduced["Variable.set_creator"], "backward": introduced["Variable.backward"]}
    index = json.loads((built.folder / "search" / "search_index.json").read_bytes())["docs"]
    listed = {doc["title"] for doc in index}
    asked = methods | {name: place for name, place in introduced.items() if "." in name and name in listed}
    asked = {name: place for name, place in asked.items() if not is_ambiguous(name)}
    assert len(asked) > 60
    done = subprocess.run(
        [node, script, built.folder, *asked], capture_output=True, encoding="utf-8", check=True
    )

    found = json.loads(done.stdout)
    assert {name: found[name] for name in asked if asked[name] not in found[name]} == {}
    first = [name for name in asked if found[name][0] == asked[name]]
    assert len(first) > 0.9 * len(asked)


def is_ambiguous(name: str) -> bool:
    """Whether two modules have a class of this name, as functions and layers have Linear."""
    return [life.name for life in lives(BOOK).all].count(name.partition(".")[0]) > 1


def test_no_life_is_in_the_search_index(built):
    docs = json.loads((built.folder / "search" / "search_index.json").read_bytes())["docs"]

    assert [doc["location"] for doc in docs if doc["location"].startswith("life")] == []
    assert not any("its life" in doc["title"] for doc in docs)


def test_every_name_of_the_package_in_a_label_leads_to_its_life(built):
    for chapter in BOOK.chapters:
        labels = re.findall(
            r'<p class="fragment".*?</p>', page(built, Path(chapter.page.path).stem), re.DOTALL
        )
        for label in labels:
            if "<code>src/dezero" in label and " imports " not in label:
                bare = re.sub(r"<a .*?</a>|^.*?</code>", "", label, flags=re.DOTALL)
                assert "<code>" not in bare, label


def test_every_entry_of_the_reference_leads_to_a_life(built):
    html = page(built, "reference")
    headings = re.findall(r'<h[2-6][^>]*\bid="dezero\.[\w.]+".*?</h[2-6]>', html, re.DOTALL)

    assert headings
    assert [heading for heading in headings if 'class="life"' not in heading] == []


@pytest.mark.parametrize("chapter", BOOK.chapters, ids=lambda chapter: chapter.slug)
def test_a_chapter_ends_with_its_files(built, chapter):
    html = page(built, Path(chapter.page.path).stem)
    (line,) = re.findall(r'<p class="downloads".*?</p>', html, re.DOTALL)
    files = [built.folder / link.removeprefix("../") for link in re.findall(r'href="([^"]+)"', line)]
    package = BOOK.package_after(chapter)

    assert {path.suffix for path in files} >= ({".zip", ".ipynb"} if package else {".ipynb"})
    for path in files:
        if path.suffix == ".zip":
            with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as found:
                names = [name for name in found.namelist() if not name.startswith("dezero/data/")]
                assert {name: found.read(name).decode() for name in names} == {
                    name.removeprefix("src/"): module.text for name, module in package.items()
                }
