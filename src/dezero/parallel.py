"""Training on several processes, with the mean of their gradients."""

import queue
import sys
import tempfile
import threading
import traceback
from pathlib import Path

import numpy as np

from dezero.core import Variable
from dezero.cuda import as_numpy, like
from dezero.dataloaders import DataLoader
from dezero.datasets import Spiral
from dezero.functions import relu, softmax_cross_entropy
from dezero.models import MLP
from dezero.optimizers import Adam

PATIENCE = 60  # seconds that a thread waits for the others


class ThreadComm:
    """What a rank that is a thread has in place of MPI's comm.

    Its methods do what those of mpi4py with the same names do.
    """

    def __init__(self, rank, size, shared):
        self.rank, self.size, self.shared = rank, size, shared

    def Send(self, x, dest):
        self.shared.boxes[self.rank, dest].put(memory(x).copy())

    def Recv(self, y, source):
        try:
            box = self.shared.boxes[source, self.rank]
            received = box.get(timeout=PATIENCE)
        except queue.Empty:
            raise TimeoutError(
                f"rank {self.rank} waited {PATIENCE} seconds for a "
                f"message of rank {source}"
            ) from None
        if received is None:
            raise threading.BrokenBarrierError
        memory(y)[...] = received

    def allgather(self, x):
        self.shared.items[self.rank] = x
        self.shared.barrier.wait(PATIENCE)
        items = list(self.shared.items)
        self.shared.barrier.wait(PATIENCE)
        return items

    def Allreduce(self, x, y):
        x = memory(y if x is None else x)
        memory(y)[...] = sum(self.allgather(x.copy()))

    def Bcast(self, x):
        memory(x)[...] = self.allgather(memory(x).copy())[0]


class Shared:
    """What the ranks of in_threads have in common."""

    def __init__(self, size):
        pairs = [(a, b) for a in range(size) for b in range(size)]
        self.boxes = {pair: queue.Queue() for pair in pairs}
        self.barrier = threading.Barrier(size)
        self.items = [None] * size

    def end(self):
        """Let every rank fail that waits, now or later."""
        self.barrier.abort()
        for box in self.boxes.values():
            box.put(None)


def memory(x):
    """Return a view of the elements of x as they lie in memory."""
    if x.flags.f_contiguous:
        x = x.T
    if not x.flags.c_contiguous:
        raise BufferError("MPI takes no array with gaps in memory")
    return x.reshape(-1)


