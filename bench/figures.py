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


# What is compared: title, figure and tool of ours, figure and tool of theirs, goal; without one it is shown beside.
DUMP_GOALS = [
    ("dump, to the platform's script", "dump", "lifeboat", "dump", "script", 0.28),
    ("dump, to the floor of one connection", "dump", "lifeboat", "dump", "floor", 1.25),
    ("dump, to pg_dump -Fc -Z1 into a file", "dump", "lifeboat", "dump", "fc-z1", None),
    ("dump, to pg_dump -Fd -j2, sent as a tar", "dump", "lifeboat", "dump", "fd-j2", None),
    ("encrypted dump, to a plain one", "dump", "lifeboat-encrypted", "dump", "lifeboat", 1.15),
    ("restore beside, to a local pg_restore -j2", "restore", "lifeboat", "restore", "pg-restore", 1.0),
    ("encrypted restore beside, to the same", "restore", "lifeboat-encrypted", "restore", "pg-restore", 1.0),
    ("encrypted restore, to a plain one", "restore", "lifeboat-encrypted", "restore", "lifeboat", 1.15),
    ("restore into the throw-away server, to the same", "verify", "lifeboat", "restore", "pg-restore", 0.75),
    ("encrypted, into the throw-away server", "verify", "lifeboat-encrypted", "restore", "pg-restore", 0.75),
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


def dump_table(path):
    lines = []
    for label, tools in read(path).items():
        lines += [f"### {label}", "", "| | theirs | ours | ratio of medians | ratio to their best | goal | |", "|---|---|---|---|---|---|---|"]
        for title, figure, tool, other, peer, goal in DUMP_GOALS:
            ours, theirs = tools.get(tool, {}).get(figure), tools.get(peer, {}).get(other)
            if not ours or not theirs:
                lines.append(
                    f"| {title} | {spread(theirs) if theirs else 'not measured'} | {spread(ours) if ours else 'not measured'} | | |"
                    f" {goal or ''} | {'not measured' if goal else ''} |")
                continue
            ratio, best = statistics.median(ours) / statistics.median(theirs), statistics.median(ours) / min(theirs)
            reached = "" if goal is None else "reached" if best <= goal else f"missed by {best - goal:.2f}"
            lines.append(
                f"| {title} | {spread(theirs)} | {spread(ours)} | {ratio:.2f} | {best:.2f} | {goal or ''} | {reached} |")
        shown = {("dump", name) for name in tools} | {("restore", name) for name in tools} | {("verify", name) for name in tools}
        lines += ["", "Others: " + "; ".join(
            f"{tool} {figure} {spread(values)}" for tool in tools for figure, values in tools[tool].items()
            if (figure, tool) not in shown and not figure.startswith("step:")), ""]
        for tool in tools:
            steps = [f"{figure[5:]} {spread(values)}" for figure, values in tools[tool].items() if figure.startswith("step:")]
            lines += [f"Steps of {tool}: " + "; ".join(steps), ""] if steps else []
    return "\n".join(lines)


def spread(values):
    """Median, and what was measured."""
    return f"{statistics.median(values):.2f} ({', '.join(f'{value:.2f}' for value in values)})"
