"""`__all__` is true, and public things say what they are."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.sources import modules, parsed

MODULES = [file for file in modules("src") if parsed(file).body]
DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@cache
def _listed(file: Path) -> list[str] | None:
    for node in parsed(file).body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            return list(ast.literal_eval(node.value))
    return None


def _bound(body: list[ast.stmt]) -> set[str]:
    names: set[str] = set()
    for node in body:
        if isinstance(node, DEFINITIONS):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.If | ast.Try):
            names |= _bound([*node.body, *node.orelse])
        else:
            names |= {
                name.id
                for name in ast.walk(node)
                if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
            }
    return names


@pytest.mark.parametrize("file", MODULES, ids=str)
def test_what_a_module_lists_it_has(file: Path) -> None:
    tree = parsed(file)
    public = {n.name for n in tree.body if isinstance(n, DEFINITIONS) and n.name[0] != "_"}
    listed = _listed(file)

    assert public == set() or listed is not None, "no __all__"
    assert set(listed or []) - _bound(tree.body) == set(), "listed, but not there"
    assert len(listed or []) == len(set(listed or [])), "listed twice"


@cache
def _taken(file: Path) -> frozenset[tuple[str, str]]:
    """Give what a file imports by name from modules of ours, as (module, name).

    Each module is asked about all of them: read again each time they took 100 s.
    """
    return frozenset(
        (node.module, alias.name)
        for node in ast.walk(parsed(file))
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0
        for alias in node.names
    )


@pytest.mark.parametrize("file", MODULES, ids=str)
def test_what_one_module_takes_from_another_stands_in_its_list(file: Path) -> None:
    module = ".".join(file.relative_to("src").with_suffix("").parts).removesuffix(".__init__")
    taken = {name for user in MODULES for source, name in _taken(user) if source == module}
    modules_below = {other.stem for other in MODULES if other.parent == file.parent} | {
        other.parent.name for other in MODULES if other.parent.parent == file.parent
    }
    submodules = modules_below if file.name == "__init__.py" else set()

    assert taken - submodules - set(_listed(file) or []) == set()


@pytest.mark.parametrize("file", MODULES, ids=str)
def test_every_module_and_every_public_thing_in_it_has_a_docstring(file: Path) -> None:
    tree = parsed(file)
    public = [n for n in tree.body if isinstance(n, DEFINITIONS) and n.name[0] != "_"]

    assert ast.get_docstring(tree), "the module has none"
    assert [node.name for node in public if not ast.get_docstring(node)] == []
