# SPDX-License-Identifier: GPL-2.0-or-later
"""crash gives up in the midst of an answer, by FATAL: that is told, nothing is printed that
looks whole, nothing is held that the next command could not find, and later answers are the
same. See giving_up.c."""
import os
import random

import cli

HELPER = os.path.join(cli.BUILD, 'giving_up.so')
LINES = ('xbt -A -j', 'stackof -m -j', 'stackinfo -j', 'tss -j', 'stackof -l -j',
         'xbt -A -l -j', 'entry -j', 'xbt -A', 'xbt -A -g', 'stackof -m', 'stackinfo',
         'xbt -c 0 --no-addresses', 'stackof jiffies..jiffies+0x20000 -j')
TRIES = 5
MOST = 65536  # bytes; an answer that is left where it is takes as much each time


def reload(session):
    """The next question has all to read."""
    session.command(f'extend -u {cli.EXTENSION}')
    session.command(f'extend {cli.EXTENSION}')


def counted(session, nth=''):
    """Readings since the last time, and bytes that are held."""
    return [int(word) for word in session.command(f'giveup {nth}').split()]


def given_up(suite, what, session, line, nth, path):
    counted(session, nth)
    session.command(f'{line} > {path}')
    with open(path, errors='replace') as f:
        text = f.read()
    suite.contains(f'{what}: is told', 'crash gave up: this is not all', text)
    suite.check(f'{what}: no document', '{ "schema"' not in text, 'none', text[:200])


def check(suite, dump, session, scratch):
    chance = random.Random(int(os.environ.get('SEED', '1')))
    path = os.path.join(scratch, 'answer')
    suite.contains(f'{dump.name}: {HELPER}', 'loaded', session.command(f'extend {HELPER}'))
    wanted = session.command('xbt -a')
    held = []
    for _ in range(2):
        for line in LINES:
            reload(session)
            counted(session)
            session.command(f'{line} > {path}')
            nr = counted(session)[0]
            reload(session)
            for _ in range(TRIES):
                nth = chance.randrange(1, nr + 1)
                given_up(suite, f'{dump.name}: {line}, the reading {nth} of {nr}', session,
                         line, nth, path)
            suite.equal(f'{dump.name}, behind {line}: xbt -a', wanted, session.command('xbt -a'))
        session.command(f'extend -u {cli.EXTENSION}')
        held.append(counted(session)[1])
        session.command(f'extend {cli.EXTENSION}')
    suite.check(f'{dump.name}: memory that is held behind it', held[1] - held[0] < MOST,
                f'< {MOST} more', held)
    suite.note(f'{dump.name}: gave up {2 * TRIES * len(LINES)} times; '
               f'{held[1] - held[0]} bytes are held')
