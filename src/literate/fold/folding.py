"""A module and a fragment -> the new module, and what was added, replaced and removed.

A module is a sequence of definitions, each keyed by its name. A fragment is read into the same kind of
pieces, which then replace their namesakes or find a place beside their neighbours.
"""

from __future__ import annotations

import ast
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import product, takewhile
from typing import Literal

from literate.fold.fragment import Class, Deleted, Element, Fragment, Rest, Shown, names_of, read_fragment
from literate.fold.imports import Import
from literate.fold.module import Definition, Line, Module, Package
from literate.read.finding import Finding, is_slip, nearest_name
from literate.read.page import Block
from literate.read.project import Project

__all__ = ["Action", "Change", "Definition", "Folded", "Line", "Module", "Package", "fold"]

Action = Literal["adds", "replaces", "removes"]
Body = tuple[Definition, ...]
THERE = "`...` as its body says that it is there already and stays"


@dataclass(frozen=True)
class Change:
    """What a fragment did to one name of a module. ``inner``: it came or went with its class."""

    action: Action
    path: str
    name: str
    block: Block
    before: Definition | None = None
    after: Definition | None = None
    inner: bool = False


@dataclass(frozen=True)
class Folded:
    """A module after a fragment, what changed, and what is wrong with the fragment."""

    module: Module
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]


def fold(project: Project, module: Module, block: Block, path: str, in_doubt: Container[str] = ()) -> Folded:
    """Fold the fragment ``block`` into the ``module`` at ``path``.

    ``in_doubt`` are names of fragments with a mistake: what follows from that mistake is not reported again.
    """
    fragment = read_fragment(block, project.python)
    return _Fold(project, block, path, in_doubt, list(fragment.findings)).folded(module, fragment)