def in_threads(program, size):
    """Return what program(comm) returns on each rank, as a list.

    The ranks are threads of this process. If one fails, all end, and
    its error is raised.
    """
    shared, results, errors = Shared(size), [None] * size, []

    def run_rank(rank):
        try:
            results[rank] = program(ThreadComm(rank, size, shared))
        except BaseException as error:
            error.add_note(f"on rank {rank} of {size}")
            errors.append(error)
            shared.end()

    threads = [
        threading.Thread(target=run_rank, args=(rank,))
        for rank in range(size)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results


def ring_allreduce(comm, x):
    """Replace x by the sum of the x of all ranks, around a ring.

    x has one axis. Each rank sends to the next one alone, and in all
    2 * (size - 1) / size of the elements of x.
    """
    size, parts = comm.size, np.array_split(x, comm.size)
    for turn in range(2 * (size - 1)):
        ours = parts[(comm.rank - turn) % size]
        part = parts[(comm.rank - turn - 1) % size]
        received = np.empty_like(part)
        exchange(comm, ours, received)
        part[...] = part + received if turn < size - 1 else received


def exchange(comm, x, y):
    """Send x to the next rank, and receive y from the one before."""
    after, before = (comm.rank + 1) % comm.size, (comm.rank - 1) % comm.size
    if comm.rank % 2 == 0:
        comm.Send(x, after)
        comm.Recv(y, before)
    else:
        comm.Recv(y, before)
        comm.Send(x, after)


def views(flat, shapes):
    """Return the parts of an array with one axis, in these shapes."""
    ends = np.cumsum([np.prod(shape, dtype=int) for shape in shapes])
    parts = zip(np.split(flat, ends), shapes)
    return [part.reshape(shape) for part, shape in parts]


class DistributedOptimizer:
    """An optimizer on every rank, all of which take the same steps.

    optimizer has a target that is the same model on all ranks, and has
    run once. All ranks get the parameters and buffers of rank 0.
    """

    def __init__(self, optimizer, comm):
        self.optimizer, self.comm = optimizer, comm
        self.broadcast(list(optimizer.target.named_saved()))
        parameters = list(optimizer.target.params())
        shapes = [p.shape for p in parameters]
        dtypes = [p.dtype for p in parameters]
        size = sum(p.size for p in parameters) + 1
        self.flat = np.zeros(size, np.result_type(np.float32, *dtypes))
        *self.parts, self.count = views(self.flat, [*shapes, ()])

    def broadcast(self, named):
        """Give some named variables the data that they have on rank 0."""
        check_same(self.comm, named)
        for _, variable in named:
            array = np.ascontiguousarray(as_numpy(variable))
            self.comm.Bcast(array)
            variable.data = like(array, variable)

    def update(self, examples=1):
        """Average the gradients of all ranks, then update.

        examples is the size of this rank's batch, the weight of its
        gradients.
        """
        self.average(examples)
        self.optimizer.update()

    def average(self, examples):
        """Give each parameter the mean of its gradients on all ranks.

        The gradients become parts of an array that the next call
        fills again.
        """
        self.check_found()
        pairs = list(zip(self.optimizer.target.params(), self.parts))
        self.count[...] = examples
        for p, part in pairs:
            gradient = 0 if p.grad is None else as_numpy(p.grad)
            np.multiply(gradient, self.count, out=part)
        self.comm.Allreduce(None, self.flat)
        for p, part in pairs:
            if p.grad is not None:
                part /= self.count
                mean = part.astype(p.dtype, copy=False)
                p.grad = Variable(like(mean, p))

    def check_found(self):
        """Raise a ValueError if only some ranks have a gradient."""
        size = self.comm.size
        named = list(self.optimizer.target.named_params())
        found = np.array([p.grad is not None for _, p in named], int)
        self.comm.Allreduce(None, found)
        partly = [
            path
            for (path, _), count in zip(named, found)
            if 0 < count < size
        ]
        if partly:
            raise ValueError(
                f"only some of {size} ranks have a gradient of "
                f"{', '.join(partly)}: the loss must depend on the "
                "same parameters on all ranks"
            )


class ShardedLoader(DataLoader):
    """A DataLoader that gives each rank its part of every batch.

    batch_size is that of all ranks together. The order of the
    examples depends on seed, and on epoch, the number of loops so
    far. A ValueError says so if a batch has too few examples for
    all ranks, or if their data sets differ in length.
    """

    def __init__(self, dataset, batch_size, comm, shuffle=True, seed=0):
        super().__init__(dataset, batch_size, shuffle)
        self.comm, self.seed, self.epoch = comm, seed, 0
        check_equal(comm, "the number of examples", len(dataset))
        last = (len(dataset) - 1) % batch_size + 1
        if last < comm.size:
            raise ValueError(
                f"{len(dataset)} examples in batches of {batch_size}: "
                f"the last has {last}, too few for {comm.size} ranks; "
                "take another batch_size, or a slice of the data set"
            )

    def indices(self):
        order = np.arange(len(self.dataset))
        if self.shuffle:
            np.random.default_rng((self.seed, self.epoch)).shuffle(order)
        self.epoch += 1
        for start in range(0, len(order), self.batch_size):
            batch = order[start : start + self.batch_size]
            yield batch[self.comm.rank :: self.comm.size]


def world():
    """Return the comm of all ranks that mpiexec has started.

    An ImportError says so if mpi4py or an MPI library is missing.
    """
    try:
        from mpi4py import MPI
    except (ImportError, RuntimeError) as error:
        raise ImportError(
            "dezero.parallel needs mpi4py and an MPI library for many "
            "processes: pip install mpi4py mpich; in_threads needs none"
        ) from error
    return MPI.COMM_WORLD


def run(program):
    """Return program(comm), for a script that mpiexec starts.

    If it fails on one rank, this rank prints the traceback and ends
    all ranks; the exit status is 1.
    """
    comm = world()
    try:
        return program(comm)
    except BaseException:
        sys.stdout.flush()
        found = f"rank {comm.rank} of {comm.size} failed, and all end"
        print(f"{found}\n{traceback.format_exc()}", file=sys.stderr)
        sys.stderr.flush()
        comm.Abort(1)


def train(comm, model, optimizer, loader, epochs, folder=None):
    """Train a model, which has run once, on all ranks.

    With a folder, which all ranks can read, rank 0 saves each epoch
    there, and a new start goes on after the last one.
    """
    done = load_epoch(folder, model, optimizer)
    check_equal(comm, f"epochs in {folder}", done)
    shared = DistributedOptimizer(optimizer, comm)
    for epoch in range(done, epochs):
        loader.epoch, losses = epoch, np.zeros(2)
        for x, t in loader:
            loss = softmax_cross_entropy(model(x), t)
            model.cleargrads()
            loss.backward()
            shared.update(len(t))
            losses += len(t) * float(loss.data), len(t)
        if comm.rank == 0:
            save_epoch(folder, epoch + 1, model, optimizer)
        comm.Allreduce(None, losses)  # here all wait for rank 0
        if comm.rank == 0 and (epoch + 1) % 20 == 0:
            loss = f"{losses[0] / losses[1]:.1f}"
            print(f"epoch {epoch + 1}: loss {loss}", flush=True)


def save_epoch(folder, epoch, model, optimizer):
    """Save a model and its optimizer as folder/epoch, if folder."""
    if folder is None:
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as part:
        whole = Path(part) / str(epoch)
        whole.mkdir()
        model.save_weights(whole / "weights.npz")
        optimizer.save_state(whole / "optimizer.npz")
        whole.rename(Path(folder) / str(epoch))


def load_epoch(folder, model, optimizer):
    """Load the last epoch in a folder, and return its number, or 0."""
    paths = [] if folder is None else Path(folder).glob("[0-9]*")
    last = max(paths, key=lambda path: int(path.name), default=None)
    if last is None:
        return 0
    model.load_weights(last / "weights.npz")
    optimizer.load_state(last / "optimizer.npz")
    return int(last.name)


def check_equal(comm, what, value):
    """Raise a ValueError on all ranks unless all have this value."""
    values = comm.allgather(value)
    for rank, other in enumerate(values):
        if other != values[0]:
            raise ValueError(
                f"{what}: {values[0]} on rank 0, {other} on rank "
                f"{rank}; all ranks need the same"
            )


def check_same(comm, named):
    """Raise a ValueError unless all ranks have the same variables."""
    paths = [path for path, _ in named]
    check_equal(comm, "the parameters of the model", paths)
    for path, variable in named:
        is_empty = variable.data is None
        kind = "" if is_empty else f"{variable.shape} {variable.dtype}"
        check_equal(comm, path, kind or "no data")
        if is_empty:
            raise ValueError(
                f"{path} has no data yet; call the model once before "
                "DistributedOptimizer"
            )


def train_spiral(comm):
    """Train a network for the spiral on all ranks."""
    if comm.rank == 0:
        print(f"ranks: {comm.size}", flush=True)
    np.random.seed(0)
    model, spiral = MLP((32, 3), activation=relu), Spiral()
    model(spiral.data[:1])
    optimizer = Adam(0.008).setup(model)
    train(comm, model, optimizer, ShardedLoader(spiral, 64, comm), 60)
