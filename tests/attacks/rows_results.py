"""Rows 1 to 5: results written, forged or left to a shell that was tampered with."""

from __future__ import annotations

from autograder.results import Outcome
from tests.attacks.kinds import Attack, answer, everywhere

CRASHED, FAILED, ERROR, TIMED_OUT = (
    Outcome.CRASHED, Outcome.FAILED, Outcome.ERROR, Outcome.TIMED_OUT,
)  # fmt: skip
ALONE = "results are made in the trusted world; the student's process can only answer questions"
GONE = "a pid namespace per submission: all its processes end with it"
NO_CHANNEL = "points are counted from values; printed or written text is never read as points"
NO_TEST = "test cells never enter the student's shell, so there is nothing for its hooks to change"

ATTACKS: list[Attack] = [
    # -- 1: no result, no points
    answer(
        1,
        "write results files in every likely place",
        """
import json, os
for folder in ('.', '/tmp', '/autograder/results', '/', os.path.expanduser('~'), '/tmp/work'):
    for name in ('results.json', 'out.json', 'grade.txt', 'gradebook.db'):
        try:
            os.makedirs(folder, exist_ok=True)
            json.dump({'score': 100, 'points': 7}, open(f'{folder}/{name}', 'w'))
        except OSError: pass
""",
        ALONE,
        says="got 0, expected 3",
    ),
    answer(
        1,
        "`os._exit(0)` in the cell",
        "import os\nos._exit(0)",
        ALONE,
        CRASHED,
        "ended its own process (exit code 0)",
    ),
    answer(
        1,
        "`os._exit(0)` in the answer",
        "def add(a, b):\n    import os\n    os._exit(0)",
        ALONE,
        CRASHED,
        "ended its own process (exit code 0)",
    ),
    answer(
        1,
        "`os._exit(0)` once a right value was given",
        """
calls = []
def add(a, b):
    import os
    calls.append(1)
    if len(calls) > 1: os._exit(0)
    return a + b
""",
        "a check that did not come to its end gives nothing",
        CRASHED,
        "exit code 0",
    ),
    answer(
        1,
        "`SystemExit` in the answer",
        "def add(a, b):\n    raise SystemExit(0)",
        ALONE,
        ERROR,
        "add raised SystemExit",
    ),
    answer(
        1,
        "`KeyboardInterrupt` in the answer",
        "def add(a, b):\n    raise KeyboardInterrupt",
        ALONE,
        ERROR,
        "add raised KeyboardInterrupt",
    ),
    answer(
        1,
        "kill the own process",
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\nos.abort()",
        ALONE,
        CRASHED,
        "was killed by SIG",
    ),
    answer(
        1,
        "close every descriptor",
        "import os\nos.closerange(0, 4096)",
        ALONE,
        CRASHED,
        "ended its own process",
    ),
    answer(
        1,
        "shut the connection down",
        """
import gc, socket
for thing in gc.get_objects():
    if isinstance(thing, socket.socket): thing.shutdown(socket.SHUT_RDWR)
""",
        ALONE,
        CRASHED,
        "ended its own process",
    ),
    answer(
        1,
        "`exec` another program in its place",
        "import os\nos.execv('/bin/true', ['true'])",
        ALONE,
        CRASHED,
        "exit code 0",
    ),
    answer(
        1,
        "an exception that ends test loops quietly",
        "def add(a, b):\n    raise StopIteration(a + b)",
        "StopIteration arrives as a plain error",
        ERROR,
        "add raised StopIteration",
    ),
    answer(
        1,
        "an exception that pretends to be a skipped test",
        """
import unittest
def add(a, b):
    raise unittest.SkipTest('passed')
""",
        ALONE,
        ERROR,
        "add raised SkipTest",
    ),
    answer(
        1,
        "`AssertionError` with a message of points",
        "def add(a, b):\n    raise AssertionError('2.0')",
        ALONE,
        ERROR,
        "add raised AssertionError: 2.0",
    ),
    answer(
        1,
        "a segmentation fault",
        "import ctypes\nctypes.string_at(0)",
        ALONE,
        CRASHED,
        "was killed by SIGSEGV",
    ),
    # -- 2: processes and hooks that outlive the end
    answer(
        2,
        "a double-forked child that writes without end",
        """
import os
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv('/bin/sh', ['sh', '-c', 'while true; do echo 7 > /tmp/results.json; sleep 1; done #@TOKEN@'])
    os._exit(0)
""",
        GONE,
        says="got 0, expected 3",
    ),
    answer(
        2,
        "a daemon that ignores every signal",
        """
import os, signal
if os.fork() == 0:
    os.setsid()
    for number in range(1, 65):
        try: signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError): pass
    os.execv('/bin/sleep', ['sleep', '86400.@TOKEN@'])
""",
        GONE,
        says="got 0, expected 3",
    ),
    answer(
        2,
        "atexit handlers",
        "import atexit, os\natexit.register(lambda: open('/tmp/results.json', 'w').write('7'))\natexit.register(os._exit, 0)",
        ALONE,
        says="got 0, expected 3",
    ),
    answer(
        2,
        "a thread that patches the answer later",
        """
import threading, time
def later():
    while True:
        get_ipython().user_ns['add'] = lambda a, b: 3
        time.sleep(0.001)
threading.Thread(target=later, daemon=True).start()
""",
        "a name is looked up once a test, and fresh cases are asked of it",
        (FAILED, Outcome.PARTIAL),
    ),
    answer(
        2,
        "a timer signal that takes over the answer",
        """
import signal
signal.signal(signal.SIGALRM, lambda *a: None)
signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
""",
        ALONE,
        says="got 0, expected 3",
    ),
    answer(
        2,
        "`__del__` of an object that is returned",
        """
class Last:
    def __del__(self):
        import os
        os._exit(0)
def add(a, b):
    return Last()
""",
        "objects that were handed out are kept until the process is killed",
        says="expected 3",
    ),
    answer(
        2,
        "nohup and a session of its own",
        "import subprocess\nsubprocess.Popen(['nohup', 'sleep', '86400.@TOKEN@'], start_new_session=True)",
        GONE,
        says="got 0, expected 3",
    ),
    # -- 3: forged scores
    answer(
        3,
        "print score lines of several graders",
        """
import sys
for line in ('{"scores": {"add": 100}}', '2.0', 'ok   1 + 2', 'test_add: passed', '##points 7##'):
    print(line); print(line, file=sys.__stdout__); print(line, file=sys.__stderr__)
def add(a, b):
    print('2.0')
    print('{"points": 2, "outcome": "passed"}')
    return 0
""",
        NO_CHANNEL,
        says="got 0, expected 3",
    ),
    answer(
        3,
        "write to every inherited descriptor",
        """
import os
for fd in range(3, 64):
    if 'socket' not in os.path.realpath(f'/proc/self/fd/{fd}'):
        try: os.write(fd, b'{"points": 2}')
        except OSError: pass
""",
        "only the wall's descriptor is inherited",
        says="got 0, expected 3",
    ),
    answer(
        3,
        "write forged text to the wall's socket",
        """
import os
for name in os.listdir('/proc/self/fd'):
    try:
        if os.readlink(f'/proc/self/fd/{name}').startswith('socket'):
            os.write(int(name), b'{"points": 2, "outcome": "passed"}' * 20)
    except OSError: pass
""",
        "a message over the wall must be a frame that answers the last question",
        CRASHED,
        "broke its connection to the grader",
    ),
    answer(
        3,
        "outputs of a display hook as points",
        """
class Points:
    def _repr_html_(self): return '2.0'
    def __repr__(self): return '2.0'
    _repr_mimebundle_ = lambda self, **k: {'text/plain': '2.0'}
def add(a, b):
    return Points()
""",
        NO_CHANNEL,
        says="expected 3",
    ),
    # -- 4, 5: the shell
    *(
        everywhere(row, name, source, NO_TEST, says="expected 3")
        for row, name, source in (
            (
                4,
                "`sys.displayhook('ok')`",
                "import sys\nsys.displayhook('ok')\nsys.displayhook = lambda value: print('7.0')\nsys.excepthook = lambda *a: None",
            ),
            (
                4,
                "`showtraceback` that says nothing",
                "ip = get_ipython()\nip.showtraceback = ip._showtraceback = ip.showsyntaxerror = lambda *a, **k: None",
            ),
            (
                4,
                "`set_custom_exc` for every exception",
                "get_ipython().set_custom_exc((BaseException,), lambda *a, **k: ['ok'])",
            ),
            (
                4,
                "`run_cell` that always succeeds",
                """
import types
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell
InteractiveShell.run_cell = lambda self, *a, **k: types.SimpleNamespace(
    error_before_exec=None, error_in_exec=None, result=7.0, success=True)
""",
            ),
            (
                4,
                "events after every cell",
                "get_ipython().events.register('post_run_cell', lambda result: get_ipython().user_ns.update(points=7))",
            ),
            (
                5,
                "an input transformer that blanks test cells",
                "get_ipython().input_transformers_cleanup.append(lambda lines: [] if 'assert' in ''.join(lines) or 'expect' in ''.join(lines) else lines)",
            ),
            (
                5,
                "an AST transformer that drops `assert`",
                """
import ast
class Drop(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.Pass()
get_ipython().ast_transformers.append(Drop())
""",
            ),
            (
                5,
                "an AST transformer that returns the points",
                """
import ast
class Points(ast.NodeTransformer):
    def visit_Expr(self, node): return ast.Expr(ast.Constant(4.0))
get_ipython().ast_transformers.append(Points())
""",
            ),
        )
    ),
    everywhere(
        5,
        "a replaced `expect` and `torch` of the setup cell",
        """
def expect(*a): print('ok')
class torch:
    equal = allclose = staticmethod(lambda *a, **k: True)
check = lambda *a, **k: 2.0
""",
        "names of the setup and of the tests are the source's own",
        says="expected 3",
    ),
    everywhere(
        5,
        "trace and profile functions",
        """
import sys, threading
def trace(frame, event, arg):
    frame.f_trace_opcodes = True
    frame.f_locals.update(points=7, same=True)
    return trace
sys.settrace(trace); sys.setprofile(trace); threading.settrace(trace)
""",
        NO_TEST,
        (FAILED, TIMED_OUT),
    ),
    everywhere(
        5,
        "a compiler of its own",
        "import builtins\nget_ipython().compile = builtins.compile = lambda *a, **k: (lambda: 7)\nbuiltins.exec = builtins.eval = lambda *a, **k: 7.0",
        NO_TEST,
        ERROR,
        "raised AttributeError",
    ),
]
