# SPDX-License-Identifier: GPL-2.0-or-later
"""The hook of the capture kernel: a report beside the dump, and no harm to that."""
import os
import resource
import signal
import subprocess

import cli

HOOK = os.path.join(cli.TOP, 'hooks/stackinfo-kdump')
# It only calls the program, which needs no sanitizer for that.
PLAIN = os.path.join(cli.BUILD, 'stackinfo')


def hook(*args, **kw):
    env = {**cli.ENV, 'STACKINFO': os.path.abspath(PLAIN), **kw.pop('env', {})}
    return subprocess.run([HOOK, *args], capture_output=True, text=True, env=env, timeout=120,
                          stdin=subprocess.DEVNULL, restore_signals=False, **kw)


def full_disk():
    """No file may grow; a write fails, and is not killed for it."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def text_of(path):
    with open(path) as f:
        return f.read()


def check_report(suite, at, vmcore):
    to = os.path.join(at, 'report')
    r = hook(vmcore, to)
    suite.equal('hook: exit status', 0, r.returncode)
    suite.equal('hook: the report', cli.run('', vmcore).out,
                text_of(os.path.join(to, 'stackinfo.txt')))
    suite.equal('hook: JSON', cli.run('-j', vmcore).out,
                text_of(os.path.join(to, 'stackinfo.json')))
    suite.contains('hook: says what it was', 'panic: stackcase', r.stderr)
    suite.equal('hook: leaves no half', [], [f for f in os.listdir(to) if f.endswith('.part')])


def check_new(suite, at, vmcore):
    """Each dump that has no report yet, and only those."""
    for name, file in (('1', 'vmcore'), ('2', 'dump.202611220401'), ('3', 'vmcore'),
                       ('4', 'vmcore-dmesg.txt')):
        os.makedirs(os.path.join(at, 'crash', name))
        os.symlink(os.path.abspath(vmcore), os.path.join(at, 'crash', name, file + '.link'))
        # It looks for files; a link to one is not the kernel's making.
        os.link(os.path.realpath(vmcore), os.path.join(at, 'crash', name, file))
    old = os.path.join(at, 'crash/3/stackinfo.txt')
    with open(old, 'w') as f:
        f.write('as it was\n')
    r = hook('--new', os.path.join(at, 'crash'))
    suite.equal('--new: exit status', 0, r.returncode)
    for name in '12':
        suite.contains(f'--new: {name}', 'SIGNATURE', text_of(
            os.path.join(at, 'crash', name, 'stackinfo.txt')))
    suite.equal('--new: what has one keeps it', 'as it was\n', text_of(old))
    suite.check('--new: a log is no dump', not os.path.exists(
        os.path.join(at, 'crash/4/stackinfo.txt')), 'no report', r.stderr)


def check_trouble(suite, at, vmcore):
    """What fails is told, leaves no half of a file, and is not the caller's trouble."""
    junk, to = os.path.join(at, 'junk'), os.path.join(at, 'none')
    with open(junk, 'w') as f:
        f.write('no dump\n')
    for what, args, kw in (
            ('no dump', (junk, to), {}), ('no such file', (junk + '2', to), {}),
            ('no command', (vmcore, to), {'env': {'STACKINFO': '/nonexistent'}}),
            ('no time', (vmcore, to), {'env': {'STACKINFO_TIMEOUT': '0.001'}}),
            ('a full disk', (vmcore, to), {'preexec_fn': full_disk})):
        r = hook(*args, **kw)
        suite.equal(f'hook, {what}: exit status', 0, r.returncode)
        suite.check(f'hook, {what}: is told', 'no report of' in r.stderr, 'no report', r.stderr)
        suite.equal(f'hook, {what}: leaves nothing', [], os.listdir(to))
    r = hook(vmcore, '/proc/nonexistent/x')
    suite.equal('hook, no such place: exit status', 0, r.returncode)
    r = hook('--help')
    suite.contains('hook --help', 'stackinfo-kdump --new', r.stderr)
    suite.check('hook --help: no more than that', 'set -u' not in r.stderr, 'a text', r.stderr)


def check_places(suite, at, vmcore):
    """Without a place: where kdump-tools puts its dumps."""
    r = hook(vmcore, env={'KDUMP_COREDIR': os.path.join(at, 'var')})
    made = os.listdir(os.path.join(at, 'var'))
    suite.check('hook: a folder of this minute', len(made) == 1 and made[0].isdigit() and
                len(made[0]) == 12, 'yyyymmddhhmm', made)
    suite.contains('hook: its report', 'SIGNATURE', text_of(
        os.path.join(at, 'var', made[0], 'stackinfo.txt')) if made else r.stderr)


def check(suite, at, dump):
    check_report(suite, at, dump.vmcore)
    check_new(suite, at, dump.vmcore)
    check_trouble(suite, at, dump.vmcore)
    check_places(suite, at, dump.vmcore)
