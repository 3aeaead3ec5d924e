# SPDX-License-Identifier: GPL-2.0-or-later
"""The extension in another machine's crash(8), run by qemu-user: `make check-cross-crash`.

Not collected with the others: $CRASH is that crash, with what runs it, and $CRASH_MACHINE
the folder of its machine's dumps. There one question takes seconds, so they are few: those
that ask everything, and some addresses.
"""
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import cli
import doors
import usage
from crash_session import Gone, Session
from suite import difference

PATIENCE = 1200  # seconds; crash looks through its namelist's symbols first
TEXTS = ('stackinfo', 'xbt -A', 'xbt -avr', 'entry -v', 'stackof -m', 'log')


@pytest.fixture(scope='module', params=cli.dumps(os.environ['CRASH_MACHINE']),
                ids=lambda dump: dump.name)
def dump(request):
    with cli.keep(request.param.vmcore), cli.keep(request.param.vmcore, request.param.namelist):
        yield request.param


def addresses(suite, dump):
    """Of each stack that a CPU is on: where it begins, and return addresses on it."""
    for chain in cli.ask(suite, 'xbt -a -j', dump.vmcore)['chains']:
        for segment in chain['segments']:
            yield segment['stack']['begin']
            yield from (f['return_address_at'] for f in segment['frames'][:2]
                        if f['return_address_at'])


def check_documents(suite, dump, session, at):
    words = tuple(dict.fromkeys(addresses(suite, dump)))[:90]  # crash takes 100
    for command, given in (('stackinfo -j', ()), ('xbt -A -j', ()), ('entry -j', ()),
                           ('stackof -j', words)):
        outside = cli.ask(suite, doors.outside_of(command), dump.vmcore, *given,
                          namelist=dump.namelist)
        inside = doors.ask(suite, command, session, ' '.join((command, *given)), at)
        if outside and inside:
            found = difference(outside, inside)
            suite.check(f'{command}: equal documents', not found, 'none',
                        f'CLI and crash: {found}')


def test_answers(suite, dump, at):
    session = None
    try:
        session = Session(dump.namelist, dump.vmcore, cwd=at, timeout=PATIENCE)
        usage.load(suite, dump, session)
        for command in TEXTS:
            doors.check_text(suite, dump, session, command)
        check_documents(suite, dump, session, at)
    except Gone as e:
        suite.check('the session goes on', False, 'a prompt', e)
    finally:
        if session:
            suite.equal('exit status of crash', 0, session.close())
