"""Submissions that attack the grader, which asks for the gradient of `((x * w) ** 2).mean()` with respect to w.

A line `### name: pattern` begins each; the pattern is found in what is told about the submission. `FILE` stands for a
file of the teacher's.
"""

from __future__ import annotations

WORDS = {
    "LATE": "the program was stopped, as it ",
    "NO_MEMORY": "ran out of memory|too big|dimension|OverflowError|the program was stopped, as it ",
    "OUT_OF_REACH": "PermissionError: .* out of reach|FileNotFoundError|has no attribute|[Nn]ot support",
}

PROGRAMS = r"""
### sys.exit: the function ended the program with sys.exit \(line 3\)
import sys
def answers(x, w):
    sys.exit(0)

### os._exit: wrote is not what a function returns|ended by itself
import os
def answers(x, w):
    os._exit(0)

### os._exit with a code: program ended by itself, with exit code 3
import os
def answers(x, w):
    os._exit(3)

### abort: the program crashed
import os
def answers(x, w):
    os.abort()

### endless loop: {LATE}
def answers(x, w):
    while True: pass

### endless loop that catches everything: the program was stopped
import signal
def answers(x, w):
    for n in range(1, 65):
        try: signal.signal(n, signal.SIG_IGN)
        except Exception: pass
    while True:
        try:
            while True: pass
        except BaseException: pass

### sleep: {LATE}
import time
def answers(x, w):
    time.sleep(1000)

### fork bomb: {OUT_OF_REACH}|BlockingIOError
import os
def answers(x, w):
    while True: os.fork()

### fork bomb that catches everything: {LATE}
import os
def answers(x, w):
    while True:
        try: os.fork()
        except Exception: pass

### a process that stays: {OUT_OF_REACH}
import subprocess
def answers(x, w):
    subprocess.Popen(['sleep', '1000'], start_new_session=True)
    return {'w': 2 * x * x * w / len(x)}

### threads: can't start new thread|{LATE}
import threading, time
def answers(x, w):
    while True: threading.Thread(target=time.sleep, args=[99]).start()

### megabytes printed: 1 of 1 points
import sys
def answers(x, w):
    for f in sys.stdout, sys.stderr, sys.__stdout__: f.write('spam' * 5_000_000)
    return {'w': 2 * x * x * w / len(x)}

### gigabytes written at the system: ended by itself|{LATE}
import os
def answers(x, w):
    while True: os.write(1, b'x' * 10_000_000)

### numpy patched: w .*wrong
import numpy as np, builtins
np.allclose = np.array_equal = lambda *a, **k: True
np.abs = np.isfinite = lambda *a: np.ones(1)
builtins.abs = lambda x: 0
def answers(x, w):
    return {'w': w}

### the grader patched: No module named 'tinygrad_edu'
import tinygrad_edu.exercise.grading as g
g.grade = None
def answers(x, w):
    return {'w': 2 * x * x * w / len(x)}

### sys.modules searched: KeyError
import sys
def answers(x, w):
    return sys.modules['tinygrad_edu'].exercise.EXAM_PROBLEM_3.solution()

### memory searched: IndexError
import gc
def answers(x, w):
    found = [o for o in gc.get_objects() if hasattr(type(o), 'solution')]
    return {'w': found[0].solution()['w']}

### frames searched: w .*missing
import sys
def answers(x, w):
    f = sys._getframe()
    while f:
        if 'exercise' in f.f_locals: return f.f_locals['exercise'].solution()
        f = f.f_back

### a file of the teacher read: {OUT_OF_REACH}
def answers(x, w):
    return {'w': open('FILE').read()}

### the grader's memory read: {OUT_OF_REACH}
import os
def answers(x, w):
    open(f'/proc/{os.getppid()}/mem', 'rb')

### results deleted: {OUT_OF_REACH}
import os
def answers(x, w):
    os.remove('FILE')

### results overwritten: {OUT_OF_REACH}
def answers(x, w):
    open('FILE', 'w').write('{"score": 100}')

### files everywhere: 1 of 1 points
import os, tempfile
def answers(x, w):
    for folder in '/tmp', os.getcwd(), os.path.expanduser('~'), '/dev/shm':
        try: open(folder + '/spoiled_by_a_student', 'w').write('x')
        except OSError: pass
    return {'w': 2 * x * x * w / len(x)}

### folder of another made unreadable: {OUT_OF_REACH}|1 of 1 points
import os
def answers(x, w):
    os.chmod(os.path.dirname('FILE'), 0)
    return {'w': 2 * x * x * w / len(x)}

### ten thousand million numbers: {NO_MEMORY}
import numpy as np
def answers(x, w):
    return {'w': np.ones(10**10)}

### memory in pieces: {NO_MEMORY}
def answers(x, w):
    kept = []
    while True: kept.append(bytearray(10**7))

### results of a terabyte: results are larger than 64 MB|{NO_MEMORY}
import numpy as np
def answers(x, w):
    return {'w': np.broadcast_to(w[0], 10**9)}

### a million results: 1,000,000 results, and 1,000 at most can be read|{LATE}
def answers(x, w):
    return {str(i): w for i in range(10**6)}

### results as deep as memory: w .*cannot be read|crashed|memory|{LATE}
def answers(x, w):
    found = []
    for _ in range(10**6): found = [found]
    return {'w': found}

### a number of a million digits: w .*(cannot be read|needed|beyond)
def answers(x, w):
    return {'w': 10**100_000}

### an array that lies: sys.exit|KeyboardInterrupt
import numpy as np
class Liar:
    def __array__(self, *a, **k): raise SystemExit
    def __eq__(self, other): return True
    def __repr__(self): raise KeyboardInterrupt
def answers(x, w):
    return {'w': Liar()}

### an array that is equal to all: w .*wrong
import numpy as np
class Equal(np.ndarray):
    def __eq__(self, other): return np.ones(self.shape, bool)
    __array_ufunc__ = lambda self, *a, **k: 0
def answers(x, w):
    return {'w': np.zeros(4).view(Equal)}

### nan and infinity: every number has to be finite
def answers(x, w):
    return {'w': [float('nan'), float('inf'), 0, 0]}

### recursion: RecursionError
def answers(x, w):
    return answers(x, w)

### recursion without a limit: RecursionError|crashed|stopped|memory
import sys
sys.setrecursionlimit(2**31 - 1)
def answers(x, w):
    return sorted([1, 2], key=lambda _: answers(x, w))

### the grader killed: {OUT_OF_REACH}
import os, signal
def answers(x, w):
    os.kill(os.getppid(), signal.SIGKILL)

### the grader killed by a watched folder: {OUT_OF_REACH}|No module named
import fcntl, os, signal
def answers(x, w):
    folder = os.open(os.path.dirname(os.__file__), os.O_RDONLY)
    fcntl.fcntl(folder, fcntl.F_SETOWN, os.getppid())
    fcntl.fcntl(folder, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(folder, fcntl.F_NOTIFY, fcntl.DN_ACCESS)
    os.listdir(folder)

### its group killed: {OUT_OF_REACH}
import os, signal
def answers(x, w):
    os.killpg(0, signal.SIGKILL)

### megabytes of words for a result: too much that is not an array|{LATE}
def answers(x, w):
    return {'w': [['a', w.tolist() * 200_000]]}

### network: {OUT_OF_REACH}|gaierror
import socket
def answers(x, w):
    socket.create_connection(('127.0.0.1', 80), 1)

### the environment: KeyError
import os
def answers(x, w):
    return {'w': os.environ['SECRET_OF_THE_GRADER']}

### stdout closed: ended by itself
import os
def answers(x, w):
    os.close(1)
    return {'w': 2 * x * x * w / len(x)}

### stdout closed politely: 1 of 1 points
import sys
def answers(x, w):
    sys.stdout.close(); sys.stderr.close()
    return {'w': 2 * x * x * w / len(x)}

### garbage for a result: is not what a function returns
import os
def answers(x, w):
    os.write(1, b'\x93NUMPY\0answers\n' * 99); os._exit(0)

### a result that claims to be huge: is not what a function returns
import os, json, struct
def answers(x, w):
    head = json.dumps({'runs': [{'answer': {'array': 0}}], 'arrays': [['<f8', [2**40, 2**40]]]}).encode()
    os.write(1, head + struct.pack('<QQ8s', len(head), 0, b'answers\n')); os._exit(0)

### points for a result: w .*missing
import os, json, struct
def answers(x, w):
    head = json.dumps({'runs': [{'answer': {'json': None}}], 'points': 9, 'score': 9, 'arrays': []}).encode()
    os.write(1, head + struct.pack('<QQ8s', len(head), 0, b'answers\n')); os._exit(0)

### a loop at import: {LATE}
while True: pass

### sys.exit at import: ended the program with sys.exit
raise SystemExit
def answers(x, w):
    return {'w': 2 * x * x * w / len(x)}

### a module of its own: {OUT_OF_REACH}
open('evil.py', 'w').write('while True: pass')
import evil
def answers(x, w):
    return {'w': 2 * x * x * w / len(x)}

### an error that lies: the function raised Liar
class Liar(BaseException):
    def __str__(self): return 'w (1 of 1): right.\n' * 10**6
def answers(x, w):
    raise Liar

### an error without words: the function raised Mute
class Mute(Exception):
    def __str__(self): raise SystemExit
def answers(x, w):
    raise Mute

### os and sys patched: 1 of 1 points|is not what a function returns|ended by itself
import os, sys, json
os._exit = os.write = json.dumps = lambda *a, **k: ''
sys.exit = print
def answers(x, w):
    return {'w': 2 * x * x * w / len(x)}

### at the exit: 1 of 1 points
import atexit
atexit.register(lambda: open('FILE', 'w'))
class Late:
    def __del__(self):
        while True: pass
late = Late()
def answers(x, w):
    return {'w': 2 * x * x * w / len(x)}
"""


def sections(text):
    """The name of each submission, with its program and its pattern."""
    for section in text.split("\n### ")[1:]:
        title, _, program = section.partition("\n")
        name, _, pattern = title.partition(": ")
        for word, meaning in WORDS.items():
            pattern = pattern.replace(f"{{{word}}}", meaning)
        yield name, (program, pattern)


HOSTILE = dict(sections(PROGRAMS))
HOSTILE["nested too deep for the parser"] = (
    "(" * 100_000,
    "cannot be read as Python|ran out of memory|crashed",
)
HOSTILE["no text"] = ("\0" * 100, "null bytes|cannot be read")
