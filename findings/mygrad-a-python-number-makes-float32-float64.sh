#!/usr/bin/env bash
# mygrad 2.5.0 with NumPy 2.4.6 (Python 3.11): a float32 tensor times a Python number is float64, although NumPy 2
# keeps float32 for the same product of an array. The number is put into an array before NumPy sees it, and an
# array has a dtype of its own (NEP 50). Arrays of several elements suffer as well. The gradient is float32 again,
# so nothing but the memory and the time of the forward pass tells.
# Seen on 2026-11-28:
#   NumPy float32, mygrad float64, gradient float32
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check mygrad==2.5.0 'numpy==2.4.6'
seen=$("$folder/env/bin/python" - <<'PY'
import mygrad as mg
import numpy as np

array = np.ones(3, np.float32)
tensor = mg.tensor(array)
product = tensor * 2.0
product.sum().backward()
print(f"NumPy {(array * 2.0).dtype}, mygrad {product.dtype}, gradient {tensor.grad.dtype}")
PY
)
echo "$seen"
[ "$seen" = "NumPy float32, mygrad float64, gradient float32" ]
