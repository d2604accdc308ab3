#!/usr/bin/env bash
# tqdm 4.70.1 (Python 3.11, Linux): on a terminal that has no size, as pseudo-terminals have until somebody gives
# them one (in containers, under CI, under expect), a bar is not drawn, only a line end. TQDM_NCOLS=60, which is
# there to say the width, does not help by itself, nor does ncols=60 in the call: the number of rows is asked for,
# too, is 0, and hides the bar. With TQDM_NROWS beside it, the bar is there.
# Seen on 2026-11-28:
#   no variable: nothing, TQDM_NCOLS: nothing, TQDM_NCOLS and TQDM_NROWS: a bar
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check tqdm==4.70.1
cat > "$folder/terminal.py" <<'PY'
import os
import subprocess
import sys

LOOP = "from tqdm import tqdm\nfor _ in tqdm(range(3), desc='epochs'): pass"


def drawn(variables):
    """What a loop draws on a pseudo-terminal that was given no size."""
    screen, terminal = os.openpty()
    subprocess.run([sys.executable, "-c", LOOP], stderr=terminal, check=True, env={**os.environ, **variables})
    os.close(terminal)
    text = b""
    try:
        while part := os.read(screen, 1000):
            text += part
    except OSError:  # Linux says so at its end
        pass
    return "a bar" if b"epochs" in text else "nothing"


wide, high = {"TQDM_NCOLS": "60"}, {"TQDM_NROWS": "20"}
cases = {"no variable": {}, "TQDM_NCOLS": wide, "TQDM_NCOLS and TQDM_NROWS": {**wide, **high}}
print(", ".join(f"{name}: {drawn(variables)}" for name, variables in cases.items()))
PY
seen=$("$folder/env/bin/python" "$folder/terminal.py")
echo "$seen"
[ "$seen" = "no variable: nothing, TQDM_NCOLS: nothing, TQDM_NCOLS and TQDM_NROWS: a bar" ]
