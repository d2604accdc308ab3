#!/usr/bin/env bash
# HIPS autograd 1.9.1 (NumPy 2.4.6, Python 3.11, Linux): np.broadcast_to computes a result with new leading axes,
# and its gradient refuses them with an AssertionError, though x * np.ones(shape), which repeats x along the same
# axes, has one. With an axis of length 1 in their place, the gradient is there.
# Seen on 2026-11-28:
#   (3,) to (2, 3): AssertionError Can't handle extra leading dims; as a product: [2.0, 2.0, 2.0]
#   (1, 3) to (2, 3): [[2.0, 2.0, 2.0]]; as a product: [[2.0, 2.0, 2.0]]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check autograd==1.9.1 numpy==2.4.6
cat > "$folder/stretched.py" <<'PY'
import autograd.numpy as np
from autograd import grad


def asked(f, x):
    try:
        return grad(f)(x).tolist()
    except AssertionError as error:
        return f"AssertionError {error}"


for shape in ((3,), (1, 3)):
    x = np.ones(shape)
    stretched = asked(lambda x: np.sum(np.broadcast_to(x, (2, 3))), x)
    product = asked(lambda x: np.sum(x * np.ones((2, 3))), x)
    print(f"{shape} to (2, 3): {stretched}; as a product: {product}")
PY
seen=$("$folder/env/bin/python" "$folder/stretched.py")
echo "$seen"
[ "$seen" = "(3,) to (2, 3): AssertionError Can't handle extra leading dims; as a product: [2.0, 2.0, 2.0]
(1, 3) to (2, 3): [[2.0, 2.0, 2.0]]; as a product: [[2.0, 2.0, 2.0]]" ]
