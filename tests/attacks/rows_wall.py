"""Row 3 again, against the wall's own protocol: forged, early, doubled and malformed replies."""

from __future__ import annotations

from autograder.results import Outcome
from tests.attacks.kinds import FULL, Attack, answer, everywhere

FAILED, ERROR, CRASHED, TIMED_OUT = (
    Outcome.FAILED,
    Outcome.ERROR,
    Outcome.CRASHED,
    Outcome.TIMED_OUT,
)
NUMBERED = "replies carry the number of the question; any other ends the process"
CHECKED = "tags, types, shapes and lengths are checked before they are used"
ANYTHING = "the student's side may say anything; points need right values in fresh cases"
BROKE = "broke its connection to the grader"
HAVE = """
import gc, socket, struct, threading, time, msgpack
from autograder.student import server as engine
from autograder.student.server import Objects, Server
from autograder.wall import encoder
from autograder.wall.frames import Frame, send_frame
class Said(dict):
    def fields(self): return self
def _saying(self, name):
    found = object.__getattribute__(self, name)
    if not name.startswith('_do_'): return found
    def handler(asked):
        reply = found(asked)
        return Said(reply) if type(reply) is dict else reply
    return handler
Server.__getattribute__ = _saying
def server():
    return next(o for o in gc.get_objects() if isinstance(o, Server))
"""


def forged(
    name: str, source: str, stops: str, outcome: object = CRASHED, says: str = BROKE, **more: object
) -> Attack:
    return answer(3, name, HAVE + source, stops, outcome, says, **more)  # type: ignore[arg-type]


def node(
    name: str, tree: str, blobs: str = "", outcome: object = CRASHED, says: str = BROKE
) -> Attack:
    """Every value of a call is this node."""
    source = f"""
def reply(self, request):
    number, operation, _ = request.header
    if operation == 'call': return Frame([number, ['dict', ['value', {tree}]]], ({blobs}))
    return original(self, request)
original = Server._reply
Server._reply = reply
def add(a, b): return 0
"""
    return forged(name, source, CHECKED, outcome, says, earns=dict.fromkeys(FULL, 0.0))


def lies(
    name: str, source: str, outcome: object = (FAILED, ERROR, CRASHED), says: str = ""
) -> Attack:
    """An answering machine of its own; every answer is wrong."""
    return everywhere(
        3, name, f"{HAVE}{source}\ndef add(a, b): return object()", ANYTHING, outcome, says
    )  # type: ignore[arg-type]


