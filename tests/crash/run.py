# SPDX-License-Identifier: GPL-2.0-or-later
"""The extension in the real crash(8). See ../tests.mk."""
import os
import shutil
import sys
import tempfile
import traceback
from concurrent.futures import ProcessPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '../lib'), HERE]

import cli
import damage
import doors
import interrupts
import usage
from crash_session import Gone, Session, can_open, crash_version, options_for
from suite import Suite


def in_session(what, options, dump, *checks):
    """Run checks in one session; that it ends early fails, and so does its status."""
    suite = Suite('crash')
    session = None
    with tempfile.TemporaryDirectory() as scratch:
        try:
            session = Session(*options, *options_for(dump), dump.namelist, dump.vmcore, cwd=scratch)
            for check in checks:
                check(suite, dump, session, scratch)
        except Gone as e:
            suite.check(f'{dump.name} {what}: the session goes on', False, 'a prompt', e)
        except Exception:
            suite.check(f'{dump.name} {what}: goes on to its end', False, 'an end',
                        traceback.format_exc())
        if session:
            suite.equal(f'{dump.name} {what}: exit status of crash', 0, session.close())
    return suite.passed, suite.failed


def ordinary(dump):
    return in_session('session', [], dump, lambda s, d, c, _: usage.load(s, d, c),
                      doors.check, usage.check)


def same_answers(dump):
    return in_session('session', [], dump, lambda s, d, c, _: usage.load(s, d, c),
                      doors.check)


def minimal(dump):
    return in_session('minimal session', ['--minimal'], dump,
                      lambda s, d, c, _: usage.check_minimal(s, d, c))


def interrupted(dump):
    return in_session('interrupted session', [], dump,
                      lambda s, d, c, _: usage.load(s, d, c), interrupts.check)


def run_job(job):
    return job[0](*job[1:])


def main():
    suite = Suite('crash')
    if not suite.check('crash is installed', shutil.which('crash'), 'crash in $PATH', None):
        return suite.end()
    version = crash_version()
    dumps = [d for d in cli.dumps() if can_open(d, version)]
    suite.note(f'crash {".".join(map(str, version))}: opens {len(dumps)} of '
               f'{len(cli.dumps())} dumps')
    if sys.argv[1:] == ['--answers']:
        with ProcessPoolExecutor(os.cpu_count()) as pool:
            for counts in pool.map(same_answers, dumps):
                suite.add(counts[:2])
        return suite.end()
    # The longest first. The nmi-panic dump has the most stacks to be interrupted in.
    deepest = max(dumps, key=lambda d: d.name == '6.1-nmi-panic')
    jobs = [(interrupted, deepest), (minimal, dumps[0])]
    # Misuse and damage are the same on every kernel: tried on one.
    old = [d for d in dumps if d.version == (6, 1) and not options_for(d)]
    jobs += [(ordinary if d in old else same_answers, d) for d in dumps]
    with tempfile.TemporaryDirectory(dir=cli.BUILD) as scratch, \
            ProcessPoolExecutor(os.cpu_count()) as pool:
        for d in old:
            jobs += damage.jobs(suite, d, scratch)
        results = damage.Results()
        for counts in pool.map(run_job, jobs):
            suite.add(counts[:2])
            results.add(counts[2:])
    results.end(suite)
    return suite.end()


if __name__ == '__main__':
    sys.exit(main())
