# SPDX-License-Identifier: GPL-2.0-or-later
"""Every command where something is scarce: descriptors, memory, stack, time, room on a disk;
with standard streams that are full, closed or not read; and ended by a signal.

The lines are the examples of each command's help, so a new command is among them.
"""
import os
import random
import re
import resource
import shlex
import signal
import subprocess
import time

import cli
import examples
import streams

OK, FAILED, USAGE, NO_DUMP, DOUBT = range(5)
TOLD = b'could not be written'
MORE = ('vmcore', 'vmcore -v', 'vmcore -j', '-n vmlinux xbt -A -j vmcore', 'tss -j vmcore',
        'stackof -m -j vmcore', 'log vmcore', 'oops -j oops.txt', 'sum -j reports.json', 'help',
        '--version', '--batch vmcore vmcore', '--batch -J 2 xbt -A vmcore vmcore vmcore')
# A stack, in KiB, that is enough with what the limit allows, and one that never is.
STACK, NO_STACK = 64, 96
PARTS = '.vmcore.'   # a small dump that is not whole
# By these a user, or a limit, ends a process.
ENDING = signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGXCPU
LINES = 150000   # of a text: more than a second


class Lines:
    """Each line, with what it answers when nothing is scarce."""

    def __init__(self, at):
        self.at = at
        listed = [line for lines in examples.of_help(at).values() for line in lines]
        words = [shlex.split(line)[1:] for line in listed]
        # Packing takes longest; with what is left out it ends no other way.
        self.truth = {tuple(argv): None for argv in words + [m.split() for m in MORE]
                      if '--no-log' not in argv}
        for argv in list(self.truth):
            self.truth[argv] = self.run(argv)
            if self.truth[argv].returncode not in (OK, DOUBT):  # another machine's
                del self.truth[argv]

    def files(self):
        return [f for f in os.listdir(self.at) if f.endswith('.vmcore') or PARTS in f]

    def contents(self):
        found = []
        for name in self.files():
            with open(os.path.join(self.at, name), 'rb') as f:
                found.append(f.read())
        return found

    def start(self, argv, pre=None, stdout=subprocess.PIPE):
        for name in self.files():
            os.unlink(os.path.join(self.at, name))
        return subprocess.Popen([streams.PLAIN, *argv], cwd=self.at, env=cli.ENV,
                                preexec_fn=pre, stdin=subprocess.DEVNULL, stdout=stdout,
                                stderr=subprocess.PIPE)

    def run(self, argv, pre=None, stdout=subprocess.PIPE):
        with self.start(argv, pre, stdout) as p:
            out, err = p.communicate(timeout=60)
        return subprocess.CompletedProcess(argv, p.returncode, out, err)


def limited(what, value):
    return lambda: resource.setrlimit(what, (value, value))


def scarce(suite, lines, name, pre, among=None):
    """The answer, or a message and no answer that looks like one; and an end."""
    for argv, truth in lines.truth.items():
        if among and argv[0] not in among:
            continue
        what = f'{name}: {" ".join(argv)}'
        p = lines.run(argv, pre)
        suite.check(f'{what}: exit status', p.returncode in range(5), 'a status',
                    f'{p.returncode}: {p.stderr[-300:]}')
        suite.check(f'{what}: the answer, or a message', p.stderr or
                    (p.returncode, p.stdout) == (truth.returncode, truth.stdout) or
                    b'"errors": [ "' in p.stdout, 'one of both', p.stdout[-300:])
        suite.check(f'{what}: done means all of it', p.returncode not in (OK, DOUBT) or
                    (p.returncode, p.stdout) == (truth.returncode, truth.stdout), 'the answer',
                    p.stdout[-300:])
        suite.check(f'{what}: nothing died', b'by signal' not in p.stdout, 'no signal',
                    p.stdout[-300:])
        suite.check(f'{what}: no file, or a whole one', not p.returncode or not lines.files(),
                    'no file', lines.files())


def full(suite, lines):
    for argv in lines.truth:
        what = f'{" ".join(argv)}, to a full disk'
        with open('/dev/full', 'w') as out:
            p = lines.run(argv, stdout=out)
        suite.equal(f'{what}: exit status', FAILED, p.returncode)
        suite.equal(f'{what}: is told once', (1, 1),
                    (p.stderr.count(TOLD), len(p.stderr.splitlines())))


