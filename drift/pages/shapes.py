"""The overlays of a report file as SVG shapes, which need no scripts."""

from dataclasses import dataclass, field

from drift.pages.overlays import Overlay, number

WIDTH, PLOT_HEIGHT, LINE_HEIGHT = 600, 110, 30
NAMES_WIDTH, FIGURES_WIDTH = 220, 60


@dataclass(frozen=True)
class Rectangle:
    side: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Label:
    text: str
    x: float
    y: float
    anchor: str = "start"


@dataclass(frozen=True)
class Drawing:
    label: str
    height: int
    bars: list[Rectangle] = field(default_factory=list)
    steps: str = ""
    labels: list[Label] = field(default_factory=list)


def of_overlay(overlay: Overlay) -> Drawing:
    return _of_numbers(overlay) if overlay.edges else _of_categories(overlay)


def _of_numbers(overlay):
    """The reference as bars, the current window as a stepped line."""
    top = max(*overlay.reference, *overlay.current) or 1.0
    width = WIDTH / len(overlay.reference)
    heights = [PLOT_HEIGHT * share / top for share in overlay.reference]
    bars = [
        Rectangle(
            "before", round(width * index, 1), round(PLOT_HEIGHT - height, 1), round(width - 1, 1), round(height, 1)
        )
        for index, height in enumerate(heights)
    ]
    levels = [round(PLOT_HEIGHT * (1 - share / top), 1) for share in overlay.current]
    steps = "".join(f"V{level}H{width * (index + 1):.1f}" for index, level in enumerate(levels))
    base = PLOT_HEIGHT + 16
    labels = [
        Label(number(overlay.edges[0]), 0, base),
        Label(overlay.axis, WIDTH / 2, base, "middle"),
        Label(number(overlay.edges[-1]), WIDTH, base, "end"),
        Label(f"{top:.1f} %", WIDTH, 12, "end"),
    ]
    return Drawing(overlay.label, PLOT_HEIGHT + 22, bars, f"M0 {PLOT_HEIGHT}{steps}V{PLOT_HEIGHT}", labels)


def _of_categories(overlay):
    """One row per category, with a bar for each window."""
    available = WIDTH - NAMES_WIDTH - FIGURES_WIDTH
    top = max(*overlay.reference, *overlay.current) or 1.0
    bars, labels = [], []
    for index, name in enumerate(overlay.names):
        y = LINE_HEIGHT * index
        labels.append(Label(name, 0, y + 17))
        for offset, side, share in ((2, "before", overlay.reference[index]), (15, "after", overlay.current[index])):
            length = round(available * share / top, 1)
            bars.append(Rectangle(side, NAMES_WIDTH, y + offset, length, 11))
            labels.append(Label(f"{share:.1f} %", NAMES_WIDTH + length + 6, y + offset + 10))
    return Drawing(overlay.label, LINE_HEIGHT * len(overlay.names), bars, "", labels)
