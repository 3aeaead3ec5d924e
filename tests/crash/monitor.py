# SPDX-License-Identifier: GPL-2.0-or-later
"""Registers that only crash can read: those of a machine that VMware suspended, or
Fujitsu's firmware stopped.

QEMU's dump of a machine is written anew as they would have (../lib/vmss.py, sadump.py), so
the chains of both must be the same.
"""
import os

import cli
import sadump
import vmss
from doors import ask
from suite import difference

# What writes it, how it is called, and CPUs without registers there.
FORMATS = {'vmss': (vmss, 'VMware', (3,)), 'sadump': (sadump, 'SADUMP', (9,))}


def snapshot(dump, at, kind):
    writer, _, lost = FORMATS[kind]
    return writer.write(dump.vmcore, os.path.join(at, 'machine'), without=lost)


def excuse_unknown(suite, what, mine, theirs):
    """None has ORIG_RAX, and no crash before 8.0.4 tells VMware's selectors."""
    regs = [chain['segments'][0]['frames'][0]['regs'] if chain['segments'] else chain['user']
            for chain in (mine, theirs)]
    suite.equal(f'{what}: registers that are not known', set(),
                regs[0].keys() - regs[1].keys() - {'orig_rax', 'cs', 'ss'})
    for name in regs[0].keys() - regs[1].keys():
        del regs[0][name]


def check(suite, dump, session, at, kind):
    _, name, lost = FORMATS[kind]
    outside = cli.ask(suite, 'xbt -a -j', dump.vmcore)
    inside = ask(suite, f'xbt -a -j of {name}', session, 'xbt -a -j', at)
    if not outside or not inside:
        return
    for mine, theirs in zip(outside['chains'], inside['chains']):
        what = f'{dump.name} of {name}: CPU {mine["cpu"]}'
        if mine['cpu'] in lost:
            suite.check(f'{what}: no registers', theirs['start']['from'] != 'monitor',
                        'of elsewhere', theirs['start'])
            continue
        suite.equal(f'{what}: from', 'monitor', theirs['start']['from'])
        suite.contains(f'{what}: is said', f'registers by crash: {name}',
                       theirs['start']['note'])
        excuse_unknown(suite, what, mine, theirs)
        for part in ('segments', 'end', 'confidence'):
            suite.equal(f'{what}: {part}', None, difference(mine[part], theirs[part]))
        suite.equal(f'{what}: where it begins',
                    [mine['start'][key] for key in ('ip', 'sp')],
                    [theirs['start'][key] for key in ('ip', 'sp')])
    suite.equal('CPUs', len(outside['chains']), len(inside['chains']))
