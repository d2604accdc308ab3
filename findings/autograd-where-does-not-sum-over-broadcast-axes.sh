#!/usr/bin/env bash
# HIPS autograd 1.9.1 (NumPy 2.4.6, Python 3.11, Linux): the gradient of np.where has the shape of the result, also
# for an argument that was broadcast to it. So a number gets an array as its gradient, and a row gets a matrix, where
# np.maximum, which broadcasts alike, sums them up. No error and no warning.
# Seen on 2026-11-28:
#   where: [0.0, 1.0, 0.0] instead of 1.0 for a number; (2, 3) instead of (3,) for a row
#   maximum: 1.0 for a number; (3,) for a row
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check autograd==1.9.1 numpy==2.4.6
cat > "$folder/chosen.py" <<'PY'
import autograd.numpy as np
from autograd import grad

x = np.array([3.0, 1.0, 3.0])


def where(x, y):
    return np.where(x > y, x, y)


def of_a_number(f):
    return grad(lambda y: np.sum(f(x, y)))(2.0)


def of_a_row(f):
    return grad(lambda y: np.sum(f(np.ones((2, 3)), y)))(x).shape


print(f"where: {of_a_number(where).tolist()} instead of 1.0 for a number; {of_a_row(where)} instead of (3,) for a row")
print(f"maximum: {float(of_a_number(np.maximum))} for a number; {of_a_row(np.maximum)} for a row")
PY
seen=$("$folder/env/bin/python" "$folder/chosen.py")
echo "$seen"
[ "$seen" = "where: [0.0, 1.0, 0.0] instead of 1.0 for a number; (2, 3) instead of (3,) for a row
maximum: 1.0 for a number; (3,) for a row" ]
