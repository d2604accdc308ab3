"""Data to learn from, one example at a time."""

from pathlib import Path

import numpy as np

from dezero import explain
from dezero.downloads import get_file
from dezero.transforms import Compose, Flatten, Normalize, ToFloat


class Dataset:
    """Examples and their labels, one at a time or in slices.

    A subclass defines prepare, which assigns data and label: arrays or
    lists of the same length; without labels, label stays None.
    transform is applied to an example, target_transform to a label,
    each time that it is asked for.
    """

    def __init__(
        self, train=True, transform=None, target_transform=None
    ):
        self.train = train
        self.transform = transform or same
        self.target_transform = target_transform or same
        self.data = self.label = None
        self.prepare()
        explain.dataset(self)

    def prepare(self):
        """Assign data and label."""

    def __len__(self):
        return len(self.data)

    def __getitem__(self, index):
        """Return (example, label) for a number, a list of such for a slice.

        The label is None if there are no labels.
        """
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        x = self.transform(self.data[index])
        if self.label is None:
            return x, None
        return x, self.target_transform(self.label[index])


def same(x):
    """Return x, as a transform that changes nothing."""
    return x


def get_spiral(train=True):
    """Return points x (300, 2), float32, and their classes t (300,).

    Three arms of 100 points each, shuffled; the test data differ from
    those for training in their noise. The numbers are always the same,
    those of the original DeZero.
    """
    random = np.random.RandomState(1984 if train else 2020)
    points, classes = 100, 3
    x = np.zeros((points * classes, 2), np.float32)
    t = np.zeros(points * classes, int)
    for j in range(classes):
        for i in range(points):
            radius = i / points
            theta = 4 * j + 4 * radius + 0.2 * random.randn()
            x[points * j + i] = (
                radius * np.sin(theta),
                radius * np.cos(theta),
            )
            t[points * j + i] = j
    order = random.permutation(len(x))
    return x[order], t[order]


class Spiral(Dataset):
    """Points (2,) on three arms, and their classes; see get_spiral."""

    def prepare(self):
        self.data, self.label = get_spiral(self.train)


class SinCurve(Dataset):
    """A curve of 999 points (1,), float32; each label is the next point.

    For training it is a sine with noise, for testing a cosine without.
    """

    def prepare(self):
        x = np.linspace(0, 2 * np.pi, 1000)
        noise = np.random.uniform(-0.05, 0.05, x.shape)
        y = np.sin(x) + noise if self.train else np.cos(x)
        y = y.astype(np.float32).reshape(-1, 1)
        self.data, self.label = y[:-1], y[1:]


MNIST_MIRRORS = [
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
]
MNIST_FILES = {  # the SHA-256 of each, unpacked
    "train-images-idx3-ubyte.gz": (
        "ba891046e6505d7aadcbbe25680a0738"
        "ad16aec93bde7f9b65e87a2fc25776db"
    ),
    "train-labels-idx1-ubyte.gz": (
        "65a50cbbf4e906d70832878ad85ccda5"
        "333a97f0f4c3dd2ef09a8a9eef7101c5"
    ),
    "t10k-images-idx3-ubyte.gz": (
        "0fa7898d509279e482958e8ce81c8e77"
        "db3f2f8254e26661ceb7762c4d494ce7"
    ),
    "t10k-labels-idx1-ubyte.gz": (
        "ff7bcfd416de33731a308c3f266cc351"
        "222c34898ecbeaf847f06e48f7ec33f2"
    ),
}


class MNIST(Dataset):
    """Handwritten digits: images (1, 28, 28), uint8, and labels 0 to 9.

    60,000 for training and 10,000 for testing, fetched on first use
    into cache_folder(cache); with small, 6,000 and 1,000 of them, which
    come with the package. The transform, unless another is given, makes
    784 numbers from 0 to 1, float32, of an image (LeCun and others,
    Gradient-based learning applied to document recognition, 1998).
    """

    def __init__(
        self,
        train=True,
        transform=Compose([Flatten(), ToFloat(), Normalize(0.0, 255.0)]),
        target_transform=None,
        small=False,
        cache=None,
    ):
        self.small, self.cache = small, cache
        super().__init__(train, transform, target_transform)

    def prepare(self):
        part = "train" if self.train else "t10k"
        images = self.file(f"{part}-images-idx3-ubyte.gz")
        self.data = read_idx(images).reshape(-1, 1, 28, 28)
        self.label = read_idx(self.file(f"{part}-labels-idx1-ubyte.gz"))

    def file(self, name):
        """Return the path of one of the four files."""
        if self.small:
            path = Path(__file__).parent / "data" / "mnist" / name
            if not path.exists():
                raise FileNotFoundError(
                    f"MNIST(small=True) needs {path}, which is not "
                    "there; install the package, which brings it, or "
                    "leave small out, and the full set is fetched"
                )
            return path
        urls = [mirror + name for mirror in MNIST_MIRRORS]
        most = 100_000_000
        return get_file(
            urls, name, MNIST_FILES[name], most, self.cache
        )

    def show(self, row=10, col=10):
        """Show row times col images, chosen at random."""
        show_images(self.data, row, col)

    @staticmethod
    def labels():
        """Return the name of each label, a dict."""
        return {digit: str(digit) for digit in range(10)}


CIFAR = "https://www.cs.toronto.edu/~kriz/"


