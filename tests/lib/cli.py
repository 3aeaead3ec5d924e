# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs build/stackinfo, and finds the dumps and their truth files."""
import contextlib
import json
import os
import signal
import subprocess

import kept
import schema

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get('B', os.path.join(TOP, 'build'))
DUMPS = os.path.join(TOP, 'testdata/dumps')
STACKINFO = os.environ.get('STACKINFO', os.path.join(BUILD, 'san/stackinfo'))
EXTENSION = os.environ.get('EXTENSION', os.path.join(BUILD, 'stackinfo.so'))
# What runs it, if it was built for another machine.
RUN = os.environ.get('RUN', '').split()

# A finding of a sanitizer must not look like the tool's own refusal (exit status 1).
SANITIZER_STATUS = 99
ENV = dict(os.environ, LC_ALL='C',
           ASAN_OPTIONS=f'exitcode={SANITIZER_STATUS}:detect_leaks=1:abort_on_error=0',
           UBSAN_OPTIONS=f'exitcode={SANITIZER_STATUS}:print_stacktrace=1:halt_on_error=1',
           LSAN_OPTIONS=f'exitcode={SANITIZER_STATUS}:print_suppressions=0:'
                        f'suppressions={TOP}/tests/lib/lsan.supp')


@contextlib.contextmanager
def unsanitized():
    """Meanwhile the program without sanitizers is asked, for what those saw elsewhere: it
    takes a tenth of the time. Another build, such as a mutant's, is asked throughout."""
    global STACKINFO
    asked = STACKINFO
    if STACKINFO == os.path.join(BUILD, 'san/stackinfo'):
        STACKINFO = os.path.join(BUILD, 'kept/stackinfo')
    try:
        yield
    finally:
        STACKINFO = asked


# Looking for leaks takes as long as all else that a short command does: each command is
# watched on each file once, by each process of the tests.
watched = set()


def watch(command, vmcore):
    if (command, vmcore) in watched:
        return False
    watched.add((command, vmcore))
    return True


UNWATCHED = dict(ENV, ASAN_OPTIONS=ENV['ASAN_OPTIONS'].replace('detect_leaks=1',
                                                               'detect_leaks=0'))

# Of the dumps that stay open, by (vmcore, namelist): what keeps each, by program.
open_dumps = {}


@contextlib.contextmanager
def keep(vmcore, namelist=None):
    """Meanwhile the questions about this dump are put to a process that has it open."""
    if (vmcore, namelist) in open_dumps:
        yield
        return
    keepers = open_dumps[vmcore, namelist] = {}
    try:
        yield
    finally:
        del open_dumps[vmcore, namelist]
        for keeper in keepers.values():
            keeper.close()


def keeper_of(vmcore, namelist):
    """None: this dump is opened for each question."""
    keepers = open_dumps.get((vmcore, namelist))
    if keepers is None or not kept.can_keep(STACKINFO):
        return None
    if STACKINFO not in keepers:
        keepers[STACKINFO] = kept.Keeper([*RUN, STACKINFO], vmcore, namelist, ENV)
    return keepers[STACKINFO]


class Dump:
    """Those of other machines than x86_64 are in a folder of their machine's name."""

    def __init__(self, name, machine=''):
        texts = os.path.join(DUMPS, machine, name)
        self.name = name
        self.machine = machine or 'x86_64'
        self.vmcore = os.path.join(BUILD, 'dumps', machine, name, 'vmcore')
        self.expect = texts + '.expect'
        self.sleepers = texts + '.sleepers'
        self.log = texts + '.log'
        with open(self.expect) as f:
            self.release = next(line.split()[1] for line in f if line.startswith('kernel '))

    @property
    def version(self):
        return tuple(int(n) for n in self.release.split('.')[:2])

    @property
    def namelist(self):
        return os.path.join(BUILD, 'dumps/namelist', self.release)


def dumps(machine=''):
    """Those named in DUMPS_ONLY, or every one that has a truth file."""
    only = os.environ.get('DUMPS_ONLY', '').split()
    names = sorted(f[:-7] for f in os.listdir(os.path.join(DUMPS, machine))
                   if f.endswith('.expect'))
    return [Dump(n, machine) for n in names if not only or n in only]


def other_machines():
    """The dumps of all of them."""
    folders = sorted(d for d in os.listdir(DUMPS) if os.path.isdir(os.path.join(DUMPS, d)))
    return [dump for folder in folders for dump in dumps(folder)]


class Result:
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    @property
    def crashed(self):
        """A signal, a sanitizer's finding, or too slow (None)."""
        return (self.status is None or self.status < 0 or self.status == SANITIZER_STATUS
                or 'Sanitizer' in self.err or 'runtime error:' in self.err)

    def json(self):
        return json.loads(self.out)


def run(command, vmcore, *args, namelist=None, timeout=60):
    argv = [STACKINFO]
    if namelist:
        argv += ['-n', namelist]
    argv += command.split() + [vmcore] + list(args)
    watched = watch(command, vmcore)
    keeper = keeper_of(vmcore, namelist)
    if keeper:
        status, out, err = keeper.ask(argv, watched, timeout)
    else:
        try:
            p = subprocess.run([*RUN, *argv], env=ENV if watched else UNWATCHED, timeout=timeout,
                               stdin=subprocess.DEVNULL, capture_output=True)
            status, out, err = p.returncode, p.stdout, p.stderr
        except subprocess.TimeoutExpired:
            status = -signal.SIGALRM
    if status == -signal.SIGALRM:
        return Result(None, '', f'no answer in {timeout} s')
    return Result(status, out.decode(errors='replace'), err.decode(errors='replace'))


# All was answered, but not all of it is certain.
DOUBT = 4


def ask(suite, command, vmcore, *args, doubt=False, **kw):
    """The JSON answer to a question that must succeed; None (and failed) otherwise.
    @doubt: it may be doubtful."""
    r = run(command, vmcore, *args, **kw)
    line = f'{os.path.basename(STACKINFO)} {command} {vmcore} {" ".join(args[:3])}'
    if not suite.check(f'{line}: succeeds', r.status in (0, DOUBT if doubt else 0), 'exit status 0',
                       f'{r.status}: {r.err[-2000:]}'):
        return None
    try:
        doc = r.json()
    except ValueError as e:
        suite.check(f'{line}: is JSON', False, 'one JSON document', f'{e}: {r.out[:300]!r}')
        return None
    suite.equal(f'{line}: what the schema does not allow', None, schema.problem(doc))
    return doc


def frames_of(chain):
    """All (segment, frame) of a chain, newest first."""
    return [(seg, f) for seg in chain['segments'] for f in seg['frames']]


def number(text):
    return int(text, 16)
