"""The OpenAPI document: a path for each export, its columns and filters by name."""

from copy import deepcopy
from typing import Any

from ninja import NinjaAPI, Router

from waybill import registry
from waybill.declare.exports import Export
from waybill.plan.options import FORMATS, SYNONYMS

__all__ = ["DocumentedAPI", "with_heads"]

PATTERN = "{resource}/export"
FILES = {
    "text/csv": "string",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "binary",
    "application/x-ndjson": "string",
    "application/gzip": "binary",
    "application/zip": "binary",
}
VALUE = {
    "anyOf": [
        {"type": ["string", "integer", "boolean", "number"]},
        {"type": "array", "items": {"type": ["string", "integer", "boolean", "number"]}},
    ]
}


class DocumentedAPI(NinjaAPI):
    """An API whose document says what each export of the host takes."""

    def get_openapi_schema(self, *args: Any, **kwargs: Any) -> Any:
        """Write the document, specialised for what is registered."""
        document = super().get_openapi_schema(*args, **kwargs)
        paths = document["paths"]
        for path in [path for path in paths if path.endswith(PATTERN)]:
            general = paths.pop(path)
            body = document["components"]["schemas"]["ExportBody"]
            for name in registry.names():
                paths[path.replace("{resource}", name)] = _special(general, body, name)
        for operations in paths.values():
            operations.pop("head", None)
            for operation in operations.values():
                _correct(operation)
        return document


def with_heads(router: Router) -> None:
    """Let whatever can be read be asked for its headers alone (RFC 9110 9.3.2).

    The document leaves that out: it would tell every operation twice, under one name.
    """
    for place in router.path_operations.values():
        for operation in place.operations:
            if "GET" in operation.methods:
                operation.methods.append("HEAD")


def _special(general: dict[str, Any], body: dict[str, Any], name: str) -> dict[str, Any]:
    export = registry.get(name)
    path = deepcopy(general)
    operation = path["post"]
    operation["operationId"] = f"export_{name}"
    operation["summary"] = f"Export {name}"
    operation["parameters"] = [one for one in operation["parameters"] if one["in"] != "path"]
    operation["requestBody"] = {
        "required": False,
        "content": {"application/json": {"schema": _body(export, body)}},
    }
    files = {kind: {"schema": _file(form)} for kind, form in FILES.items()}
    operation["responses"][200] = {
        "description": "The file at once, or what a dry run found",
        "content": {**files, "application/json": {"schema": {}}},
    }
    return path


def _body(export: Export, general: dict[str, Any]) -> dict[str, Any]:
    body = deepcopy(general)
    body.pop("title", None)
    keys = [column.name for column in export.columns]
    declared = export.filters.base_filters if export.filters is not None else {}
    fields = body["properties"]
    fields["format"] |= {"enum": [*FORMATS, *SYNONYMS]}
    fields["columns"]["anyOf"][0]["items"] = {"type": "string", "enum": keys}
    fields["sort"]["anyOf"] = [
        {"type": "string", "maxLength": 200},
        {"type": "array", "items": {"type": "string", "maxLength": 200}},
    ]
    fields["filters"] |= {
        "properties": {
            filter_name: VALUE | {"description": str(one.label or filter_name)}
            for filter_name, one in declared.items()
        },
        "additionalProperties": False,
    }
    fields["labels"] |= {"propertyNames": {"enum": keys}}
    return body


def _file(form: str) -> dict[str, str]:
    return {"type": "string"} | ({"format": "binary"} if form == "binary" else {})


def _correct(operation: dict[str, Any]) -> None:
    """Name the media types that are really sent: problems, and files."""
    for status, response in operation["responses"].items():
        content = response.get("content")
        if content and int(status) >= 400:
            response["content"] = {"application/problem+json": content["application/json"]}
        if content and operation["operationId"].endswith("fetch") and int(status) < 300:
            # A whole file of JSON is read as what it is; a part of one is only bytes.
            whole = {"type": "object"} if int(status) == 200 else _file("binary")
            response["content"] = {kind: {"schema": _file("binary")} for kind in FILES}
            response["content"]["application/json"] = {"schema": whole}
