# SPDX-License-Identifier: GPL-2.0-or-later
"""tss against the TSS as the hardware reads it."""
import struct

import cli

IST = (('#DF', 8), ('NMI', 2), ('#DB', 1), ('#MC', 18))


def hardware(core, cpu):
    """sp0 and ist[0..6]: struct x86_hw_tss begins with a reserved u32, is packed."""
    words = struct.unpack('<I3QQ7Q', core.read(core.percpu('cpu_tss_rw', cpu), 92))
    return words[1], words[5:]


def check(suite, dump, core, possible):
    doc = cli.ask(suite, 'tss -j', dump.vmcore)
    if not doc:
        return
    suite.equal(f'{dump.name}: CPUs', list(range(possible)),
                [t['cpu'] for t in doc['tss']])
    for tss in doc['tss']:
        cpu = tss['cpu']
        what = f'{dump.name} tss of CPU {cpu}'
        slots = {s['name']: s for s in tss['slots']}
        sp0, ist = hardware(core, cpu)
        suite.equal(f'{what}: address', core.percpu('cpu_tss_rw', cpu),
                    cli.number(tss['address']))
        suite.equal(f'{what}: alias is the same page', True, tss['same_page'])
        suite.equal(f'{what}: physical page of the alias',
                    hex(core.translate(cli.number(tss['alias']))), tss['phys'])
        wanted = [('sp0', sp0, 'ENTRY_TRAMPOLINE', [])]
        wanted += [(f'ist[{i}]', ist[i], kind, [vector])
                   for i, (kind, vector) in enumerate(IST)]
        for name, value, kind, vectors in wanted:
            slot, stack = slots[name], slots[name]['stack'] or {}
            suite.equal(f'{what} {name}: value, kind, CPU, top',
                        (hex(value), kind, cpu, hex(value)),
                        (slot['value'], stack.get('kind'), stack.get('cpu'), stack.get('end')))
            suite.equal(f'{what} {name}: vectors', vectors,
                        [u['vector'] for u in slot['users']])
            if stack:
                suite.equal(f'{what} {name}: physical page',
                            hex(core.translate(cli.number(stack['begin']))), slot['phys'])
        for slot in tss['slots']:
            suite.equal(f'{what} {slot["name"]}: deviation', None, slot['deviation'])
        suite.equal(f'{what}: all slots', ['sp0', 'sp1', 'sp2'] + [f'ist[{i}]' for i in range(7)],
                    [s['name'] for s in tss['slots']])
        for i in range(4, 7):
            suite.equal(f'{what} ist[{i}]: value', hex(ist[i]), slots[f'ist[{i}]']['value'])
