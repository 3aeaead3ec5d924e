# SPDX-License-Identifier: GPL-2.0-or-later
"""The objects of the task_structs' cache: those that crash's kmem tells."""
import re

import cli


def check(suite, dump, session):
    told = session.command('kmem -S task_struct')
    objects = {address: bool(used) for used, address in
               re.findall(r'^ {2}([ \[])([0-9a-f]{16})(?:\]| )', told, re.M)}
    # It knows no slabs of kernels that are newer than it.
    if not objects:
        suite.note(f'{dump.name}: kmem lists no task_struct')
        return
    doc = cli.ask(suite, 'stackof -j', dump.vmcore, *objects)
    if not doc:
        return
    ours = {a['address'][2:]: a['object'] or {} for a in doc['addresses']}
    suite.equal(f'{dump.name}: objects that kmem lists and stackof does not', {},
                {a: ours[a] for a in objects if ours[a].get('address') != f'0x{a}'})
    suite.equal(f'{dump.name}: of a task, and free as kmem tells', [],
                [a for a, used in objects.items() if not used and ours[a]['state'] == 'owned'])
    loose = sum(ours[a].get('state') == 'loose' for a in objects)
    suite.check(f'{dump.name}: both kinds', 0 < loose < len(objects), 'some', loose)
    suite.note(f'{dump.name}: kmem has {len(objects)} task_structs, {loose} of no task')
