#!/usr/bin/env bash
# matplotlib 3.11.2 (Python 3.11): a contour plot with a level that the data do not reach writes a path element
# without its attribute d into the SVG. Browsers draw nothing and say nothing. SVG 1.1, which EPUB readers and
# their checkers go by, requires the attribute, so epubcheck 4.2.6 refused a
# book with such a picture in it. An empty line, plot([], []), leaves no such path.
# Seen on 2026-11-28:
#   contour, level reached: 0, contour, level not reached: 1, empty line: 0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check matplotlib==3.11.2
cat > "$folder/paths.py" <<'PY'
import io
import re

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt


def without_data(draw):
    """How many path elements of a picture have no attribute d."""
    fig, ax = plt.subplots()
    draw(ax)
    file = io.StringIO()
    fig.savefig(file, format="svg")
    return sum(" d=" not in path for path in re.findall(r"<path[^>]*>", file.getvalue()))


slope = [[0, 1, 2], [0, 1, 2], [0, 1, 2]]
cases = {
    "contour, level reached": lambda ax: ax.contour(slope, levels=[0.5]),
    "contour, level not reached": lambda ax: ax.contour(slope, levels=[0.5, 5]),
    "empty line": lambda ax: ax.plot([], []),
}
print(", ".join(f"{name}: {without_data(draw)}" for name, draw in cases.items()))
PY
seen=$(MPLCONFIGDIR="$folder" "$folder/env/bin/python" -W ignore "$folder/paths.py")
echo "$seen"
[ "$seen" = "contour, level reached: 0, contour, level not reached: 1, empty line: 0" ]
