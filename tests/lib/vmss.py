# SPDX-License-Identifier: GPL-2.0-or-later
"""QEMU's ELF dump as VMware writes a machine that was suspended: NAME.vmss with the CPUs'
registers, NAME.vmem with the memory, from address 0 on."""
import os
import struct

from vmcore import Vmcore

# QEMUCPUState: version, size, 18 registers, ten segments of 24 bytes, CR0-CR4.
REGISTERS = ('rax rbx rcx rdx rsi rdi rsp rbp '
             'r8 r9 r10 r11 r12 r13 r14 r15 rip rflags').split()
SEGMENTS = {'cs': 0, 'ds': 1, 'es': 2, 'fs': 3, 'gs': 4, 'ss': 5, 'ldt': 6, 'tr': 7}
# The number that VMware gives each of them.
NUMBERS = ('es', 'cs', 'ss', 'ds', 'fs', 'gs', 'ldt', 'tr')
GROUP = 80


def item(name, value, size, *index):
    """tag {name's length, number of indexes, size}, name, indexes, value."""
    tag = len(name) << 8 | len(index) << 6 | size
    return (struct.pack('<H', tag) + name.encode() +
            b''.join(struct.pack('<i', i) for i in index) + value.to_bytes(size, 'little'))


def cpu_items(cpu, state):
    values = dict(zip(REGISTERS, struct.unpack_from('<18Q', state, 8)))
    segments = {name: struct.unpack_from('<4IQ', state, 152 + 24 * at)
                for name, at in SEGMENTS.items()}
    idt_base, = struct.unpack_from('<Q', state, 152 + 24 * 9 + 16)
    out = [item(name, value, 8, cpu) for name, value in values.items() if name != 'rflags']
    out.append(item('eflags', values['rflags'] & 0xffffffff, 4, cpu))
    out += [item('CR64', value, 8, cpu, i)
            for i, value in enumerate(struct.unpack_from('<5Q', state, 392))]
    out += [item('IDTR', idt_base >> 32 * i & 0xffffffff, 4, cpu, i + 1) for i in range(2)]
    for nr, name in enumerate(NUMBERS):
        out.append(item('S', segments[name][0], 4, cpu, nr))
        if name in ('fs', 'gs'):
            out.append(item('S.base64', segments[name][4], 8, cpu, nr))
    return b''.join(out)


def write(source, target, without=()):
    """target.vmss and target.vmem; the CPUs of without have no registers there."""
    core = Vmcore(source)
    states = core.file.qemu
    items = item('cpu:numVCPUs', len(states), 4)
    items += b''.join(cpu_items(i, s) for i, s in enumerate(states) if i not in without)
    # crash reads GROUP times as many descriptors as there are.
    at = 12 + GROUP * GROUP
    with open(target + '.vmss', 'wb') as out:
        out.write(struct.pack('<3I', 0xbed2bed2, 8, 1))
        out.write(struct.pack('<64s2Q', b'cpu', at, len(items) + 2))
        out.write(b'\0' * (at - out.tell()) + items + b'\0\0')
    with open(target + '.vmem', 'wb') as out:
        for paddr, size, offset in core.file.loads:
            for done in range(0, size, 1 << 20):
                core.f.seek(offset + done)
                data = core.f.read(min(1 << 20, size - done))
                if data.strip(b'\0'):
                    out.seek(paddr + done)
                    out.write(data)
        out.truncate(max(paddr + size for paddr, size, _ in core.file.loads))
    core.close()
    return os.path.abspath(target + '.vmss')
