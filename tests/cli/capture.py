# SPDX-License-Identifier: GPL-2.0-or-later
"""A machine that crashed and was stopped later, when its CPUs ran the capture kernel or
the firmware: what QEMU saved of them is not the crashed kernel's."""
import json
import os
import struct

import cli
from vmcore import MASK, PAGE, Vmcore, symbols_of

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


# What stops a CPU and never returns.
STOPS = 'machine_kexec', '__crash_kexec', 'crash_kexec', 'crash_nmi_callback'


def below_stop(chain):
    """The chain without what stopped the CPU: where that was when the registers were saved,
    and where it was at last, differs."""
    all_of_it = [(seg['stack']['kind'], f['ip'], f['function'])
                 for seg in (chain.get('whole') or chain)['segments'] for f in seg['frames']]
    stopped = [f[2] in STOPS for f in all_of_it]
    first = stopped.index(False)
    return first, all_of_it[first:]


def silent(path, dump, cpus):
    """A copy without registers."""
    core = Vmcore(dump.vmcore, symbols_of(dump.namelist))
    write(core, path, b'')
    notes = core.u64(core.symbol('crash_notes'))
    with open(path, 'r+b') as f:
        for cpu in cpus:
            percpu = core.u64(core.symbol('__per_cpu_offset') + 8 * cpu)
            f.seek(LOAD + core.translate(notes + percpu & MASK))
            f.write(bytes(12))


def no_registers(suite, at, dump):
    """Neither the file nor the kernel has any: what never returned is on the stacks."""
    path = os.path.join(at, 'silent')
    wanted = {c['cpu']: c for c in cli.ask(suite, 'xbt -a -j', dump.vmcore)['chains']}
    silent(path, dump, wanted)
    chains = cli.run('xbt -a -j', path).json()['chains']
    suite.equal(f'{dump.name}: no registers: CPUs', list(wanted), [c['cpu'] for c in chains])
    for chain in chains:
        what, start = f'{dump.name}: no registers: CPU {chain["cpu"]}', chain['start']
        frames_above, got = below_stop(chain)
        suite.equal(f'{what}: the chain', below_stop(wanted[chain['cpu']])[1], got)
        suite.check(f'{what}: what stopped it', frames_above, 'some frames', 'none')
        if start['from'] == 'pt_regs':
            # An NMI that interrupted the kernel says of itself that it is handled.
            suite.contains(f'{what}: is told', 'had interrupted', start['note'])
            continue
        suite.equal(f'{what}: from', 'stack', start['from'])
        suite.contains(f'{what}: is told', 'never returns', start['doubt'])
        suite.equal(f'{what}: confidence', 'doubtful', chain['confidence'])


def check(suite, at, dump):
    path = os.path.join(at, 'stopped')
    core = Vmcore(dump.vmcore, symbols_of(dump.namelist))
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