@dataclass
class _Fold:
    project: Project
    block: Block
    path: str
    in_doubt: Container[str]
    findings: list[Finding]
    changes: list[Change] = field(default_factory=list)
    doubted: bool = False  # whether something was not reported

    def folded(self, module: Module, fragment: Fragment) -> Folded:
        before = module
        for deleted in fragment.deleted:
            module = self.delete(module, deleted)
        module = replace(module, imports=self.merge_imports(module.imports, fragment.imports))
        module = self.document(module, fragment.docstring)
        self.check_slips(module.body, fragment.elements, "")
        module = replace(module, body=self.merge(module.body, fragment.elements, ""))
        self.check_imports(module, fragment.imports)
        if self.emptied(module, fragment.deleted):
            return Folded(before, (), tuple(self.findings))
        if not (self.changes or self.findings or self.doubted):
            self.wrong(0, "this fragment changes nothing; delete it, or show it without the title")
        return Folded(module, tuple(self.changes), tuple(self.findings))

    # --- what is reported ---

    def wrong(self, line: int, message: str, names: Iterable[str] = ()) -> None:
        """A finding at a line of the block; none if it is about ``names`` that are in doubt anyway."""
        if any(name.rpartition(".")[2] in self.in_doubt for name in names):
            self.doubted = True
        else:
            self.findings.append(self.block.finding(message, line))

    def unknown(
        self,
        what: str,
        known: Sequence[Definition],
        line: int,
        way_out: str = "",
        imported: Sequence[str] = (),
    ) -> None:
        """``class Varaible is not in src/dezero.py; did you mean Variable (chapter 1)? A new class is …``"""
        name = what.split()[-1]
        nearest = nearest_name(name.rpartition(".")[2], [*imported, *(n for d in known for n in d.names)])
        if nearest:
            found = _find(known, nearest)
            guess = f"; did you mean {nearest}{self.written_in(found.block) if found else ''}?"
            way_out = f" {way_out[:1].upper()}{way_out[1:]}." if way_out else ""
        else:
            guess, way_out = "; ", way_out or "check the name"
        self.wrong(line, f"{what} is not in {self.path}{guess}{way_out}", [name])

    def written_in(self, block: Block) -> str:
        key = self.project.key_of(block.path)
        return f" ({f'chapter {key}' if key.isdecimal() else key})" if key else ""

    def change(
        self,
        action: Action,
        name: str,
        before: Definition | None = None,
        after: Definition | None = None,
        inner: bool = False,
    ) -> None:
        self.changes.append(Change(action, self.path, name, self.block, before, after, inner))
        if before and (after is None or after.kind != "class"):
            for gone in before.members:
                self.change("removes", f"{name}.{gone.key}", before=gone, inner=True)
        if after and (before is None or before.kind != "class"):
            for new in after.members:
                self.change("adds", f"{name}.{new.key}", after=new, inner=True)

    # --- docstring and imports ---

    def document(self, module: Module, docstring: Definition | None) -> Module:
        old = module.docstring
        if docstring is None or (old and old.text == docstring.text):
            return module
        self.change("replaces" if old else "adds", "__doc__", old, docstring)
        return replace(module, docstring=docstring)

    def merge_imports(self, existing: tuple[Import, ...], new: tuple[Import, ...]) -> tuple[Import, ...]:
        merged = {entry.bound: entry for entry in existing}
        for entry in new:
            before = merged.get(entry.bound)
            if before is None or before.statement != entry.statement:
                merged[entry.bound] = entry
                self.change("replaces" if before else "adds", entry.statement)
        return tuple(merged.values())

    def check_imports(self, module: Module, new: tuple[Import, ...]) -> None:
        """A name is either imported or defined; checked where this fragment brought one of the two."""
        imported = {entry.bound.partition(".")[0] for entry in module.imports}
        brought = {entry.bound.partition(".")[0] for entry in module.imports if entry in new}
        for definition in module.body if new or self.changes else ():
            names = imported if definition.block is self.block else brought
            if not names.isdisjoint(definition.names):
                for name in sorted(names & definition.names):
                    message = f"{name} is both imported and defined; write `del {name}` to drop the import"
                    self.wrong(0, message, [name])

    def emptied(self, module: Module, deleted: tuple[Deleted, ...]) -> bool:
        """Whether a class has lost its whole body, which is refused."""
        found = False
        for entry in deleted:
            owner = module.definitions.get(entry.name.rpartition(".")[0])
            if owner and owner.kind == "class" and not owner.members:
                message = f"class {owner.key} would have no body without {entry.name}"
                self.wrong(entry.line, f"{message}; give it one, or `del` it", [owner.key])
                found = True
        return found

    # --- deleting ---

    def delete(self, module: Module, deleted: Deleted) -> Module:
        for entry in module.imports:
            if entry.bound == deleted.name:
                self.change("removes", entry.statement)
                return replace(module, imports=tuple(other for other in module.imports if other is not entry))
        imported = [entry.bound for entry in module.imports if "." not in deleted.name]
        return replace(module, body=self.without(module.body, deleted.line, deleted.name, "", imported))

    def without(self, body: Body, line: int, name: str, scope: str, imported: Sequence[str] = ()) -> Body:
        """The body without ``name``, which may be a member of one of its classes."""
        if gone := _find(body, name):
            return self.taken_out(body, gone, line, name, scope)
        owner, dot, member = name.partition(".")
        found = _find(body, owner)
        if dot and found and found.kind == "class":
            members = self.without(found.members, line, member, f"{scope}{owner}.")
            return tuple(replace(found, members=members) if d is found else d for d in body)
        self.unknown(f"class {scope}{owner}" if dot else scope + name, body, line, imported=imported)
        return body

    def taken_out(self, body: Body, gone: Definition, line: int, name: str, scope: str) -> Body:
        if others := gone.names - {name}:
            message = f"{name} is bound together with {_and(others)}; write the statement anew without it"
            self.wrong(line, message)
            return body
        self.change("removes", f"{scope}{gone.key}", gone)
        roles = [other for other in body if _depends(other.key, name)]
        for role in roles:
            self.change("removes", f"{scope}{role.key}", role, inner=True)
        return tuple(other for other in body if other is not gone and other not in roles)

    # --- merging ---

    def check_slips(self, known: Body, elements: Sequence[Element], scope: str) -> None:
        """A new name that is almost an old one is a slip, unless the block shows one that is there."""
        new_ones = [e for e in elements if isinstance(e, Definition) and e.kind == "function"]
        if not new_ones or any(_find(known, name) for element in elements for name in names_of(element)):
            return
        for new, old in product(new_ones, [old for old in known if old.kind == "function"]):
            if is_slip(new.key, old.key):
                message = (
                    f"{scope}{new.key} is new, and almost {scope}{old.key}; call it that, or, if both are"
                )
                way_out = f"{message} meant, show `{old.signature}: ...` above it"
                self.wrong(new.statement.lineno, way_out, [new.key, old.key])

    def merge(self, existing: Body, elements: tuple[Element, ...], scope: str) -> Body:
        """Existing definitions and the elements of a fragment, in one order.

        What is new goes after the neighbour that it follows, else before the one that it precedes, else to
        the end. ``...`` is no neighbour: what stands before it without one goes to the start.
        """
        body = list(existing)
        neighbour: str | None = None  # the key that a new definition follows
        waiting: list[Definition] = []  # new definitions that have followed none yet
        beginning = True  # nothing but new definitions so far
        for element in elements:
            if isinstance(element, Rest):
                position = _first_place(body) if beginning else len(body)
                body[position:position] = waiting
                neighbour, waiting, beginning = None, [], False
                continue
            definition, is_new = self.settle(body, element, scope)
            if definition is None:
                continue
            if not is_new:
                position = _index(body, definition.key)
                body[position:position] = waiting
                neighbour, waiting, beginning = definition.key, [], False
            elif definition.kind == "docstring":
                body.insert(0, definition)
                neighbour = definition.key
            elif neighbour is None:
                waiting.append(definition)
            else:
                body.insert(_index(body, neighbour) + 1, definition)
                neighbour = definition.key
        return _ordered(body, waiting, in_class=bool(scope))

    def settle(self, body: list[Definition], element: Element, scope: str) -> tuple[Definition | None, bool]:
        """The definition that an element stands for, in its namesake's place, and whether it has none."""
        match element:
            case Shown():
                return self.shown(body, element, scope), False
            case Class():
                resolved = self.resolve(body, element, scope)
                return self.put(body, resolved, scope, element.line) if resolved.members else (None, False)
            case Definition():
                return self.put(body, element, scope, element.statement.lineno)
        return None, False

    def shown(self, body: list[Definition], shown: Shown, scope: str) -> Definition | None:
        known = _find(body, shown.key)
        if known is None:
            what = "class " if isinstance(shown.statement, ast.ClassDef) else ""
            self.unknown(f"{what}{scope}{shown.key}", body, shown.line, THERE)
            return None
        here = replace(known, statement=shown.statement)
        if here.signature != known.signature or here.decorators not in ((), known.decorators):
            says = [_shape(definition) for definition in (here, known)]
            message = f"`{says[0]}` is shown for its place, but {_where(known.block)} says `{says[1]}`"
            self.wrong(shown.line, f"{message}; show it as it stands, or write it whole", [shown.key])
        return known

    def put(self, body: list[Definition], new: Definition, scope: str, line: int) -> tuple[Definition, bool]:
        """Put a definition in the place of its namesake, or of several, if there is one."""
        overlapping = [old for old in body if old.names & new.names or old.key == new.key]
        if not overlapping:
            if new.kind != "pass":
                self.change("adds", f"{scope}{new.key}", None, new)
            return new, True
        if lost := frozenset[str]().union(*(old.names for old in overlapping)) - new.names:
            message = f"this would drop {_and(lost)}, bound by the statement that it replaces"
            self.wrong(line, f"{message}; bind it too, or `del` it first", lost)
            return overlapping[0], False
        old = overlapping[0]
        new = new if new.gap is not None else replace(new, gap=old.gap)
        if old.head_text == new.head_text:
            new = old if old.members == new.members else replace(old, members=new.members)
        else:
            self.check_roles(body, old, new, scope, line)
            self.change("replaces", f"{scope}{new.key}", old, new)
        body[body.index(old)] = new
        for gone in overlapping[1:]:
            body.remove(gone)
            self.change("removes", f"{scope}{gone.key}", gone, inner=True)
        return new, False

    def check_roles(
        self, body: list[Definition], old: Definition, new: Definition, scope: str, line: int
    ) -> None:
        """A setter needs its property."""
        roles = [other.key for other in body if other.key.startswith(f"{new.key}.")]
        if roles and old.decorators and not new.decorators and scope:
            names = [f"{scope}{role}" for role in roles]
            message = f"{_and(names)} would stay without the property"
            self.wrong(line, f"{message}; write `del {', '.join(names)}` first, or keep the decorator")

    def resolve(self, body: list[Definition], element: Class, scope: str) -> Definition:
        """A class with the members that it has after the fragment."""
        name = f"{scope}{element.key}"
        old = _find(body, element.key)
        if old is None or old.kind != "class":
            return self.new_class(element, [d for d in body if d.kind == "class"], name)
        head = _kept_head(old, element)
        if element.partial:
            self.check_slips(old.members, element.elements, f"{name}.")
        members = self.merge(old.members, element.elements, f"{name}.")
        if not element.partial:
            members = self.whole(element, members, name)
        if len(members) == len(old.members) and {*old.members} == {*members} and members != old.members:
            self.change("replaces", name, old, replace(head, members=members))  # in another order
        return replace(head, members=members)

    def whole(self, element: Class, members: Body, name: str) -> Body:
        """The members of a class that was written again without ``...``: those of the block, in its order."""
        order = {key: index for index, e in enumerate(element.elements) for key in names_of(e)}
        dropped = [d for d in members if not d.names & order.keys() and d.kind not in ("docstring", "pass")]
        if dropped:
            names = [definition.key for definition in dropped]
            message = f"class {name} is written again without {_and(names)}"
            way_out = "write `...` in its body to keep what is not shown, or `del` what shall go"
            self.wrong(element.line, f"{message}; {way_out}", names)
            return members
        place = {d.key: min((order[name] for name in d.names & order.keys()), default=-1) for d in members}
        return tuple(sorted(members, key=lambda d: place[d.key]))

    def new_class(self, element: Class, known: Sequence[Definition], name: str) -> Definition:
        """A class that was not there before has nothing that could be left out or shown for its place."""
        if element.partial:
            self.unknown(f"class {name}", known, element.line, 'a new class is written without "..."')
            return replace(
                element.head, members=tuple(e for e in element.elements if isinstance(e, Definition))
            )
        before = len(self.changes)
        members = self.merge((), element.elements, f"{name}.")
        del self.changes[before:]  # they come with the class
        return replace(element.head, members=members)


