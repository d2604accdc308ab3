"""Data sets: the digits that ship, the full set from a cache folder, and archives of photographs."""

import gzip
import hashlib
import io
import pickle
import tarfile
from pathlib import Path

import numpy as np
import pytest

import dezero
from dezero import DataLoader, Dataset, datasets
from dezero.datasets import CIFAR10, CIFAR100, MNIST, SinCurve, Spiral, get_spiral, read_idx, read_records


def idx(array):
    """Return an array of uint8 in the IDX format, packed."""
    head = bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    return gzip.compress(head + array.tobytes())


def some(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


# --- what every data set does ---------------------------------------------------------------------


class Letters(Dataset):
    def prepare(self):
        self.data, self.label = list("abc"), [1, 2, 3]


def test_a_slice_is_a_list_of_examples_with_their_labels():
    letters = Letters(transform=str.upper, target_transform=lambda t: -t)

    assert letters[1:] == [("B", -2), ("C", -3)]
    assert letters[::-2] == [("C", -3), ("A", -1)]
    assert letters[-1] == ("C", -3)


def test_a_data_set_ends_after_its_last_example():
    assert list(Letters()) == [("a", 1), ("b", 2), ("c", 3)]
    with pytest.raises(IndexError):
        Letters()[3]


def test_a_data_set_may_have_no_labels():
    class Plain(Dataset):
        def prepare(self):
            self.data = np.zeros((3, 2))

    x, t = next(DataLoader(Plain(), 3))
    assert x.shape == (3, 2)
    assert t is None


def test_a_data_set_without_data_says_what_prepare_must_do():
    with pytest.raises(ValueError, match=r"Dataset\.prepare must assign self\.data"):
        Dataset()


def test_a_data_set_with_too_few_labels_counts_both():
    class Short(Letters):
        def prepare(self):
            super().prepare()
            self.label = self.label[:2]

    with pytest.raises(ValueError, match="Short has 3 examples and 2 labels"):
        Short()


# --- points and curves ----------------------------------------------------------------------------


def test_the_spiral_is_always_the_same_and_leaves_the_global_generator_alone():
    np.random.seed(0)
    before = np.random.get_state()[1].copy()
    (x, t), (again, _) = get_spiral(), get_spiral()

    assert np.array_equal(x, again)
    assert np.array_equal(np.random.get_state()[1], before)
    assert (x.shape, x.dtype, np.bincount(t).tolist()) == ((300, 2), np.float32, [100] * 3)


def test_the_arms_of_the_spiral_for_testing_differ_only_by_their_noise():
    training, testing = Spiral(), Spiral(train=False)

    for arm in range(3):
        radii = [np.sort(np.hypot(*d.data[d.label == arm].T)) for d in (training, testing)]
        assert np.allclose(*radii, atol=1e-6)
    assert not np.array_equal(training.data, testing.data)


def test_each_label_of_the_curve_is_its_next_point():
    curve = SinCurve(train=False)

    assert len(curve) == 999
    assert np.array_equal(curve.data[1:], curve.label[:-1])
    assert curve[0][0].dtype == np.float32
    assert curve[0][0] == [1.0]


# --- the IDX format -------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(5,), (300,), (2, 3, 4), (0, 28, 28)])
def test_an_array_comes_back_from_the_idx_format(shape, tmp_path):
    array = some(*shape)
    (tmp_path / "array.gz").write_bytes(idx(array))

    found = read_idx(tmp_path / "array.gz")

    assert found.dtype == np.uint8
    assert np.array_equal(found, array)


def test_an_idx_file_with_too_few_elements_is_refused(tmp_path):
    content = gzip.decompress(idx(some(2, 3)))[:-1]
    (tmp_path / "array.gz").write_bytes(gzip.compress(content))

    with pytest.raises(ValueError, match="cannot reshape"):
        read_idx(tmp_path / "array.gz")


# --- MNIST ----------------------------------------------------------------------------------------


def test_the_small_set_is_the_beginning_of_the_full_one():
    training, testing = MNIST(small=True), MNIST(train=False, small=True)

    assert training.label[:12].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4, 3, 5]  # as the world knows them
    assert testing.label[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    for mnist, n in ((training, 6000), (testing, 1000)):
        assert (mnist.data.shape, mnist.label.shape) == ((n, 1, 28, 28), (n,))
        assert mnist.data.dtype == mnist.label.dtype == np.uint8
        assert np.bincount(mnist.label).min() > n / 12  # no digit is rare


def test_the_small_set_comes_with_its_licence_and_fits_into_12_hundred_kilobytes():
    folder = Path(dezero.__file__).parent / "data" / "mnist"

    assert "Attribution-ShareAlike 3.0" in " ".join((folder / "LICENSE.txt").read_text().split())
    assert sum(path.stat().st_size for path in folder.iterdir()) < 1_200_000


def test_an_image_becomes_784_numbers_of_float32():
    mnist = MNIST(small=True)

    x, t = mnist[7]

    assert (x.shape, x.dtype, t) == ((784,), np.float32, 3)
    assert np.array_equal(np.rint(255 * x), mnist.data[7].ravel())


def test_without_a_transform_an_image_stays_as_it_is():
    x, _ = MNIST(small=True, transform=None)[0]

    assert (x.shape, x.dtype) == ((1, 28, 28), np.uint8)


def test_the_labels_fit_the_loss():
    x, t = next(DataLoader(MNIST(small=True), 10))

    assert dezero.functions.softmax_cross_entropy(x[:, :10], t).data > 0


@pytest.fixture
def full(tmp_path, monkeypatch):
    """A cache folder with the four files of a small full set, and no mirror."""
    arrays = {
        "train-images-idx3-ubyte.gz": some(5, 28, 28),
        "train-labels-idx1-ubyte.gz": some(5) % 10,
        "t10k-images-idx3-ubyte.gz": some(3, 28, 28),
        "t10k-labels-idx1-ubyte.gz": some(3) % 10,
    }
    known = {}
    for name, array in arrays.items():
        (tmp_path / name).write_bytes(idx(array))
        known[name] = hashlib.sha256(gzip.decompress(idx(array))).hexdigest()
    assert known.keys() == datasets.MNIST_FILES.keys()
    monkeypatch.setattr(datasets, "MNIST_FILES", known)
    monkeypatch.setattr(datasets, "MNIST_MIRRORS", [(tmp_path / "gone").as_uri() + "/"] * 3)
    return tmp_path


def test_the_full_set_is_read_from_the_cache_folder(full):
    training, testing = MNIST(cache=full), MNIST(train=False, cache=full)

    assert np.array_equal(training.data, some(5, 28, 28)[:, np.newaxis])
    assert np.array_equal(training.label, some(5) % 10)
    assert (len(training), len(testing)) == (5, 3)


def test_the_cache_folder_may_come_from_the_environment(full, monkeypatch):
    monkeypatch.setenv("DEZERO_CACHE", str(full))

    assert len(MNIST()) == 5


def test_without_a_mirror_the_message_names_the_file_and_every_mirror(full):
    (full / "t10k-labels-idx1-ubyte.gz").unlink()

    with pytest.raises(OSError, match=r"t10k-labels-idx1-ubyte\.gz could not be fetched") as error:
        MNIST(train=False, cache=full)
    assert str(error.value).count("/gone/t10k-labels-idx1-ubyte.gz: ") == 3


def test_a_damaged_file_of_the_full_set_is_not_taken(full):
    (full / "train-images-idx3-ubyte.gz").write_bytes(idx(some(5, 28, 27)))

    with pytest.raises(OSError, match="could not be fetched"):
        MNIST(cache=full)


def test_a_file_comes_from_a_mirror_if_the_cache_folder_lacks_it(full, tmp_path, monkeypatch):
    monkeypatch.setattr(datasets, "MNIST_MIRRORS", ["nothing://", full.as_uri() + "/"])

    assert len(MNIST(cache=tmp_path / "new")) == 5
    assert len(list((tmp_path / "new").iterdir())) == 2  # those for testing are not needed yet


def test_the_mirrors_are_several_and_encrypted():
    assert len(datasets.MNIST_MIRRORS) >= 2
    assert all(mirror.startswith("https://") for mirror in [*datasets.MNIST_MIRRORS, datasets.CIFAR])
    assert all(len(known) == 64 for known in datasets.MNIST_FILES.values())


# --- photographs ----------------------------------------------------------------------------------


def records(n, columns, first=0):
    """Return n records: labels that count from `first`, then an image."""
    rows = np.empty((n, columns + 3072), np.uint8)
    rows[:, :columns] = first + np.arange(n * columns).reshape(n, columns)
    rows[:, columns:] = some(n, 3072)
    return rows


def archive(path, files):
    """Write a packed tar archive of some files, and return its SHA-256."""
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def cifar10(tmp_path, monkeypatch):
    """A cache folder with a CIFAR-10 of two photographs a file, the files in a strange order."""
    files = {f"batches/data_batch_{i}.bin": records(2, 1, 2 * i - 2).tobytes() for i in (3, 1, 5, 2, 4)}
    files |= {"batches/readme.html": b"read me", "batches/test_batch.bin": records(3, 1, 7).tobytes()}
    monkeypatch.setattr(CIFAR10, "sha256", archive(tmp_path / CIFAR10.archive, files))
    return tmp_path


def test_photographs_come_in_the_order_of_their_files(cifar10):
    training, testing = CIFAR10(cache=cifar10), CIFAR10(train=False, cache=cifar10)

    assert training.label.tolist() == list(range(10))
    assert testing.label.tolist() == [7, 8, 9]
    assert training.data.shape == (10, 3, 32, 32)
    assert np.array_equal(testing.data, some(3, 3072).reshape(3, 3, 32, 32))


def test_a_photograph_becomes_float32_as_in_the_original(cifar10):
    photographs = CIFAR10(cache=cifar10)

    x, t = photographs[4]

    assert (x.dtype, t) == (np.float32, 4)
    assert np.allclose(x, (photographs.data[4] - 0.5) / 0.5)


def test_nothing_is_written_but_the_archive(cifar10):
    CIFAR10(cache=cifar10)

    assert [path.name for path in cifar10.iterdir()] == [CIFAR10.archive]


def test_a_damaged_archive_is_refused(cifar10, monkeypatch):
    monkeypatch.setattr(datasets, "CIFAR", (cifar10 / "gone").as_uri() + "/")
    path = cifar10 / CIFAR10.archive
    path.write_bytes(path.read_bytes()[:-1])

    with pytest.raises(OSError, match="could not be fetched"):
        CIFAR10(cache=cifar10)


def test_an_archive_that_lacks_a_file_says_so(tmp_path):
    archive(tmp_path / "some.tar.gz", {"data_batch_1.bin": records(1, 1).tobytes()})

    with pytest.raises(ValueError, match=r"lacks some of data_batch_1\.bin, data_batch_2\.bin"):
        read_records(tmp_path / "some.tar.gz", ["data_batch_1.bin", "data_batch_2.bin"], 3073)


def test_half_a_record_is_refused(tmp_path):
    archive(tmp_path / "some.tar.gz", {"test.bin": records(1, 1).tobytes()[:-1]})

    with pytest.raises(ValueError, match="cannot reshape"):
        read_records(tmp_path / "some.tar.gz", ["test.bin"], 3073)


class Trap:
    def __reduce__(self):
        return pytest.fail, ("a pickle was opened",)


def test_a_pickle_in_an_archive_is_only_bytes(tmp_path):
    trap = pickle.dumps(Trap())
    archive(tmp_path / "some.tar.gz", {"test.bin": trap})

    rows = read_records(tmp_path / "some.tar.gz", ["test.bin"], len(trap))

    assert rows.tobytes() == trap


@pytest.mark.parametrize(
    ("label_type", "labels"), [("fine", [1, 3]), ("coarse", [0, 2])], ids=["fine", "coarse"]
)
def test_a_hundred_classes_have_twenty_groups(label_type, labels, tmp_path, monkeypatch):
    files = {"cifar/train.bin": records(2, 2).tobytes(), "cifar/test.bin": records(1, 2).tobytes()}
    monkeypatch.setattr(CIFAR100, "sha256", archive(tmp_path / CIFAR100.archive, files))

    photographs = CIFAR100(label_type=label_type, cache=tmp_path)

    assert photographs.label.tolist() == labels
    assert np.array_equal(photographs.data, some(2, 3072).reshape(2, 3, 32, 32))


def test_another_type_of_label_is_refused_before_anything_is_fetched():
    with pytest.raises(ValueError, match="needs the label_type 'fine' or 'coarse', got 'rough'"):
        CIFAR100(label_type="rough")


def test_labels_have_names():
    assert MNIST.labels()[7] == "7"
    assert (len(CIFAR10.labels()), CIFAR10.labels()[3]) == (10, "cat")
    assert (len(CIFAR100.labels("coarse")), CIFAR100.labels()) == (20, {})


def test_images_are_shown_in_rows_and_columns(cifar10, monkeypatch):
    plt = pytest.importorskip("matplotlib.pyplot")
    shown = []
    monkeypatch.setattr(plt, "imshow", lambda image, **options: shown.append(image.shape))
    monkeypatch.setattr(plt, "axis", lambda _: None)
    monkeypatch.setattr(plt, "show", lambda: None)

    MNIST(small=True).show(2, 3)
    CIFAR10(cache=cifar10).show(row=4, col=5)

    assert shown == [(56, 84), (128, 160, 3)]
