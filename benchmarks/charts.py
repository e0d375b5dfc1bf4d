"""Charts of what exports cost, by format and by size, as plain SVG."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

__all__ = ["curve", "draw"]

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
        title = f"{name}: microseconds a row of 14 columns, less is better"
        (folder / f"{name}.svg").write_text(_chart(title, costs), encoding="utf-8")


def curve(name: str, points: Mapping[int, float], folder: Path) -> None:
    """Write a picture of seconds by size into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    costs = [(f"{size:,} {name}", seconds) for size, seconds in points.items()]
    place = folder / f"scale-{name.replace(' ', '-')}.svg"
    place.write_text(_chart(f"seconds, by {name}", costs, ours=True), encoding="utf-8")


def _chart(title: str, costs: Sequence[tuple[str, float]], *, ours: bool = False) -> str:
    most = max(cost for _way, cost in costs)
    height = len(costs) * (BAR + GAP) + 40
    bars = "\n".join(
        _bar(place, way, cost, most, OURS if ours or way.startswith("Waybill") else OTHERS)
        for place, (way, cost) in enumerate(costs)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
        f' aria-label="{escape(title)}" font-family="system-ui, sans-serif" font-size="13">\n'
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>\n'
        f'<text x="12" y="22" font-weight="600" fill="#1d2939">{escape(title)}</text>\n'
        f"{bars}\n</svg>\n"
    )


def _bar(place: int, way: str, cost: float, most: float, colour: str) -> str:
    top = 36 + place * (BAR + GAP)
    width = max(2.0, ROOM * cost / most)
    middle = top + BAR * 0.7
    shown = f"{cost:,.1f}" if cost >= 10 else f"{cost:,.2f}"
    return (
        f'<text x="{LABEL - 8}" y="{middle:.0f}" text-anchor="end" fill="#344054">'
        f"{escape(way)}</text>"
        f'<rect x="{LABEL}" y="{top}" width="{width:.1f}" height="{BAR}" rx="3" fill="{colour}"/>'
        f'<text x="{LABEL + width + 8:.1f}" y="{middle:.0f}" fill="#344054">{shown}</text>'
    )
