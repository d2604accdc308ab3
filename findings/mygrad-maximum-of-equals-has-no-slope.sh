#!/usr/bin/env bash
# mygrad 2.5.0 (NumPy 2.4.6, Python 3.11): where the two operands of maximum or minimum are equal, neither gets a
# gradient. So maximum(x, x), which is x, has the slope 0. PyTorch, JAX and others give each operand a half, which
# adds up to 1.
# Seen on 2026-11-28:
#   maximum of 1 and 1: [0.] [0.]
#   maximum(x, x) at 2: 0.0
#   minimum of 1 and 1: [0.] [0.]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check mygrad==2.5.0 'numpy==2.4.6'
seen=$("$folder/env/bin/python" - <<'PY'
import mygrad as mg

for name in ("maximum", "minimum"):
    a, b = mg.tensor([1.0]), mg.tensor([1.0])
    getattr(mg, name)(a, b).sum().backward()
    print(f"{name} of 1 and 1: {a.grad} {b.grad}")
    if name == "maximum":
        x = mg.tensor(2.0)
        mg.maximum(x, x).backward()
        print(f"maximum(x, x) at 2: {x.grad}")
PY
)
echo "$seen"
[ "$seen" = "maximum of 1 and 1: [0.] [0.]
maximum(x, x) at 2: 0.0
minimum of 1 and 1: [0.] [0.]" ]
