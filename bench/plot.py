#!/usr/bin/env python3
"""How time grows: seconds per GB and per segment, as an SVG. Usage: bench/plot.py FIGURES.csv... >docs/performance-growth.svg"""

import re
import statistics
import sys

import figures

WIDTH, HEIGHT, MARGIN = 420, 260, 50
COLOURS = {"backup": "#1b6ca8", "restore": "#c0392b", "push": "#1b6ca8", "replay": "#c0392b"}


def points(paths, figure, divisor):
    """(size, seconds per unit): of 2 GB by GB only the series that stands for it, by segment only those of 2 GB."""
    found = {}
    for path in paths:
        for label, tools in figures.read(path).items():
            size, segments = (float(number) for number in re.match(r"([\d.]+) GB, (\d+) segments", label).groups())
            values = tools["lifeboat"].get(figure)
            if not values or (size == 2 and segments != 200 if divisor == "GB" else size != 2):
                continue
            # More were made than were asked for.
            unit = size if divisor == "GB" else tools["lifeboat"]["push-files"][0]
            found[unit] = statistics.median(values) / unit
    return sorted(found.items())


def chart(left, title, unit, series):
    top_x = max((x for _, line in series for x, _ in line), default=1)
    top_y = max((y for _, line in series for _, y in line), default=1) * 1.2

    def place(x, y):
        return left + MARGIN + x / top_x * (WIDTH - 2 * MARGIN), HEIGHT - MARGIN - y / top_y * (HEIGHT - 2 * MARGIN)

    x0, y0 = place(0, 0)
    x1, y1 = place(top_x, top_y)
    yield f'<text x="{left + WIDTH / 2}" y="24" text-anchor="middle" font-weight="bold">{title}</text>'
    yield f'<path d="M{x0} {y1}V{y0}H{x1}" fill="none" stroke="#333"/>'
    yield f'<text x="{x1}" y="{y0 + 32}" text-anchor="end">{unit}</text>'
    yield f'<text x="{x0 - 6}" y="{y1 + 4}" text-anchor="end">{top_y:.2g} s</text>'
    for number, (name, line) in enumerate(series):
        colour = COLOURS[name]
        spots = [place(x, y) for x, y in line]
        yield f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in spots)}" fill="none" stroke="{colour}" stroke-width="2"/>'
        for (x, y), (size, value) in zip(spots, line):
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>'
            yield f'<text x="{x:.1f}" y="{y - 8:.1f}" text-anchor="middle">{value:.3g}</text>'
            yield f'<text x="{x:.1f}" y="{y0 + 16}" text-anchor="middle">{size:g}</text>'
        yield f'<text x="{x1}" y="{y1 - 8 + 16 * number}" text-anchor="end" fill="{colour}">{name}</text>'


def main():
    paths = sys.argv[1:]
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{2 * WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="12">')
    print(f'<rect width="{2 * WIDTH}" height="{HEIGHT}" fill="white"/>')
    by_size = [(name, points(paths, name, "GB")) for name in ("backup", "restore")]
    by_segment = [(name, points(paths, name, "segment")) for name in ("push", "replay")]
    for line in [*chart(0, "seconds per GB", "GB", by_size), *chart(WIDTH, "seconds per segment", "segments", by_segment)]:
        print(line)
    print("</svg>")


if __name__ == "__main__":
    main()
