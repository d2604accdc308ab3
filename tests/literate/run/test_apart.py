"""What an experiment does to its process: a finding with its line, and everybody else goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from literate.run.sessions import results, unsteady

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="signals and forks")]


def experiments(*codes):
    """A chapter of experiments."""
    return "\n\n".join(f"```python\n{textwrap.dedent(code).strip()}\n```" for code in codes)


@pytest.fixture
def run(book_of):
    """A function that runs a chapter of these experiments."""

    def run(*codes, **options):
        book = book_of(experiments(*codes))
        (found,) = results(book.sessions, book.project, **options)
        return found

    return run


DEATHS = {
    "os._exit": ("import os\n\n\ndef leave():\n    os._exit(3)\n\n\nleave()", 12, "exit code 3"),
    "a signal": ("import os, signal\nos.kill(os.getpid(), signal.SIGTERM)", 9, "the signal SIGTERM"),
    "a signal that nobody can catch": (
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
        7,
        "the signal SIGKILL",
    ),
    "a segmentation fault": ("import ctypes\n\nctypes.string_at(0)", 10, "the signal SIGSEGV"),
    "an abort": ("import os\n\n\nos.abort()", 11, "the signal SIGABRT"),
    "an exit of a thread": (
        "import os, threading\nt = threading.Thread(target=os._exit, args=(4,))\nt.start()\nt.join()",
        10,
        "exit code 4",
    ),
}


@pytest.mark.parametrize(("code", "line", "said"), DEATHS.values(), ids=DEATHS)
def test_a_death_is_a_finding_at_its_line_and_what_came_before_is_kept(run, code, line, said):
    before, died = run("print(1, end='')", code, "never = 1")

    assert before.output == "1"
    assert [(f.path, f.line) for f in died.findings] == [("docs/step01-chapter.md", line)]
    assert said in died.findings[0].message


def test_what_a_dead_experiment_put_out_is_kept(run):
    (died,) = run("import os\nprint('so far')\nos._exit(1)")

    assert died.output == "so far\n"


STUCK = {
    "an endless loop": ("x = 0\nwhile True:\n    x += 1", {5, 6}, "takes longer than 0.2 s"),
    "a loop that catches everything once": (
        "while True:\n    try:\n        while True:\n            1\n    except BaseException:\n        2",
        {4, 5, 6, 7, 8, 9},
        "waits for something that does not come",
    ),
    "a lock": (
        "import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()",
        {7},
        "waits for something",
    ),
    "a sum in C": ("sum(x for x in iter(int, 1))", {4}, "takes longer than 0.2 s"),
    "a loop in C": ("n = 10**13\nsum(range(n))", {5}, "waits for something"),
}


@pytest.mark.parametrize(("code", "lines", "said"), STUCK.values(), ids=STUCK)
def test_what_never_ends_is_stopped_where_it_is(run, code, lines, said):
    (result,) = run(code, limit=0.2)

    (finding,) = result.findings
    assert said in finding.message
    assert finding.line in lines


def test_waiting_on_a_busy_machine_is_no_endless_loop(run):
    (result,) = run("import time\ntime.sleep(0.5)", limit=0.3)

    assert not result.findings


def test_a_thread_that_never_ends_is_told_at_its_line(run):
    code = "import threading\n\n\ndef wait():\n    event.wait()\n\n\nevent = threading.Event()"

    (_, result) = run(code, "threading.Thread(target=wait, name='T').start()")

    (finding,) = result.findings
    assert finding.line == 8
    assert finding.message == "the thread T never ends; join it, or make it a daemon"


def test_a_child_by_multiprocessing_cannot_find_the_experiment_and_does_not_hang_it(run):
    code = """
        import multiprocessing


        def work():
            print("worked")


        process = multiprocessing.get_context("spawn").Process(target=work)
        process.start()
        process.join()
        assert process.exitcode == 0
        """

    (result,) = run(code)

    assert "AttributeError" in result.output
    assert result.findings[0].line == 14


def test_what_a_session_leaves_running_is_ended(run):
    (result,) = run("import subprocess\nprint(subprocess.Popen(['sleep', '60']).pid)")

    process, patience = int(result.output), time.monotonic() + 20
    while time.monotonic() < patience and _runs(process):
        time.sleep(0.05)
    assert not _runs(process)


def _runs(process):
    try:
        os.kill(process, signal.SIG_DFL)
    except ProcessLookupError:
        return False
    with open(f"/proc/{process}/stat") as file:
        return file.read().split()[2] != "Z"


# --- output ---------------------------------------------------------------------------------------

CAPTURED = {
    "a handler of logging from before": (
        [
            "import logging\nlogging.basicConfig(format='%(message)s')",
            "print(1)\nlogging.warning(2)\nprint(3)",
        ],
        "1\n2\n3\n",
    ),
    "a stream kept from before": (
        ["import sys\nout = sys.stdout", "print(1)\nout.write('2\\n');\nprint(3)"],
        "1\n2\n3\n",
    ),
    "the original stream": (["import sys", "print(1)\nprint(2, file=sys.__stderr__)\nprint(3)"], "1\n2\n3\n"),
    "the descriptors": (["import os", "print(1)\nos.write(2, b'2\\n');\nprint(3)"], "1\n2\n3\n"),
    "a child": (
        ["import subprocess", "print(1)\nsubprocess.run(['echo', '2']);\nprint(3)"],
        "1\n2\n3\n",
    ),
    "a fork": (
        [
            "import os",
            "print(1)\nif not os.fork():\n    print(2)\n    os._exit(0)\nos.wait();\nprint(3)",
        ],
        "1\n2\n3\n",
    ),
    "a fork that forgot to end": (
        [
            "import os",
            "if (child := os.fork()):\n    os.waitpid(child, 0);\n    print('parent')",
            "print('once')",
        ],
        "once\n",
    ),
}


@pytest.mark.parametrize(("codes", "output"), CAPTURED.values(), ids=CAPTURED)
def test_all_that_is_written_is_the_output_in_order(run, codes, output):
    *_, last = run(*codes)

    assert (last.output, last.raised) == (output, "")


def test_nobody_answers_input(run):
    (result,) = run("input()")

    assert result.raised.startswith("EOFError")


def test_an_experiment_that_puts_out_without_end_is_told_so(run):
    (result,) = run("print('x' * 2_000_000)")

    assert result.findings[0].message == "ValueError: puts out 2,000,001 letters; make it smaller"


@pytest.mark.parametrize("seed", ["0", "1"])
def test_hashes_are_those_of_the_seed_in_each_process(book_of, seed):
    book = book_of(experiments("print(hash('a'))"), experiments("print(hash('a'))"))
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    command = [sys.executable, "-c", "print(hash('a'))"]
    expected = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    (first,), (second,) = results(book.sessions, book.project, seed=seed)

    assert (first.output, second.output) == (expected, expected)


UNSTEADY = {
    "random numbers": "import random\nprint(random.random())",
    "the order of a set": "print(*{str(n) for n in range(50)})",
    "the time": "import time\nprint(time.time_ns())",
    "an address": "print(object())",
}


@pytest.mark.parametrize("code", UNSTEADY.values(), ids=UNSTEADY)
def test_what_is_never_the_same_twice_is_found(book_of, code):
    book = book_of(experiments("print(1)", code))

    once, again = (results(book.sessions, book.project, seed=seed)[0] for seed in ("0", "1"))

    (finding,) = unsteady(once, again)
    assert finding.line == 7
    assert "is never the same twice: " in finding.message
    assert finding.message.endswith("; seed what is random, sort what has no order, or do not print it")


def test_tracebacks_name_the_pages_and_no_folder_of_this_machine(run):
    code = "import traceback\n\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n    traceback.print_exc()"

    (result,) = run(code)

    assert 'File "docs/step01-chapter.md", line 7, in <module>\n    1 / 0\n' in result.output


def test_a_traceback_through_the_package_names_its_file(book_of):
    fragment = '```python title="src/dezero.py"\nclass A:\n    x = property(lambda self: 1 / 0)\n```'
    code = (
        "import dezero, traceback\ntry:\n    dezero.A().x\nexcept ArithmeticError:\n    traceback.print_exc()"
    )
    book = book_of(fragment + "\n\n" + experiments(code))

    ((result,),) = results(book.sessions, book.project)

    assert str(book.project.root) not in result.output
    assert "@" not in result.output