def _kept_head(old: Definition, element: Class) -> Definition:
    """The newer head wins; of a class shown in part, comments stay unless there are new ones."""
    new = element.head
    silent = element.partial and not any("#" in line.text for line in new.head)
    same = (new.signature, new.decorators) == (old.signature, old.decorators)
    if silent and same:
        return old
    if silent:
        comments = takewhile(lambda line: line.text.lstrip().startswith("#"), old.head)
        return replace(new, head=(*comments, *new.head))
    return new


def _ordered(body: list[Definition], waiting: list[Definition], *, in_class: bool) -> Body:
    """The body with what has no neighbour: guarded imports after those at the top, the rest at the end."""
    for definition in waiting:
        if not in_class and _imports_only(definition):
            body.insert(next((i for i, d in enumerate(body) if not _imports_only(d)), len(body)), definition)
        else:
            body.append(definition)
    if any(d.kind not in ("pass", "docstring") for d in body):
        body = [d for d in body if d.kind != "pass"]
    return tuple(body)


def _imports_only(definition: Definition) -> bool:
    """Whether it is a compound statement that imports and defines no function or class."""
    if definition.kind != "compound":
        return False
    nodes = list(ast.walk(definition.statement))
    imports = any(isinstance(node, ast.Import | ast.ImportFrom) for node in nodes)
    return imports and not any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in nodes)


def _depends(key: str, name: str) -> bool:
    """Whether a key is a role, an overload, an attribute or a ``+=`` of a name, and goes with it."""
    return key.startswith((f"{name}.", f"{name}(", f"{name} ", f"{name}["))


def _position(body: Sequence[Definition], name: str) -> int | None:
    return next((index for index, d in enumerate(body) if d.key == name or name in d.names), None)


def _find(body: Sequence[Definition], name: str) -> Definition | None:
    position = _position(body, name)
    return None if position is None else body[position]


def _index(body: Sequence[Definition], key: str) -> int:
    position = _position(body, key)
    assert position is not None
    return position


def _first_place(body: Sequence[Definition]) -> int:
    return 1 if body and body[0].kind == "docstring" else 0


def _shape(definition: Definition) -> str:
    return " ".join([*(f"@{text}" for text in definition.decorators), definition.signature or definition.key])


def _and(names: Iterable[str]) -> str:
    *most, last = sorted(names)
    return f"{', '.join(most)} and {last}" if most else last


def _where(block: Block) -> str:
    return f"{block.path}:{block.line}"
