"""The references of the API, of Python and of threats name what there is, no less and no more."""

import ast
import re
from dataclasses import fields

import pytest

import waybill
from tests.architecture.sources import ROOT, modules, parsed
from tests.docs.sources import Block, blocks, table_names
from waybill import conf, exports
from waybill.api.app import api
from waybill.api.schemas import ExportBody, OptionsBody


def names_of(page: str) -> set[str]:
    """Give every name in backticks in the first cells of a page's tables."""
    rows = re.findall(r"^\| (`[^|]*?) \|", (ROOT / page).read_text(), re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


@pytest.mark.django_db
def test_every_operation_of_the_api_stands_in_the_reference_and_no_other() -> None:
    document = api.get_openapi_schema()
    served = {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, operations in document["paths"].items()
        for method in operations
    }
    starts = {one for one in served if one.endswith("/export")}
    told = {name for name in names_of("docs/reference/api.md") if re.match("[A-Z]+ /", name)}

    assert "POST /tickets/export" in starts
    assert told == (served - starts) | {"POST /{resource}/export"}


def test_every_field_of_the_body_stands_in_the_reference() -> None:
    wanted = {field.alias or name for name, field in ExportBody.model_fields.items()}
    wanted |= set(OptionsBody.model_fields)

    assert wanted - names_of("docs/reference/api.md") == set()


def test_every_public_name_of_python_stands_in_the_reference_and_no_other() -> None:
    text = (ROOT / "docs/reference/python.md").read_text()
    functions = set(re.findall(r"^\| `exports\.(\w+)\(", text, re.MULTILINE))
    declared = {name for name in vars(waybill.Export) if not name.startswith("_")}
    methods = {name for name in declared if callable(getattr(waybill.Export, name))}
    told = names_of("docs/reference/python.md")
    public = {name for name in waybill.__all__ if not name.startswith("_")}

    assert functions == set(exports.__all__)
    assert f"`from waybill import {', '.join(sorted(public))}`" in text
    assert declared - methods - told - {"column", "visible", "withheld"} == set()
    assert {f.name for f in fields(waybill.Column) if f.name != "_"} - told == set()


def test_every_test_that_a_threat_names_is_there() -> None:
    there = {
        node.name
        for file in modules("tests")
        for node in ast.walk(parsed(file))
        if isinstance(node, ast.FunctionDef)
    }
    page = (ROOT / "docs/explanation/security.md").read_text()
    threats = re.findall(r"^\| ([^|]+) \| [^|]+ \| ([^|]+) \|$", page, re.MULTILINE)[1:]

    assert threats
    assert [
        threat for threat, tests in threats if "`test_" not in tests and "---" not in tests
    ] == []
    assert set(re.findall(r"`(test_\w+)`", page)) - there == set()


def shown(block: Block) -> list[dict[str, object]]:
    """Give the keys of each WAYBILL that a block sets, without running it."""
    return [
        {key.value: None for key in node.value.keys if isinstance(key, ast.Constant)}
        for node in ast.walk(ast.parse(block.text))
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Dict)
        and getattr(node.targets[0], "id", "") == "WAYBILL"
    ]


def test_the_settings_that_pages_show_are_settings_of_the_engine() -> None:
    known = {field.name for field in fields(conf.Settings)}
    given = [(str(block), key) for block in blocks("python") for one in shown(block) for key in one]

    assert given
    assert [one for one in given if one[1] not in known] == []


VARIABLE = re.compile(r"^export ([A-Z_]+)=", re.MULTILINE)


def test_the_variables_that_pages_show_are_variables_of_desk() -> None:
    known = table_names("docs/reference/environment.md")
    known |= set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "deploy/compose.yaml").read_text()))
    given = [(str(one), name) for one in blocks("sh") for name in VARIABLE.findall(one.text)]

    assert given
    assert [one for one in given if one[1] not in known] == []
