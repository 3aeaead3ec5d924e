# SPDX-License-Identifier: GPL-2.0-or-later
"""tss against the TSS, the GDT and the IDT as the hardware reads them."""
import struct

import cli
import expect

IST = (('#DF', 8), ('NMI', 2), ('#DB', 1), ('#MC', 18))


def hardware(core, cpu):
    """sp0 and ist[0..6]: struct x86_hw_tss begins with a reserved u32, is packed."""
    words = struct.unpack('<I3QQ7Q', core.read(core.percpu('cpu_tss_rw', cpu), 92))
    return words[1], words[5:]


def top_of_stack(core, cpu):
    """The word that every era has elsewhere; pcpu_hot begins with current_task,
    preempt_count, cpu_number, call_depth."""
    if 'pcpu_hot' in core.symbols.value:
        return core.u64(core.percpu('pcpu_hot', cpu) + 24)
    if 'cpu_current_top_of_stack' in core.symbols.value:
        return core.u64(core.percpu('cpu_current_top_of_stack', cpu))
    return core.u64(core.percpu('cpu_tss_rw', cpu) + 12)


def descriptor(core, cpu):
    """Base, limit and type byte of entry 8 of the CPU's GDT."""
    raw = core.read(core.percpu('gdt_page', cpu) + 64, 16)
    base = int.from_bytes(raw[2:5] + raw[7:12], 'little')
    return base, int.from_bytes(raw[:2], 'little') | (raw[6] & 15) << 16, raw[5]


def gate(core, vector):
    """Handler and IST slot (or None) of the IDT's gate."""
    raw = core.read(core.symbol('idt_table') + 16 * vector, 16)
    ist = raw[4] & 7
    return int.from_bytes(raw[:2] + raw[6:12], 'little'), ist - 1 if ist else None


def check_facts(suite, what, core, tss, pid):
    cpu, facts = tss['cpu'], {f['name']: f for f in tss['facts']}
    base, limit, kind = descriptor(core, cpu)
    word = core.read(core.percpu('cpu_tss_rw', cpu) + 0x66, 2)
    idt, ro_idt = core.symbol('idt_table'), 0xfffffe0000000000
    descr = core.read(core.symbol('idt_descr'), 10)
    wanted = {'top_of_stack': top_of_stack(core, cpu), 'gdt[8] base': base,
              'gdt[8] limit': limit, 'gdt[8] type': kind,
              'io_bitmap_base': int.from_bytes(word, 'little'),
              'gdt_page': core.percpu('gdt_page', cpu), 'idt_table': idt,
              'idt_descr.size': int.from_bytes(descr[:2], 'little'),
              'idt_descr.address': int.from_bytes(descr[2:], 'little')}
    for vector, name in ((8, '#DF'), (2, 'NMI'), (1, '#DB'), (18, '#MC'), (29, '#VC')):
        handler, ist = gate(core, vector)
        name = f'gate {vector} {name}'
        wanted[name] = handler
        meanings = [f'{f} on ist[{ist}]' for f in core.names(handler)]
        # Without CONFIG_AMD_MEM_ENCRYPT nobody replaces it: an array with one per vector.
        if ist is None and (core.symbol('early_idt_handler_array') <= handler <
                            core.symbol('early_idt_handler_common')):
            meanings = ["still the early boot's handler, on no stack of its own"]
        suite.check(f'{what} {name}: handler and slot', facts[name]['meaning'] in meanings,
                    meanings, facts[name]['meaning'])
    for n, name in ((7, 'TR'), (8, 'GDTR'), (9, 'IDTR')):
        segment = core.segment(cpu, n)
        if segment and n == 7:
            wanted['TR'] = segment[0]
        if segment:
            wanted[f'{name} limit'], wanted[f'{name} base'] = segment[1:]
    suite.equal(f'{what}: words that have to agree', sorted(wanted), sorted(facts))
    for name, value in wanted.items():
        suite.equal(f'{what} {name}: value', hex(value), facts[name]['value'])
        suite.equal(f'{what} {name}: deviation', None, facts[name]['deviation'])
    suite.equal(f'{what}: the IDT has a second address', core.translate(idt),
                core.translate(ro_idt))
    if pid is not None:
        suite.contains(f'{what} top_of_stack: the task that the kernel named',
                       f'of PID {pid} ', facts['top_of_stack']['meaning'])


def check(suite, dump, core, possible):
    current = {c.cpu: c.pid for c in expect.load(dump.expect)[1] if c.cpu is not None}
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
        check_facts(suite, what, core, tss, current.get(cpu))
        suite.equal(f'{what}: all slots', ['sp0', 'sp1', 'sp2'] + [f'ist[{i}]' for i in range(7)],
                    [s['name'] for s in tss['slots']])
        for i in range(4, 7):
            suite.equal(f'{what} ist[{i}]: value', hex(ist[i]), slots[f'ist[{i}]']['value'])
