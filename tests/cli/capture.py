# SPDX-License-Identifier: GPL-2.0-or-later
"""A machine that crashed and was stopped later, when its CPUs ran the capture kernel or
the firmware: what QEMU saved of them is not the crashed kernel's."""
import json
import os
import struct

import cli
from vmcore import MASK, PAGE, Symbols, Vmcore

KERNEL, USER = 0x10, 0x33
LOAD = 16 * PAGE


def note(name, kind, desc):
    name += b'\0'
    return (struct.pack('<3I', len(name), len(desc), kind) + name.ljust(len(name) + 3 & ~3, b'\0')
            + desc.ljust(len(desc) + 3 & ~3, b'\0'))


def cpu_notes(cpu, cr3, cs, ip, sp):
    prstatus, qemu = bytearray(336), bytearray(440)
    struct.pack_into('<I', prstatus, 32, cpu + 1)
    struct.pack_into('<4Q', prstatus, 112 + 8 * 16, ip, cs, 0x202, sp)
    struct.pack_into('<2I', qemu, 0, 1, len(qemu))
    struct.pack_into('<Q', qemu, 392 + 8 * 3, cr3)
    return note(b'CORE', 1, prstatus) + note(b'QEMU', 0, qemu)


def write(core, path, notes):
    """The pages of a kdump as the ELF core that QEMU would have written."""
    notes += note(b'VMCOREINFO', 0, core.file.info)
    end = (max(core.file.index) + 1) * PAGE
    with open(path, 'wb') as out:
        out.write(struct.pack('<4s5B7xHHIQQQIHHHHHH', b'\x7fELF', 2, 1, 1, 0, 0, 4, 62, 1, 0, 64,
                              0, 0, 64, 56, 2, 0, 0, 0))
        out.write(struct.pack('<2I6Q', 4, 0, 64 + 2 * 56, 0, 0, len(notes), len(notes), 4))
        out.write(struct.pack('<2I6Q', 1, 7, LOAD, 0, 0, end, end, PAGE))
        out.write(notes)
        assert out.tell() <= LOAD
        for pfn in core.file.index:
            out.seek(LOAD + pfn * PAGE)
            out.write(core.file.page(pfn))
        out.truncate(LOAD + end)


def cases(core):
    """(what, CR3, the other registers, what is told)"""
    begin, end = struct.unpack('<2Q', core.read(core.symbol('crashk_res'), 16))
    inside = begin + (end - begin) // 2 & -PAGE
    text = core.symbol('_stext') + 0x123456
    stack = core.direct(inside) + 0xf00
    why = 'the CPU ran the capture kernel'
    yield 'the capture kernel', inside, (KERNEL, text, stack), why
    yield 'its user mode', inside | 0x1807, (USER, 0x401000, 0x7ffe00001000), why
    # The kernel keeps the first page free, so that it is all zero in the dump.
    yield 'the firmware', PAGE, (KERNEL, 0xfffc1234, 0x9f000), 'the CPU ran firmware or another'


def frames(chain):
    return [(seg['stack']['kind'], [f['ip'] for f in seg['frames']])
            for seg in chain['segments']]


def no_registers(suite, at, dump):
    """Neither the file nor the kernel has any: the busy IRQ stack tells the way there."""
    path = os.path.join(at, 'silent')
    core = Vmcore(dump.vmcore, Symbols(dump.namelist))
    wanted = {c['cpu']: frames(c) for c in cli.ask(suite, 'xbt -a -j', dump.vmcore)['chains']}
    notes = core.u64(core.symbol('crash_notes'))
    write(core, path, b'')
    with open(path, 'r+b') as f:
        for cpu in wanted:
            percpu = core.u64(core.symbol('__per_cpu_offset') + 8 * cpu)
            f.seek(LOAD + core.translate(notes + percpu & MASK))
            f.write(bytes(12))
    told = 0
    for chain in cli.run('xbt -a -j', path).json()['chains']:
        cpu, start, got = chain['cpu'], chain['start'], frames(chain)
        tail = [seg for seg in wanted[cpu] if seg[0] in ('IRQ', 'TASK')]
        if tail and tail[0][0] == 'IRQ':
            told += 1
            suite.equal(f'no registers: CPU {cpu}: from', 'stack', start['from'])
            suite.contains(f'no registers: CPU {cpu}: is told', 'first call', start['doubt'])
            suite.equal(f'no registers: CPU {cpu}: confidence', 'doubtful', chain['confidence'])
            tail[0] = ('IRQ', tail[0][1][-1:])
            suite.equal(f'no registers: CPU {cpu}: from its first call on', tail, got)
        else:
            suite.equal(f'no registers: CPU {cpu}: no chain', [], got)
    suite.check('no registers: some CPU was on its IRQ stack', told, 'one', told)


def check(suite, at, dump):
    path = os.path.join(at, 'stopped')
    core = Vmcore(dump.vmcore, Symbols(dump.namelist))
    wanted = {c['cpu']: frames(c) for c in cli.ask(suite, 'xbt -a -j', dump.vmcore)['chains']}
    for what, cr3, regs, why in cases(core):
        write(core, path, b''.join(cpu_notes(cpu, cr3, *regs) for cpu in wanted))
        for chain in cli.ask(suite, 'xbt -a -j', path)['chains']:
            cpu, start = chain['cpu'], chain['start']
            suite.equal(f'{what}: CPU {cpu}: the chain of the crash', wanted[cpu], frames(chain))
            suite.equal(f'{what}: CPU {cpu}: from', 'prstatus', start['from'])
            suite.contains(f'{what}: CPU {cpu}: is told', why, json.dumps(start['foreign']))
        suite.contains(f'{what}: is told in text', why, cli.run('xbt -a', path).out)
        suite.check(f'{what}: no register of its own is compared with the TSS',
                    'from QEMU' not in cli.run('tss -v', path).out, 'none', 'some')
