"""What the documentation says is so."""

import re
import shlex
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.core.management import get_commands, load_command_class

from tests.architecture.sources import ROOT, modules
from tests.docs.sources import Block, blocks, pages, slugs, table_names
from tests.plugins.desk_up import DeskUp
from waybill import registry

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
COMMAND = re.compile(r"`desk ([a-z_]+)([^`]*)`")
KINDS = {
    "",
    "console",
    "diff",
    "html",
    "http",
    "ini",
    "json",
    "python",
    "sh",
    "sql",
    "text",
    "toml",
}


@pytest.mark.parametrize("document", pages(), ids=str)
def test_every_link_leads_somewhere(document: Path) -> None:
    broken = []
    for target in LINK.findall((ROOT / document).read_text()):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = unquote(target).partition("#")
        file = (ROOT / document.parent / path).resolve() if path else ROOT / document
        inside = file.is_relative_to(ROOT) and file.exists()
        if not inside or (anchor and anchor not in slugs(file.relative_to(ROOT))):
            broken.append(target)

    assert broken == []


@pytest.mark.parametrize("document", [p for p in pages() if p.parts[0] == "docs"], ids=str)
def test_every_page_can_be_reached_from_the_index(document: Path) -> None:
    seen: set[Path] = set()
    waiting = [Path("docs/index.md")]
    while waiting:
        here = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        for target in LINK.findall((ROOT / here).read_text()):
            file = (ROOT / here.parent / target.partition("#")[0]).resolve()
            if file.suffix == ".md" and file.is_relative_to(ROOT) and file.exists():
                waiting.append(file.relative_to(ROOT))

    assert document in seen


def test_every_block_says_what_it_is() -> None:
    allowed = [block for block in blocks(*KINDS) if block.kind]

    assert [str(b) for b in blocks("", "bash", "py", "shell") if b.kind != ""] == []
    assert allowed


@pytest.mark.timeout(400)
@pytest.mark.parametrize("document", sorted({b.page for b in blocks("console")}), ids=str)
def test_what_the_consoles_of_a_page_show_happens(
    document: Path, running_desk: DeskUp, tmp_path: Path
) -> None:
    """Each `$ desk ...` runs in order; lines below it must come out (`...` is any text)."""
    for block in blocks("console"):
        if block.page == document:
            for entry in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
                line, _, shown = entry.partition("\n")
                _run(shlex.split(line, comments=True), shown, running_desk, tmp_path)


def _run(command: list[str], shown: str, desk: DeskUp, folder: Path) -> None:
    if command[0] == "make":
        assert re.search(rf"^{command[1]}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
        return
    done = desk.command(command, cwd=folder)
    assert done.returncode == 0, done.stderr
    _assert_shown(shown, done.stdout + done.stderr)


def _assert_shown(shown: str, printed: str) -> None:
    pattern = re.escape(shown.strip()).replace(re.escape("..."), ".*")
    assert re.search(pattern, printed, re.DOTALL), printed


@pytest.mark.parametrize("block", blocks("sh"), ids=str)
def test_what_a_shell_is_given_it_can_read(block: Block) -> None:
    subprocess.run(["bash", "-n"], input=block.text, text=True, check=True)


@pytest.mark.parametrize("block", blocks("sh", "text"), ids=str)
def test_the_commands_that_a_shell_is_given_are_there(block: Block) -> None:
    called = re.findall(r"^(?:desk|python manage\.py) ([a-z_]+)", block.text, re.MULTILINE)

    assert set(called) - set(get_commands()) == set()


# In a project of its own: tests/acceptance/test_second_host.py.
ELSEWHERE = {Path("docs/tutorial/in-your-project.md")}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "document", sorted({b.page for b in blocks("python")} - ELSEWHERE), ids=str
)
def test_the_python_of_a_page_runs_from_top_to_bottom(
    document: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "EXPORTS", {**registry.EXPORTS})
    names: dict[str, object] = {"__name__": "docs"}
    for block in blocks("python"):
        if block.page == document:
            exec(compile(block.text, str(block), "exec"), names)


def test_every_command_that_is_named_exists_with_the_options_that_are_named() -> None:
    known = get_commands()
    wrong = []
    for document in pages():
        for name, rest in COMMAND.findall((ROOT / document).read_text()):
            if name == "help":
                continue
            if name not in known:
                wrong.append(f"{document}: desk {name}")
                continue
            app = known[name]
            command = app if not isinstance(app, str) else load_command_class(app, name)
            options = {
                o
                for action in command.create_parser("desk", name)._actions
                for o in action.option_strings
            }
            wrong += [
                f"{document}: desk {name} {option}"
                for option in re.findall(r"--[a-z-]+", rest)
                if option not in options
            ]

    assert wrong == []


def test_every_command_of_ours_stands_in_the_reference() -> None:
    ours = {file.stem for file in modules("src") if file.parts[-3:-1] == ("management", "commands")}
    page = (ROOT / "docs/reference/commands.md").read_text()

    assert {name for name in ours - {"__init__"} if not re.search(rf"\b{name}\b", page)} == set()


def test_every_variable_that_is_read_is_documented_and_the_other_way_round() -> None:
    read = set()
    call = re.compile(r"""(?:environ\.get|env\.\w+|flag|number|words|key)\(\s*"([A-Z][A-Z_]+)\"""")
    for file in modules("src/desk"):
        read |= set(call.findall((ROOT / file).read_text()))

    systems = {"DJANGO_SETTINGS_MODULE", "LC_ALL"}  # not Desk's own
    assert read - systems == {
        name for name in table_names("docs/reference/environment.md") if name != "variable"
    }


@pytest.mark.parametrize("name", ["run", "dev", "mysql", "uv"])
def test_every_dependency_has_its_reason(name: str) -> None:
    lines = (ROOT / f"requirements/{name}.in").read_text().splitlines()
    required = {re.split(r"[\[<>=~ ]", line)[0] for line in lines if re.match(r"[a-z]", line)}

    assert required - table_names("docs/decisions/dependencies.md") == set()


def test_no_reason_is_given_for_what_is_not_required() -> None:
    texts = [(ROOT / f"requirements/{n}.in").read_text() for n in ("run", "dev", "mysql", "uv")]
    reasons = table_names("docs/decisions/dependencies.md") - {"name"}

    lines = [line for text in texts for line in text.splitlines()]

    assert [r for r in reasons if not any(re.match(rf"{r}\b", line) for line in lines)] == []


def test_every_system_check_has_its_line() -> None:
    ids = re.compile(r"\"((?:waybill|desk)\.[EW]\d{3})\"")
    given = {one for file in modules("src") for one in ids.findall((ROOT / file).read_text())}

    assert given == table_names("docs/reference/checks.md") - {"id"}
