"""Raw figures as CSV, their medians and ratios as a table."""

import collections
import csv
import pathlib
import statistics

HEADER = ["label", "round", "tool", "figure", "value"]
GOALS = [
    ("base backup", "backup", 0.8),
    ("WAL push", "push", 0.7),
    ("base restore", "restore", 1.0),
    ("whole PITR", "pitr", 0.6),
]


def append(path, rows):
    path = pathlib.Path(path)
    new = not path.exists()
    with open(path, "a", newline="") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(HEADER)
        for label, number, tool, figure, value in rows:
            writer.writerow([label, number, tool, figure, f"{value:.3f}"])


def read(path):
    """label -> tool -> figure -> values"""
    found = collections.defaultdict(lambda: collections.defaultdict(lambda: collections.defaultdict(list)))
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            found[row["label"]][row["tool"]][row["figure"]].append(float(row["value"]))
    return found


def table(path):
    lines = []
    for label, tools in read(path).items():
        lines += [f"### {label}", "", "| | pgBackRest | Lifeboat | ratio of medians | ratio to pgBackRest's best | goal | |", "|---|---|---|---|---|---|---|"]
        theirs, ours = tools.get("pgbackrest", {}), tools.get("lifeboat", {})
        for title, figure, goal in GOALS:
            if figure not in ours:
                continue
            if figure not in theirs:
                lines.append(f"| {title} | | {spread(ours[figure])} | | | {goal} | |")
                continue
            ratio = statistics.median(ours[figure]) / statistics.median(theirs[figure])
            best = statistics.median(ours[figure]) / min(theirs[figure])
            reached = "reached" if best <= goal else f"missed by {best - goal:.2f}"
            lines.append(
                f"| {title} | {spread(theirs[figure])} | {spread(ours[figure])} | {ratio:.2f} | {best:.2f} | {goal} | {reached} |")
        lines += ["", "Others: " + "; ".join(
            f"{tool} {figure} {spread(values)}" for tool in tools for figure, values in tools[tool].items()
            if figure not in [goal[1] for goal in GOALS] and not figure.startswith("step:")), ""]
        lines += ["Steps of Lifeboat: " + "; ".join(
            f"{figure[5:]} {spread(values)}" for figure, values in ours.items() if figure.startswith("step:")), ""]
    return "\n".join(lines)


def spread(values):
    """Median, and what was measured."""
    return f"{statistics.median(values):.2f} ({', '.join(f'{value:.2f}' for value in values)})"