ATTACKS: list[Attack] = [
    forged("replies in advance", "for number in range(1, 80): send_frame(server().sock, Frame([number, ['dict', ['value', 3]]]))", NUMBERED),
    forged("a reply sent twice", "original = Server._reply\ndef reply(self, request):\n    frame = original(self, request)\n    send_frame(self.sock, frame)\n    return frame\nServer._reply = reply", NUMBERED, FAILED, "got 0, expected 3", earns=dict.fromkeys(FULL, 0.0)),
    lies("the next reply guessed", "original = Server._reply\ndef reply(self, request):\n    frame = original(self, request)\n    self.late = Frame([frame.header[0] + 1, ['dict', ['value', 3]]])\n    threading.Timer(0.02, lambda: send_frame(self.sock, self.late)).start()\n    return frame\nServer._reply = reply"),
    lies("a child that answers in its parent's place", "import os\nif os.fork() == 0:\n    while True:\n        try: send_frame(server().sock, Frame([5, ['dict', ['value', 3]]]))\n        except BaseException: os._exit(0)\n        time.sleep(0.01)\n"),
    forged("frames of 4 GB", "server().sock.send(struct.pack('<IIQ', 0xffffffff, 0xffffffff, 0))", CHECKED, CRASHED, "a frame is larger than the limit"),
    forged("a blob of 2^63 bytes", "server().sock.send(struct.pack('<IIQ', 3, 1, 1 << 63))", CHECKED, CRASHED, "a value is larger than the limit"),
    forged("blobs whose lengths overflow", "server().sock.send(struct.pack('<IIQQQ', 3, 2, 1, (1 << 64) - 1, 2))", CHECKED, CRASHED, "do not add up"),
    forged("msgpack of 100,000 levels", "data = b'\\x91' * 100_000 + b'\\xc0'\nserver().sock.sendall(struct.pack('<IIQ', len(data), 0, 0) + data)", CHECKED, CRASHED, "not msgpack"),
    forged("msgpack extension types and timestamps", "data = b'\\x92\\x01' + b'\\xd6\\xff\\x00\\x00\\x00\\x00'\nserver().sock.sendall(struct.pack('<IIQ', len(data), 0, 0) + data)", CHECKED),
    forged("msgpack that promises four billion items", "data = b'\\xdd\\xff\\xff\\xff\\xff'\nserver().sock.sendall(struct.pack('<IIQ', len(data), 0, 0) + data)", CHECKED, CRASHED, "not msgpack"),
    forged("a map with keys that are lists", "data = b'\\x92\\x01\\x81\\x90\\xc0'\nserver().sock.sendall(struct.pack('<IIQ', len(data), 0, 0) + data)", CHECKED),
    forged("an HTTP request", "server().sock.sendall(b'GET / HTTP/1.1\\r\\nHost: grader\\r\\n\\r\\n' * 4)", CHECKED),
    forged("descriptors sent along", "socket.send_fds(server().sock, [b'\\0' * 8], [0, 1, 2])", CHECKED),
    *(
        node(name, tree, blobs)
        for name, tree, blobs in (
            ("an array of a malformed dtype", "['array', '(1,', [1], 0]", "b'x' * 4,"),
            ("an array of another malformed dtype", "['array', '(,)f4', [1], 0]", "b'x' * 4,"),
            ("an array of Python objects", "['array', '|O', [1], 0]", "b'x' * 8,"),
            ("an array of records", "['array', 'f4,f4', [1], 0]", "b'x' * 8,"),
            ("an array larger than its bytes", "['array', '<f4', [1 << 20, 1 << 20], 0]", "b'x' * 4,"),
            ("a tensor with a negative size", "['tensor', 'float32', [-1, -1], 0, None, False]", "b'x' * 4,"),
            ("a tensor whose sizes are texts", "['tensor', 'float32', ['1'], 0, None, False]", "b'x' * 4,"),
            ("a tensor of an unknown dtype", "['tensor', '__class__', [1], 0, None, False]", "b'x' * 4,"),
            ("a tensor of a blob that is not there", "['tensor', 'float32', [1], 7, None, False]", ""),
            ("a tag that names another method", "['all', [], 0]", ""),
            ("a tag of special characters", "['_' * 5000, 1]", ""),
            ("a tag that is a number", "[1, 2]", ""),
            ("a dictionary with keys that are lists", "['dict', [['list'], 1]]", ""),
            ("an endless range", "['range', 0, 1 << 62, 1]", ""),
            ("a range of step zero", "['range', 0, 1, 0]", ""),
            ("an integer of a million digits", "['int', '9' * 1_000_000]", ""),
            ("an integer that is no number", "['int', '0x10; import os']", ""),
            ("a text that is no UTF-8", "['text', 0]", "b'\\xff\\xfe',"),
            ("a device that is a number", "['device', 0]", ""),
            ("a device of no kind", "['device', 'grader:0']", ""),
            ("a handle whose list of kinds is no list", "['handle', 1, 5, 'f']", ""),
            ("a handle of the grader's", "['yours', 1]", ""),
            ("a set of sets of lists", "['set', ['list', 1]]", ""),
            ("a scalar of a whole array", "['scalar', ['array', '<f4', [2], 0]]", "b'x' * 8,"),
            ("a complex number of texts", "['complex', 'nan', []]", ""),
            ("values nested 500 levels deep", "eval('[\"list\",' * 90 + '1' + ']' * 90)", ""),
        )
    ),
    node("a handle that says it is a tensor", "['handle', 77, ['torch:Tensor', 'builtins:int'], 'add']", "", (FAILED, ERROR), "add raised KeyError"),
    node("a refused value with markup for a reason", "['refused', '<b>right</b>' * 1000]", "", FAILED, ""),
    node("objects in a list whose text is an object again", "['list', ['handle', 78, ['x:Y'], 'add']]", "", (FAILED, ERROR), ""),
    lies("every call answers seven", "Server._do_call = lambda self, *a: {'value': 7.0}\nServer._do_name = lambda self, name: {'value': 7.0}"),
    lies("every reply is an error of nothing", "Server._do_call = lambda self, *a: {'error': {}}"),
    lies("errors of odd built-in types", "Server._do_call = lambda self, *a: {'error': {'type': 'X', 'builtins': ['StopIteration', 'GeneratorExit', 'SystemExit', 'OSError', 'object'], 'text': 'x', 'traceback': ['y']}}"),
    lies("errors that say the grader failed", "Server._do_call = lambda self, *a: {'error': {'type': 'ImportError', 'builtins': ['ImportError'], 'text': 'The grader failed, not your code', 'traceback': ['  File \"<test_add>\", line 1']}}"),
    lies("errors whose text is an object", "Server._do_call = lambda self, *a: {'error': object()}\nServer._do_text = lambda self, *a: {'value': object()}\nServer._do_length = lambda self, *a: {'value': -5}"),
    lies("texts that are objects, without end", "Server._do_call = lambda self, *a: {'value': [object()]}\nServer._do_text = lambda self, *a: {'value': object()}"),
    lies("a right first value, then texts that are objects, without end", "calls = []\ndef call(self, *a):\n    calls.append(1)\n    return {'value': 3 if len(calls) == 1 else [object()]}\nServer._do_call = call\nServer._do_text = lambda self, *a: {'value': object()}"),
    lies("iterators that never end", "Server._do_next = lambda self, *a: {'done': False, 'value': [3]}\nServer._do_length = lambda self, *a: {'value': 1 << 62}"),
    lies("printed text that is no text", "from autograder.shell.shell import Cells\nCells.something_printed = True\nServer._do_printed = lambda self: {'stdout': object(), 'stderr': [object()], 'truncated': 'no'}"),
    lies("cells that report objects", "Server._do_cell = lambda self, *a: {'stdout': object(), 'error': {'type': object(), 'text': object(), 'traceback': [object()]}}"),
    lies("changes to arguments that are nonsense", "Server._do_call = lambda self, *a: {'value': 0, 'changed': [[object(), 'x'], {'k': object()}]}"),
    lies("changes of another shape, dtype and kind", "import torch, numpy\nServer._do_call = lambda self, *a: {'value': 0, 'changed': ((torch.ones(7), numpy.zeros(3)), {'x': torch})}"),
    lies("operation counts that are negative or texts", "Server._do_call = lambda self, *a: {'value': 0, 'operations': ['x' * 10**5] * 500, 'operation_count': -10**30}"),
    lies("several replies that are too many, none, or no replies", "from autograder.wall.encoder import Batch\nimport itertools\nturn = itertools.cycle(([], [3], [['dict', ['value', 3]]] * 50, [['dict', ['error', 3]]], [['handle', 1, ['builtins:list'], 'f']]))\nclass Lying(Batch):\n    nodes = property(lambda self: next(turn), lambda self, value: None)\nengine.Batch = Lying", (FAILED, ERROR, CRASHED)),
    lies("several replies that are all the first one's", "from autograder.wall.encoder import Batch\nclass Lying(Batch):\n    def add(self, encode):\n        kept = Batch.add(self, encode)\n        self.nodes[:] = self.nodes[:1] * len(self.nodes)\n        return kept\nengine.Batch = Lying"),
    lies("a name for everything", "import builtins\nclass Any(dict):\n    def __getitem__(self, name): return lambda *a, **k: 3\nserver().cells.shell.user_ns = Any()"),
    lies("encoders that send arbitrary bytes", "encoder.Encoder.encode = engine.Encoder.encode = lambda self, value, depth=0: ['dict', ['value', 3], ['error', None]]", (FAILED, ERROR, CRASHED)),
    lies("objects that claim to be torch's classes", "Objects.lend = lambda self, v: ['handle', 1, ['torch:Tensor', 'torch.nn.modules.module:Module', 'torch.nn.modules.container:OrderedDict', 'torch:_inductor'], 'f']"),
]  # fmt: skip
