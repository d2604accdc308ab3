#!/usr/bin/env bash
# Pebble 5.2.3 (Python 3.11, Linux): @concurrent.process says in its signature and its type hints that the start
# method comes as mp_context, and takes it without a word; what it reads is a keyword called context. So a process
# that was to be spawned is forked from the caller, threads, open files and all, and a type checker accepts only
# the spelling that has no effect.
# Seen on 2026-11-28:
#   mp_context: starts by the default, context: starts by spawn
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check pebble==5.2.3
cat > "$folder/started.py" <<'PY'
import multiprocessing

from pebble import concurrent

changed = False


def sees_the_change():
    """Only a fork finds what its parent has changed; a spawned process has loaded the script anew."""
    return changed


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    changed = True
    spawn = multiprocessing.get_context("spawn")
    seen = []
    for name in ("mp_context", "context"):
        forked = concurrent.process(**{name: spawn})(sees_the_change)().result()
        seen.append(f"{name}: starts by {'the default' if forked else 'spawn'}")
    print(", ".join(seen))
PY
seen=$("$folder/env/bin/python" "$folder/started.py")
echo "$seen"
[ "$seen" = "mp_context: starts by the default, context: starts by spawn" ]
