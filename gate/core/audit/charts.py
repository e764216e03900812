"""Charts: bars as SVG drawn here, with the figures beside them; nothing is loaded and nothing runs."""

from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape

_ROW, _LABEL, _BAR, _FIGURE = 22, 150, 420, 60


def bars(title: str, figures: Mapping[str, int]) -> Iterator[str]:
    """Yield horizontal bars, one for each name, as an inline SVG with a title for screen readers."""
    most = max(figures.values(), default=0) or 1
    height = _ROW * max(len(figures), 1) + 4
    width = _LABEL + _BAR + _FIGURE
    yield f'<svg role="img" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
    yield f'font-family="system-ui,sans-serif" font-size="13"><title>{escape(title)}</title>\n'
    for place, (name, figure) in enumerate(figures.items()):
        top, length = place * _ROW + 2, figure * _BAR // most
        yield f'<text x="{_LABEL - 8}" y="{top + 14}" text-anchor="end">{escape(name)}</text>'
        yield f'<rect x="{_LABEL}" y="{top}" width="{length}" height="{_ROW - 6}" fill="#4a7fb5"/>'
        yield f'<text x="{_LABEL + length + 6}" y="{top + 14}">{figure}</text>\n'
    yield "</svg>\n"
