# SPDX-License-Identifier: GPL-2.0-or-later
"""Registers that only crash can read: those of a machine that VMware suspended.

QEMU's dump of a machine is written anew as VMware would have (../lib/vmss.py), so the
chains of both must be the same.
"""
import os

import cli
import vmss
from doors import ask
from suite import difference

# CPUs without registers there.
LOST = (3,)


def snapshot(dump, at):
    return vmss.write(dump.vmcore, os.path.join(at, 'machine'), without=LOST)


def excuse_unknown(suite, what, mine, theirs):
    """VMware has no ORIG_RAX, and no crash before 8.0.4 tells selectors."""
    regs = [chain['segments'][0]['frames'][0]['regs'] if chain['segments'] else chain['user']
            for chain in (mine, theirs)]
    suite.equal(f'{what}: registers that are not known', set(),
                regs[0].keys() - regs[1].keys() - {'orig_rax', 'cs', 'ss'})
    for name in regs[0].keys() - regs[1].keys():
        del regs[0][name]


def check(suite, dump, session, at):
    outside = cli.ask(suite, 'xbt -a -j', dump.vmcore)
    inside = ask(suite, 'xbt -a -j of a .vmss', session, 'xbt -a -j', at)
    if not outside or not inside:
        return
    for mine, theirs in zip(outside['chains'], inside['chains']):
        cpu = mine['cpu']
        what = f'{dump.name} as .vmss: CPU {cpu}'
        if cpu in LOST:
            suite.equal(f'{what}: no registers', 'no_regs', theirs['end']['reason'])
            continue
        suite.equal(f'{what}: from', 'monitor', theirs['start']['from'])
        suite.check(f'{what}: is said', 'registers by crash: VMware' in theirs['start']['note'],
                    'whose they are', theirs['start']['note'])
        excuse_unknown(suite, what, mine, theirs)
        for part in ('segments', 'end', 'confidence'):
            suite.equal(f'{what}: {part}', None, difference(mine[part], theirs[part]))
        suite.equal(f'{what}: where it begins',
                    [mine['start'][key] for key in ('ip', 'sp')],
                    [theirs['start'][key] for key in ('ip', 'sp')])
    suite.equal('CPUs', len(outside['chains']), len(inside['chains']))
