"""The switches of the package, with a value of its own in each thread."""

import contextvars
import functools


class Switch:
    """An attribute that has its own value in every thread and task."""

    def __init__(self, value):
        self.variable = contextvars.ContextVar("switch", default=value)

    def __get__(self, config, owner):
        return self if config is None else self.variable.get()

    def __set__(self, config, value):
        self.variable.set(value)


class Switches:
    """What Config is: an object without attributes but the switches."""

    __slots__ = ()

    enable_backprop = Switch(True)  # whether functions remember
    train = Switch(True)  # whether a network learns or is tested

    winograd = Switch(False)  # whether 3 x 3 kernels may round more


Config = Switches()

is_recording = Switches.enable_backprop.variable.get

OLD_VALUES = contextvars.ContextVar("old values", default=())


class using_config:
    """A context manager: in its block, a switch has the value.

    It is used as `with using_config("enable_backprop", False):`, and
    gives the old value back at the end, also after an exception; or as
    a decorator of a function, which then runs in such a block. Other
    threads and tasks keep their own value. A generator suspended inside
    the block leaves the switch as it is for the code that runs it.

    Raises an AttributeError if Config has no switch of that name, and a
    TypeError if it decorates a generator or an async function.
    """

    def __init__(self, name, value):
        switches = [s for s in vars(Switches) if not s.startswith("_")]
        if name not in switches:
            raise AttributeError(
                f"using_config needs the name of a switch, got {name!r}; "
                f"Config has {', '.join(switches)}"
            )
        self.name, self.value = name, value

    def __enter__(self):
        old_value = getattr(Config, self.name)
        OLD_VALUES.set((*OLD_VALUES.get(), old_value))
        setattr(Config, self.name, self.value)

    def __exit__(self, *exception):
        *others, old_value = OLD_VALUES.get()
        OLD_VALUES.set(tuple(others))
        setattr(Config, self.name, old_value)

    def __call__(self, function):
        import inspect

        if (
            inspect.iscoroutinefunction(function)
            or inspect.isgeneratorfunction(function)
            or inspect.isasyncgenfunction(function)
        ):
            raise TypeError(
                f"{function.__name__} runs its body after the call; "
                "write `with no_grad():` inside it"
            )

        @functools.wraps(function)
        def inside(*args, **kwargs):
            with using_config(self.name, self.value):
                return function(*args, **kwargs)

        return inside


def no_grad():
    """Return a context manager: in its block, functions remember nothing.

    It is used as `with no_grad():` or as a decorator, `@no_grad()`; see
    using_config.
    """
    return using_config("enable_backprop", False)


def test_mode():
    """Return a context manager: in its block, networks are tested.

    Dropout and batch normalization act otherwise in training. It is
    used as `with test_mode():` or as a decorator; see using_config.
    """
    return using_config("train", False)


test_mode.__test__ = False  # pytest takes it for no test