class CIFAR10(Dataset):
    """Photographs (3, 32, 32), uint8, and their labels, 0 to 9.

    50,000 for training and 10,000 for testing, fetched on first use
    into cache_folder(cache): 170 MB. The transform, unless another is
    given, makes float32 numbers of them by (x - 0.5) / 0.5, as in the
    original (Krizhevsky, Learning multiple layers of features from tiny
    images, 2009).
    """

    archive = "cifar-10-binary.tar.gz"
    sha256 = (
        "c4a38c50a1bc5f3a1c5537f2155ab9d6"
        "8f9f25eb1ed8d9ddda3db29a59bca1dd"
    )
    train_files = [f"data_batch_{i}.bin" for i in range(1, 6)]
    test_files = ["test_batch.bin"]
    columns = 1  # of labels before each image
    column = 0  # of them, the one to learn

    def __init__(
        self,
        train=True,
        transform=Compose([ToFloat(), Normalize(mean=0.5, std=0.5)]),
        target_transform=None,
        cache=None,
    ):
        self.cache = cache
        super().__init__(train, transform, target_transform)

    def prepare(self):
        path = get_file(
            CIFAR + self.archive,
            sha256=self.sha256,
            most=200_000_000,
            cache=self.cache,
        )
        names = self.train_files if self.train else self.test_files
        rows = read_records(path, names, self.columns + 3 * 32 * 32)
        self.label = rows[:, self.column].astype(int)
        self.data = rows[:, self.columns :].reshape(-1, 3, 32, 32)

    def show(self, row=10, col=10):
        """Show row times col images, chosen at random."""
        show_images(self.data, row, col)

    @staticmethod
    def labels():
        """Return the name of each label, a dict."""
        names = "airplane automobile bird cat deer dog frog horse ship truck"
        return dict(enumerate(names.split()))


class CIFAR100(CIFAR10):
    """Photographs (3, 32, 32), uint8, in 100 classes or 20 groups.

    label_type is "fine" for the classes, "coarse" for the groups; the
    rest is as for CIFAR10.
    """

    archive = "cifar-100-binary.tar.gz"
    sha256 = (
        "58a81ae192c23a4be8b1804d68e518ed"
        "807d710a4eb253b1f2a199162a40d8ec"
    )
    train_files = ["train.bin"]
    test_files = ["test.bin"]
    columns = 2  # the group, the class

    def __init__(
        self,
        train=True,
        transform=Compose([ToFloat(), Normalize(mean=0.5, std=0.5)]),
        target_transform=None,
        label_type="fine",
        cache=None,
    ):
        if label_type not in ("fine", "coarse"):
            raise ValueError(
                "CIFAR100 needs the label_type 'fine' or 'coarse', "
                f"got {label_type!r}"
            )
        self.column = 1 if label_type == "fine" else 0
        super().__init__(train, transform, target_transform, cache)

    @staticmethod
    def labels(label_type="fine"):
        """Return the name of each label, a dict; empty for "fine"."""
        names = (
            "aquatic mammals, fish, flowers, food containers, "
            "fruit and vegetables, household electrical devices, "
            "household furniture, insects, large carnivores, "
            "large man-made outdoor things, "
            "large natural outdoor scenes, "
            "large omnivores and herbivores, medium-sized mammals, "
            "non-insect invertebrates, people, reptiles, "
            "small mammals, trees, vehicles 1, vehicles 2"
        )
        coarse = dict(enumerate(names.split(", ")))
        return coarse if label_type == "coarse" else {}


class ImageNet(Dataset):
    """The names of the thousand classes of ImageNet; it has no images."""

    url = (
        "https://gist.githubusercontent.com/yrevar/"
        "942d3a0ac09ec9e5eb3a/raw/"
        "238f720ff059c1f82f368259d1ca4ffa5dd8f9f5/"
        "imagenet1000_clsidx_to_labels.txt"
    )

    def __init__(self):
        raise NotImplementedError(
            "ImageNet has no images here, only ImageNet.labels()"
        )

    @staticmethod
    def labels():
        """Return the name of each label, a dict; it is fetched once.

        The file is read as text: nothing in it is run.
        """
        import ast

        path = get_file(ImageNet.url, most=10**6)
        return ast.literal_eval(Path(path).read_text(encoding="utf-8"))


def read_idx(path):
    """Return the array in a file of the IDX format, packed by gzip.

    Such a file begins with two zeros, the type (8 is uint8) and the
    number of axes, then the length of each axis in four bytes, largest
    first; then come the elements.
    """
    import gzip

    with gzip.open(path, "rb") as file:
        content = file.read()
    axes = content[3]
    shape = np.frombuffer(content, ">u4", axes, offset=4)
    elements = np.frombuffer(content, np.uint8, offset=4 + 4 * axes)
    return elements.reshape(shape)


def read_records(path, names, length):
    """Return the records in files of a tar archive as rows (N, length).

    Nothing is written to disk, and nothing but the bytes is read.
    """
    import tarfile

    rows = []
    with tarfile.open(path, "r:gz") as archive:
        for member in archive:
            if member.isfile() and Path(member.name).name in names:
                content = archive.extractfile(member).read()
                rows.append((member.name, content))
    if len(rows) != len(names):
        raise ValueError(f"{path} lacks some of {', '.join(names)}")
    content = b"".join(content for _, content in sorted(rows))
    return np.frombuffer(content, np.uint8).reshape(-1, length)


def show_images(images, row, col):
    """Show row times col of the images (N, C, H, W), chosen at random."""
    import matplotlib.pyplot as plt

    chosen = images[np.random.randint(0, len(images), row * col)]
    _, c, h, w = chosen.shape
    grid = chosen.reshape(row, col, c, h, w).transpose(0, 3, 1, 4, 2)
    plt.imshow(grid.reshape(row * h, col * w, c).squeeze(), cmap="gray")
    plt.axis("off")
    plt.show()
