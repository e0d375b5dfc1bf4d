"""Charts of what a row costs, one for each format, as plain SVG."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

__all__ = ["draw"]

FORMATS = {
    "csv": (
        "plain COPY",
        "Waybill, CSV",
        "values_list and csv.writer",
        "django-import-export, CSV",
    ),
    "excel": (
        "plain COPY",
        "Waybill, Excel",
        "XlsxWriter, constant memory",
        "openpyxl, write-only",
        "django-import-export, Excel",
    ),
    "json": ("plain COPY", "Waybill, JSON"),
    "ndjson": ("plain COPY", "Waybill, NDJSON"),
}
WIDTH, LABEL, BAR, GAP = 720, 230, 22, 12  # pixels
ROOM = WIDTH - LABEL - 110
OURS, OTHERS = "#3b6fd4", "#98a2b3"


def draw(found: Mapping[str, Mapping[str, float]], folder: Path) -> None:
    """Write one picture for each format into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, ways in FORMATS.items():
        costs = [(way, found[way]["seconds"] / found[way]["rows"] * 1e6) for way in ways]
        (folder / f"{name}.svg").write_text(_chart(name, costs), encoding="utf-8")


def _chart(name: str, costs: Sequence[tuple[str, float]]) -> str:
    most = max(cost for _way, cost in costs)
    height = len(costs) * (BAR + GAP) + 40
    title = f"{name}: microseconds a row of 14 columns, less is better"
    bars = "\n".join(_bar(place, way, cost, most) for place, (way, cost) in enumerate(costs))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
        f' aria-label="{escape(title)}" font-family="system-ui, sans-serif" font-size="13">\n'
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>\n'
        f'<text x="12" y="22" font-weight="600" fill="#1d2939">{escape(title)}</text>\n'
        f"{bars}\n</svg>\n"
    )


def _bar(place: int, way: str, cost: float, most: float) -> str:
    top = 36 + place * (BAR + GAP)
    width = max(2.0, ROOM * cost / most)
    colour = OURS if way.startswith("Waybill") else OTHERS
    middle = top + BAR * 0.7
    return (
        f'<text x="{LABEL - 8}" y="{middle:.0f}" text-anchor="end" fill="#344054">'
        f"{escape(way)}</text>"
        f'<rect x="{LABEL}" y="{top}" width="{width:.1f}" height="{BAR}" rx="3" fill="{colour}"/>'
        f'<text x="{LABEL + width + 8:.1f}" y="{middle:.0f}" fill="#344054">{cost:,.1f}</text>'
    )
