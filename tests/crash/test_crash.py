# SPDX-License-Identifier: GPL-2.0-or-later
"""The extension in the real crash(8). See ../tests.mk."""
import os
import shutil
import sys
from contextlib import contextmanager

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import cli
import damage
import doors
import giving_up
import interrupts
import monitor
import slabs
import states
import usage
from crash_session import Gone, Session, can_open, crash_version, options_for

VERSION = crash_version() if shutil.which('crash') else None
DUMPS = [d for d in cli.dumps() if VERSION and can_open(d, VERSION)]
# Misuse and damage are the same on every kernel: tried on one.
ONE_KERNEL = [d for d in DUMPS if d.version == (6, 1) and not options_for(d)]
DAMAGED = [d for d in ONE_KERNEL if damage.can_damage(d)]


def of(dumps):
    return pytest.mark.parametrize('dump', dumps, ids=lambda dump: dump.name)


@contextmanager
def session_of(suite, dump, at, *options, vmcore=None):
    """A session with the extension; that it ends early fails, and so does its status."""
    session = None
    try:
        session = Session(*options, *options_for(dump), dump.namelist,
                          vmcore or dump.vmcore, cwd=at)
        with cli.keep(dump.vmcore), cli.keep(dump.vmcore, dump.namelist):
            yield session
    except Gone as e:
        suite.check('the session goes on', False, 'a prompt', e)
    finally:
        if session:
            suite.equal('exit status of crash', 0, session.close())


def test_crash_is_there(suite):
    suite.check('crash is installed', VERSION, 'crash in $PATH', None)
    suite.note(f'crash {".".join(map(str, VERSION or ()))}: opens {len(DUMPS)} of '
               f'{len(cli.dumps())} dumps')


# The dump with the most stacks to be interrupted in.
@of(d for d in DUMPS if d.name == '6.1-nmi-panic')
def test_interrupts(suite, dump, at):
    with session_of(suite, dump, at) as session:
        usage.load(suite, dump, session)
        interrupts.check(suite, dump, session, at)
        interrupts.storm(suite, dump, session)


@of(d for d in DUMPS if d.name == '6.1-nmi-panic')
def test_giving_up(suite, dump, at):
    with session_of(suite, dump, at) as session:
        usage.load(suite, dump, session)
        giving_up.check(suite, dump, session, at)


@pytest.mark.answers
@of(DUMPS)
def test_answers(suite, dump, at):
    with session_of(suite, dump, at) as session:
        usage.load(suite, dump, session)
        doors.check(suite, dump, session, at)
        states.check(suite, dump, session)
        slabs.check(suite, dump, session)


@of(ONE_KERNEL)
def test_usage(suite, dump, at):
    with session_of(suite, dump, at) as session:
        usage.load(suite, dump, session)
        usage.check(suite, dump, session, at)


@of(DUMPS[:1])
def test_minimal(suite, dump, at):
    with session_of(suite, dump, at, '--minimal') as session:
        usage.check_minimal(suite, dump, session)


# QEMU's, of a kernel whose entry code every crash survives.
@pytest.mark.parametrize('kind', monitor.FORMATS)
@of(d for d in DUMPS if d.name == '5.10-entry')
def test_monitor(suite, dump, at, kind):
    with session_of(suite, dump, at, vmcore=monitor.snapshot(dump, at, kind)) as session:
        usage.load(suite, dump, session)
        monitor.check(suite, dump, session, at, kind)


@pytest.mark.long
@pytest.mark.parametrize('way', damage.WAYS + (damage.LISTS,))
@of(DAMAGED)
def test_damage(suite, dump, at, way):
    damage.check(suite, dump, at, way)
