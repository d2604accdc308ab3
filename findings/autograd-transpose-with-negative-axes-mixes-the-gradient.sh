#!/usr/bin/env bash
# HIPS autograd 1.9.1 (NumPy 2.4.6, Python 3.11, Linux): the gradient of transpose with negative axes comes back
# with its axes in the wrong order. The inverse of the permutation is looked for by sorting the axes as they are
# written, and -1 sorts before 0. Where the axes have different lengths, the gradient has another shape than x;
# where they are equally long, it has the right shape and the wrong numbers, and nothing is said. NumPy takes
# (-1, 0, 1) and (2, 0, 1) for the same, and so does the forward pass.
# Seen on 2026-11-28:
#   axes (2, 0, 1): (2, 3, 4) [0.0, 4.0, 1.0, 5.0, 2.0, 6.0, 3.0, 7.0]
#   axes (-1, 0, 1): (4, 2, 3) [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check autograd==1.9.1 numpy==2.4.6
cat > "$folder/axes.py" <<'PY'
import autograd.numpy as np
from autograd import grad


def gradient(shape, axes):
    """The gradient of the transpose, each element weighted by its place in the result."""
    x = np.ones(shape)
    weights = np.arange(float(x.size)).reshape(np.transpose(x, axes).shape)
    return grad(lambda x: np.sum(weights * np.transpose(x, axes)))(x)


for axes in ((2, 0, 1), (-1, 0, 1)):
    print(f"axes {axes}:", gradient((2, 3, 4), axes).shape, gradient((2, 2, 2), axes).ravel().tolist())
PY
seen=$("$folder/env/bin/python" "$folder/axes.py")
echo "$seen"
[ "$seen" = "axes (2, 0, 1): (2, 3, 4) [0.0, 4.0, 1.0, 5.0, 2.0, 6.0, 3.0, 7.0]
axes (-1, 0, 1): (4, 2, 3) [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]" ]
