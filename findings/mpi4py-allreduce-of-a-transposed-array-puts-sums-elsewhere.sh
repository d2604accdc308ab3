#!/usr/bin/env bash
# mpi4py 4.1.2 with the wheel of MPICH 5.0.2 (NumPy 2.4.6, Python 3.11, Linux): Allreduce of a transposed array into
# an array of the same shape, made by np.empty_like or np.empty, differs. np.empty_like keeps the order of the
# axes in memory, so the sums stand in their places; with np.empty, which has rows first, they stand in others, and
# nothing is said, although both buffers have a shape and strides. A strided array is refused with a BufferError.
# Seen on 2026-11-28, on two ranks, for x = [[0, 1, 2], [3, 4, 5]] transposed, so twice [[0, 3], [1, 4], [2, 5]]:
#   into empty_like: [[0.0, 6.0], [2.0, 8.0], [4.0, 10.0]]
#   into empty: [[0.0, 2.0], [4.0, 6.0], [8.0, 10.0]]
#   strided: BufferError
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check mpi4py==4.1.2 mpich==5.0.2 numpy==2.4.6
cat > "$folder/sums.py" <<'PY'
import numpy as np
from mpi4py import MPI

comm = MPI.COMM_WORLD
x = np.arange(6.0).reshape(2, 3).T
like, rows = np.empty_like(x), np.empty(x.shape)
comm.Allreduce(x, like)
comm.Allreduce(x, rows)
try:
    comm.Allreduce(x[::2], np.empty((2, 2)))
    strided = "taken"
except BufferError as error:
    strided = type(error).__name__
if comm.rank == 0:
    print(f"into empty_like: {like.tolist()}\ninto empty: {rows.tolist()}\nstrided: {strided}")
PY
seen=$(MPIEXEC_TIMEOUT=60 "$folder/env/bin/mpiexec" -n 2 "$folder/env/bin/python" "$folder/sums.py")
echo "$seen"
[ "$seen" = "into empty_like: [[0.0, 6.0], [2.0, 8.0], [4.0, 10.0]]
into empty: [[0.0, 2.0], [4.0, 6.0], [8.0, 10.0]]
strided: BufferError" ]