def closed(suite, lines):
    """Neither what is read nor what is written takes the place of a stream."""
    for fds in (0, 2), (1,), (0, 1, 2):
        for argv, truth in lines.truth.items():
            what = f'{" ".join(argv)}, without {fds}'
            p = lines.run(argv, lambda fds=fds: [os.close(fd) for fd in fds])
            suite.equal(f'{what}: exit status', FAILED if 1 in fds else truth.returncode,
                        p.returncode)
            if 1 not in fds:
                suite.check(f'{what}: the answer', p.stdout == truth.stdout)
            elif 2 not in fds:
                suite.equal(f'{what}: is told once', 1, p.stderr.count(TOLD))


def not_read(suite, lines):
    for argv in lines.truth:
        reader, writer = os.pipe()
        os.close(reader)
        p = lines.run(argv, stdout=writer)
        os.close(writer)
        suite.equal(f'{" ".join(argv)}: nobody reads: ends quietly', (-signal.SIGPIPE, b''),
                    (p.returncode, p.stderr))


def default():
    """Whoever started the tests may ignore them, as nohup does."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for sig in ENDING:
        signal.signal(sig, signal.SIG_DFL)


def ignored(suite, lines):
    """With nohup it goes on where the terminal ends."""
    for argv in [argv for argv in lines.truth if argv[0] == 'pack']:
        p = lines.start(argv, lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        time.sleep(0.1)
        p.send_signal(signal.SIGHUP)
        out, err = p.communicate(timeout=60)
        wanted = lines.truth[argv]
        suite.equal(f'{" ".join(argv)}, SIGHUP ignored', (wanted.returncode, b''),
                    (p.returncode, err))


def told(suite, lines):
    """The user ends it, at any moment."""
    chance = random.Random(14)
    for argv, truth in lines.truth.items():
        lines.run(argv)
        written = lines.contents()
        for sig in ENDING:
            p = lines.start(argv, default)
            for _ in range(chance.choice((1, 1, 3))):
                time.sleep(chance.uniform(0.001, 0.5 if argv[0] == 'pack' else 0.03))
                p.send_signal(sig)
            out, err = p.communicate(timeout=60)
            what = f'{" ".join(argv)}, {sig.name}'
            suite.check(f'{what}: ends by it, or before', p.returncode == -sig or
                        (p.returncode, out) == (truth.returncode, truth.stdout),
                        -sig, f'{p.returncode}: {err}')
            suite.equal(f'{what}: ends quietly', b'', err)
            suite.equal(f'{what}: no part of a file', [],
                        [f for f in lines.files() if PARTS in f])
            suite.check(f'{what}: no file, or a whole one', lines.contents() in ([], written))


def open_when_read(fifo, until=20):
    """Refused as long as nobody reads from it."""
    end = time.monotonic() + until
    while True:
        try:
            return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.01)


def alone(suite, at):
    """What a batch has begun ends with it."""
    fifo = os.path.join(at, 'fifo')
    os.mkfifo(fifo)
    with subprocess.Popen([streams.PLAIN, '--batch', 'stackof', '-f', 'fifo', 'vmcore'], cwd=at,
                          stdout=subprocess.PIPE) as p:
        writer = open_when_read(fifo)
        p.terminate()
        suite.equal('a batch is ended: by the signal', -signal.SIGTERM, p.wait(60))
        time.sleep(0.2)
        try:
            os.write(writer, b'text\n')
        except BrokenPipeError:
            pass  # as it should be
        os.close(writer)
        suite.equal('a batch is ended: no answer', b'', p.stdout.read())


def stacks(suite, lines):
    scarce(suite, lines, f'ulimit -S -s {STACK}', lambda: resource.setrlimit(
        resource.RLIMIT_STACK, (STACK << 10, resource.RLIM_INFINITY)))
    p = lines.run(['vmcore'], limited(resource.RLIMIT_STACK, NO_STACK << 10))
    suite.equal(f'ulimit -s {NO_STACK}: is told', (FAILED, b'', True),
                (p.returncode, p.stdout, b'ulimit -s' in p.stderr))


def streams_of(suite, lines):
    full(suite, lines)
    closed(suite, lines)
    not_read(suite, lines)


def signals(suite, lines):
    told(suite, lines)
    ignored(suite, lines)
    alone(suite, lines.at)


def little(suite, lines):
    for nr in 4, 6, 9:
        scarce(suite, lines, f'ulimit -n {nr}', limited(resource.RLIMIT_NOFILE, nr))
    many = ['--batch', '-J', '3', 'tss', *['vmcore'] * 5]
    p = lines.run(many, limited(resource.RLIMIT_NOFILE, 6))
    suite.check('ulimit -n 6, --batch -J 3: the descriptors are those of the dump that is read',
                p.stdout == lines.run(many).stdout, 'the answers', p.stdout[-200:])
    for size in 0, 1 << 16:
        scarce(suite, lines, f'ulimit -f: {size}', limited(resource.RLIMIT_FSIZE, size))
    stacks(suite, lines)
    scarce(suite, lines, 'ulimit -u 0', limited(resource.RLIMIT_NPROC, 0), ('--batch',))
    for kib in 20000, 28000, 36000, 48000:
        scarce(suite, lines, f'ulimit -v {kib}', limited(resource.RLIMIT_AS, kib << 10))
    for kib in 2000, 6000, 12000:
        scarce(suite, lines, f'ulimit -d {kib}', limited(resource.RLIMIT_DATA, kib << 10))


def with_list(lines, names, limits):
    """A batch over that many names, of no files; its process as it ended, what it wrote."""
    path = os.path.join(lines.at, 'list')
    with open(path, 'w') as f:
        f.writelines(f'no{i}\n' for i in range(names))
    with open(path) as f, open(os.path.join(lines.at, 'out'), 'w+') as out, \
            open(os.path.join(lines.at, 'err'), 'w+') as err:
        p = subprocess.Popen([streams.PLAIN, '--batch', '-J', '3', 'tss'], cwd=lines.at,
                             env=cli.ENV, stdin=f, stdout=out, stderr=err,
                             preexec_fn=lambda: [resource.setrlimit(*one) for one in limits])
        _, status, usage = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        return p.returncode, out.read().splitlines(), err.read(), usage


def long_list(suite, lines):
    """What a batch takes does not grow with its list."""
    took = []
    for names in 40, 2000:
        status, out, err, usage = with_list(lines, names, [(resource.RLIMIT_NOFILE, (16, 16))])
        suite.equal(f'{names} names: how it ends', (FAILED, names, ''), (status, len(out), err))
        took.append(usage.ru_maxrss)
    suite.check('2000 names: memory', took[1] - took[0] < 512, f'{took[0]} KiB', took[1])


def little_time(suite, lines):
    """ulimit -t: of a dump, and of the batch itself."""
    with open(os.path.join(lines.at, 'long.txt'), 'w') as f:
        f.writelines(f'ffffffff81{i:06x} ffffffff82{i:06x}\n' for i in range(LINES))
    for limit in (1, 1), (1, resource.RLIM_INFINITY):
        p = lines.run(['--batch', 'stackof', '-f', 'long.txt', 'vmcore', 'vmcore'],
                      lambda limit=limit: resource.setrlimit(resource.RLIMIT_CPU, limit))
        suite.equal(f'ulimit -t {limit}: exit status', (FAILED, b''), (p.returncode, p.stderr))
        suite.equal(f'ulimit -t {limit}: is told of each dump', 2, len(re.findall(
            rb'"dump": "vmcore", .* "no answer within 1 s of CPU time \(ulimit -t\)" \]',
            p.stdout)))
    status, out, err, _ = with_list(lines, 40000, [(resource.RLIMIT_CPU, (1, 1))])
    suite.equal('ulimit -t 1 of the batch: exit status', FAILED, status)
    suite.equal('ulimit -t 1 of the batch: the first that is not read', [str(len(out))],
                re.findall(r'^stackinfo: no CPU time is left \(ulimit -t\); '
                           r'not read from here on: no(\d+)$', err, re.M))


TESTS = (streams_of, signals, little, long_list, little_time)


def check(suite, at, dump, elf, part):
    examples.prepare(at, dump, elf)
    with open(dump.vmcore, 'rb') as f:
        before = f.read()
    part(suite, Lines(at))
    with open(dump.vmcore, 'rb') as f:
        suite.check('nothing is written to the dump', f.read() == before)
