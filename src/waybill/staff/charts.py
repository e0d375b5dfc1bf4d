"""Bars by day, drawn on the server as SVG that the page's own style colours."""

import re
from collections.abc import Mapping, Sequence

from django.utils.safestring import SafeString, mark_safe

from waybill.templatetags.waybill import number

__all__ = ["bars"]

# Pygal writes style and script of its own into each chart: a strict policy forbids both.
OWN = re.compile(
    r'<title>Pygal</title>|<defs>.*?</defs>|<!--.*?-->|\s(?:id|style)="[^"]*"', re.DOTALL
)
WIDTH, HEIGHT = 640, 240


def bars(labels: Sequence[str], series: Mapping[str, Sequence[int]]) -> SafeString:
    """Draw stacked bars: one a label, a colour for each series. Empty where pygal is missing."""
    try:
        import pygal
    except ImportError:
        return SafeString()
    chart = pygal.StackedBar(
        css=[],
        js=[],
        disable_xml_declaration=True,
        no_prefix=True,
        width=WIDTH,
        height=HEIGHT,
        legend_at_bottom=True,
        legend_at_bottom_columns=max(1, len(series)),
        truncate_label=-1,
        x_labels_major_count=7,
        show_minor_x_labels=False,
    )
    chart.x_labels = list(labels)
    chart.y_labels = _scale(max(map(sum, zip(*series.values(), strict=True)), default=0))
    for name, values in series.items():
        chart.add(name, list(values))
    chart.value_formatter = number
    return mark_safe(OWN.sub("", chart.render()))  # noqa: S308 - pygal escapes every text in it


def _scale(top: int) -> list[int]:
    """Give whole numbers for the axis, about four of them: 0, 2, 4, 6."""
    size = 10 ** max(0, len(str(top // 4)) - 1)
    step = next(size * by for by in (1, 2, 5, 10) if size * by * 4 >= top)
    return list(range(0, top + step, step))
