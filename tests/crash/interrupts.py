# SPDX-License-Identifier: GPL-2.0-or-later
"""Ctrl-C at any moment: crash jumps out of commands by longjmp() from its SIGINT
handler. Whatever state that finds, later answers must be the same."""
import os
import random
import signal
import time

import cli
import doors
import giving_up
from suite import difference

INTERRUPTS = 56
STORM = float(os.environ.get('STORM', '0.25'))  # seconds for each command, twice
MOST = 131072  # bytes that crash may have lost of its own
FRESH = 'the first questions'
LAST = 'eval 424242'  # at the end of a loop: seen when the interrupt came too late


def loops(suite, dump):
    """(name, how long to wait at most, commands that run for seconds)."""
    tasks = cli.ask(suite, 'xbt -A -j', dump.vmcore, namelist=dump.namelist)
    slots = [f['return_address_at'] for c in tasks['chains'] for _, f in cli.frames_of(c)
             if f['return_address_at']]
    yield 'xbt -A', 0.25, ['xbt -A'] * 400
    yield 'xbt -A -j', 0.25, ['xbt -A -j > /dev/null'] * 400
    yield 'stackof', 0.25, [f'stackof -v {" ".join(slots[i:i + 40])}'
                            for i in range(0, len(slots), 40)] * 60
    # The first questions of a session: the interrupt meets tables being built.
    yield FRESH, 0.04, [f'stackof {slots[0]}', 'xbt -a'] + ['xbt -A'] * 400
    yield 'stackof < FILE', 0.25, [f'stackof < {dump.log}'] * 60
    yield 'stackof -m', 0.25, ['stackof -m', 'stackof -l'] * 100
    yield 'pipe', 0.25, ['xbt -A | cat'] * 200


def check(suite, dump, session, scratch):
    wanted = doors.ask(suite, f'{dump.name} before Ctrl-C', session, 'xbt -a -j', scratch)
    seed = int(os.environ.get('SEED', '1'))
    chance = random.Random(seed)
    files = []
    for i, (name, longest, lines) in enumerate(loops(suite, dump)):
        path = os.path.join(scratch, f'loop{i}')
        with open(path, 'w') as f:
            f.write('\n'.join(lines + [LAST, '']))
        files.append((name, longest, path))
    in_time = 0
    for i in range(INTERRUPTS):
        name, longest, path = files[i % len(files)]
        what = f'{dump.name} Ctrl-C {i + 1} (seed {seed}) in {name}'
        if name == FRESH:
            # Not within the loop: crash itself does not survive a Ctrl-C in dlopen().
            session.command(f'extend -u {cli.EXTENSION}')
            session.command(f'extend {cli.EXTENSION}')
        session.send(f'< {path}')
        end = time.monotonic() + chance.uniform(0.001, longest)
        seen = b''
        while time.monotonic() < end:
            seen += session.receive(end - time.monotonic())
        session.interrupt()
        text = session.settle()
        in_time += '424242' not in text
        came = doors.ask(suite, what, session, 'xbt -a -j', scratch)
        if came:
            suite.equal(f'{what}: xbt -a -j differs in', None, difference(wanted, came))
        suite.contains(f'{what}: crash answers', 'decimal: 42', session.command('eval 42'))
    suite.check(f'{dump.name}: interrupts that came in time', in_time >= 20, '>= 20', in_time)
    suite.note(f'{dump.name}: {INTERRUPTS} times Ctrl-C, {in_time} before the loop was over')


def storm_in(session, line, chance):
    """Several signals for each command, the next before the last one was dealt with."""
    end, sent = time.monotonic() + STORM, 0
    while time.monotonic() < end:
        session.send(line)
        for _ in range(chance.randrange(1, 5)):
            until = time.monotonic() + chance.uniform(0.0005, 0.009)
            while time.monotonic() < until:
                session.receive(until - time.monotonic())
            os.kill(session.process.pid, signal.SIGUSR1)  # see giving_up.c
            sent += 1
    session.settle(quiet=0.4)
    return sent


def open_files(session):
    """But for the terminal: crash itself opens that behind each command."""
    at = f'/proc/{session.process.pid}/fd'
    links = [os.readlink(os.path.join(at, fd)) for fd in os.listdir(at)]
    return sorted(link for link in links if link != '/dev/tty')


def storm(suite, dump, session):
    """Each meets a session that knows much, and one that has all to read; what the extension
    held is gone with it."""
    chance = random.Random(int(os.environ.get('SEED', '1')))
    lines = ('xbt -A', 'xbt -A -j > /dev/null', 'stackof -m', 'stackof -m -j > /dev/null',
             'stackinfo', 'stackinfo -j > /dev/null', 'tss -v', 'stackof -l', 'xbt -A -g')
    questions = 'xbt -a', 'stackof -m'
    wanted = [session.command(line) for line in questions]
    session.command(f'extend {giving_up.HELPER}')
    sent, held = 0, []
    for line in lines:
        sent += storm_in(session, line, chance)
        came = [session.command(question) for question in questions]
        suite.equal(f'{dump.name}, behind a storm in {line}', wanted, came)
        giving_up.reload(session)
        sent += storm_in(session, line, chance)
        came = [session.command(question) for question in questions]
        suite.equal(f'{dump.name}, behind a storm in the first {line}', wanted, came)
        session.command(f'extend -u {cli.EXTENSION}')
        held.append(giving_up.counted(session)[1])
        session.command(f'extend {cli.EXTENSION}')
    suite.check(f'{dump.name}: files that are open behind it', len(open_files(session)) < 32,
                '< 32', open_files(session))
    suite.check(f'{dump.name}: memory that is held behind it', held[-1] - held[0] < MOST,
                f'< {MOST} more', held)
    suite.note(f'{dump.name}: a storm of {sent} signals; {held[-1] - held[0]} bytes are held')
