#!/usr/bin/env bash
# Pyodide 0.27.7 (Python 3.12.7 in the browser, here in Node): sysconfig.get_preferred_scheme("user") raises a
# ValueError, though "prefix" and "home" answer. Programs that look where pip puts scripts for one user, before
# they ask the PATH, end there.
# Seen on 2026-11-28 (needs node and npm):
#   prefix: posix_prefix, home: posix_home, user: ValueError
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-fund --no-audit --prefix "$folder" pyodide@0.27.7 > "$folder/npm.log" 2>&1
cat > "$folder/ask.py" <<'PY'
import sysconfig


def scheme(key):
    try:
        return sysconfig.get_preferred_scheme(key)
    except ValueError as error:
        return type(error).__name__


", ".join(f"{key}: {scheme(key)}" for key in ("prefix", "home", "user"))
PY
cat > "$folder/ask.mjs" <<'JS'
import { readFileSync } from "node:fs"
import { loadPyodide } from "pyodide"

const python = await loadPyodide()
console.log(python.runPython(readFileSync(new URL("ask.py", import.meta.url), "utf8")))
JS
seen=$(cd "$folder" && node ask.mjs)
echo "$seen"
[ "$seen" = "prefix: posix_prefix, home: posix_home, user: ValueError" ]
