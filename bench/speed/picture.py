"""The charts of the growth of times, sizes and indexing speed, labelled in Arabic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench.speed.growth import Point

FONT = "DejaVu Sans"
"""Part of matplotlib, with Arabic letters; matplotlib joins and orders them itself from version 3.11 on."""


class _Line(NamedTuple):
    label: str
    colour: str
    marker: str


_LINES = {
    "judhur": _Line("جذور، حقل واحد", "#0b6e4f", "o"),
    "judhur-full": _Line("جذور، البحث الكامل", "#0b6e4f", "D"),
    "tantivy": _Line("تانتيفي (tantivy)", "#c1440e", "s"),
    "lucene": _Line("لوسين (Lucene)", "#2b5c9e", "^"),
}


class _Panel(NamedTuple):
    title: str
    axis: str
    value: Callable[[Point], float]


_PANELS = (
    _Panel("زمن الجواب عند السؤال أوّل مرّة: الوسيط", "ملّي ثانية", lambda point: point.first.p50),
    _Panel("زمن الجواب عند السؤال أوّل مرّة: ٩٥٪ من الأسئلة", "ملّي ثانية", lambda point: point.first.p95),
    _Panel("سرعة الفهرسة", "مقالة في الثانية", lambda point: point.docs_per_second),
    _Panel("حجم الفهرس على القرص", "ميغابايت", lambda point: point.megabytes),
)


def draw(points: Sequence[Point], path: Path) -> None:
    """Draw the points and write them to a PNG file.

    Raises:
        ImportError: matplotlib is not installed, or older than 3.11.
    """
    import matplotlib as mpl  # imported here, since the rest of the bench runs without it
    from matplotlib.figure import Figure

    if tuple(map(int, mpl.__version__.split(".")[:2])) < (3, 11):
        raise ImportError(f"matplotlib {mpl.__version__} does not join Arabic letters; use version 3.11 or newer")
    with mpl.rc_context({"font.family": FONT, "font.size": 11}):
        figure = Figure(figsize=(12, 9), dpi=120, layout="constrained")
        figure.suptitle("نموّ الفهرس مع عدد المقالات", fontsize=16)
        for axes, panel in zip(figure.subplots(2, 2).flat, _PANELS, strict=True):
            _draw_panel(axes, panel, points)
        handles, labels = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)
        figure.savefig(path)


def _draw_panel(axes: Any, panel: _Panel, points: Sequence[Point]) -> None:  # noqa: ANN401 - matplotlib is optional
    from matplotlib.ticker import LogLocator

    for name, line in _LINES.items():
        of_engine = [point for point in points if point.engine == name]
        if of_engine:
            axes.plot(
                [point.articles for point in of_engine],
                [panel.value(point) for point in of_engine],
                label=line.label,
                color=line.colour,
                marker=line.marker,
                linestyle="--" if name == "judhur-full" else "-",
            )
    sizes = sorted({point.articles for point in points})
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks(sizes, [_digits(size) for size in sizes])
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.minorticks_off()
    axes.yaxis.set_major_formatter(lambda value, _: _digits(value))
    axes.grid(visible=True, alpha=0.3)
    axes.set_title(panel.title)
    axes.set_xlabel("عدد المقالات")
    axes.set_ylabel(panel.axis)


def _digits(value: float) -> str:
    """Return a number in the digits and separators of the Mashriq."""
    return f"{value:,.10g}".translate(str.maketrans("0123456789,.", "٠١٢٣٤٥٦٧٨٩٬٫"))
