"""Contrast of text and background in both colour schemes (WCAG 2.2, 1.4.3: 4.5 to 1)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).parents[3] / "web" / "page" / "static" / "page.css").read_text(encoding="utf-8")
PAIRS = [
    ("ink", "paper"), ("ink", "raised"), ("ink", "exact"), ("ink", "akin"), ("ink", "warn-soft"), ("ink", "share"),
    ("ink", "accent-soft"), ("quiet", "paper"), ("quiet", "raised"), ("quiet", "share"), ("quiet", "accent-soft"),
    ("link", "paper"), ("link", "raised"),
    ("accent-ink", "accent"), ("not", "paper"), ("not", "share"),
]  # fmt: skip


def scheme(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


LIGHT = scheme(CSS[CSS.index(":root {") : CSS.index("@media")])
DARK = scheme(CSS[CSS.index("prefers-color-scheme: dark") : CSS.index("*, *::before")])


def luminance(colour: str) -> float:
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(("text", "background"), PAIRS)
@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_has_enough_contrast_to_its_background(colours: dict[str, str], text: str, background: str) -> None:
    light, dark = sorted((luminance(colours[text]), luminance(colours[background])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_the_style_sheet_has_no_physical_directions() -> None:
    physical = re.findall(r"[{;]\s*((?:margin|padding|border|inset)?-?(?:left|right)[\w-]*|width|height)\s*:", CSS)
    assert physical == []
    assert not re.search(r":\s*(?:left|right)\b", CSS)
