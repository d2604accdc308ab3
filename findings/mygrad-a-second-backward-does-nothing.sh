#!/usr/bin/env bash
# mygrad 2.5.0 (NumPy 2.4.6, Python 3.11): a second backward() from the same result raises nothing and reaches no
# tensor: the first one has cleared the graph. After null_grad() the gradient stays None, without it the old one
# stays. PyTorch raises an error for a graph that was freed; Chainer and DeZero keep the graph and add again.
# And a gradient from another result replaces the one that is there, where those three add.
# Seen on 2026-11-28:
#   first 4.0, second None
#   after a*a and then a*3: 3.0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check mygrad==2.5.0 'numpy==2.4.6'
seen=$("$folder/env/bin/python" - <<'PY'
import mygrad as mg

a = mg.tensor(2.0)
y = a * a
y.backward()
first = a.grad
a.null_grad()
y.backward()
print(f"first {first}, second {a.grad}")

a = mg.tensor(2.0)
(a * a).backward()
(a * 3).backward()
print(f"after a*a and then a*3: {a.grad}")
PY
)
echo "$seen"
[ "$seen" = "first 4.0, second None
after a*a and then a*3: 3.0" ]
