"""Looking into workbooks without trusting the library that reads them."""

import io
import re
import zipfile
from dataclasses import dataclass

from lxml import etree

__all__ = ["Cell", "cells", "decoded", "parts", "schema_faults"]

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@dataclass(frozen=True)
class Cell:
    """A cell as it stands in the part of its sheet."""

    style: str | None
    type: str | None
    text: str
    formula: str | None


def parts(data):
    """Give the parts of a workbook by their names; every checksum is looked at."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        assert packed.testzip() is None
        return {name: packed.read(name) for name in packed.namelist()}


def cells(data, sheet):
    """Give the cells of a sheet (from 0) below its header, row by row."""
    found = []
    tree = etree.fromstring(parts(data)[f"xl/worksheets/sheet{sheet + 1}.xml"])
    for row in tree.iter(f"{MAIN}row"):
        if row.get("r") == "1":
            continue
        for cell in row.iter(f"{MAIN}c"):
            text = "".join(one.text or "" for one in cell.iter(f"{MAIN}t", f"{MAIN}v"))
            formula = cell.findtext(f"{MAIN}f")
            found.append(Cell(cell.get("s"), cell.get("t"), text, formula))
    return found


def decoded(text):
    """Read Excel's escapes (ECMA-376 part 1, 22.9.2.19) as Excel does."""
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)


PACKAGE = {
    "[Content_Types].xml": "opc/opc-contentTypes.xsd",
    "_rels/.rels": "opc/opc-relationships.xsd",
    "xl/_rels/workbook.xml.rels": "opc/opc-relationships.xsd",
}


def schema_faults(book, schemas):
    """Give what the schemas of ISO/IEC 29500 in a folder say against the parts of a workbook."""
    faults = []
    sheets = etree.XMLSchema(etree.parse(schemas / "transitional" / "sml.xsd"))
    with zipfile.ZipFile(book) as packed:
        for name in packed.namelist():
            # XML itself gives every element this attribute; Excel writes it, the schemas leave it
            # out.
            part = packed.read(name).replace(b' xml:space="preserve"', b"")
            tree = etree.fromstring(part, etree.XMLParser(huge_tree=True))
            known = tree.tag.startswith("{http://schemas.openxmlformats.org/spreadsheetml")
            own = etree.XMLSchema(etree.parse(schemas / PACKAGE[name])) if name in PACKAGE else None
            schema = own or (sheets if known else None)
            if schema is not None and not schema.validate(tree):
                faults += [f"{name}: {fault.message}" for fault in schema.error_log]
    return faults
