# SPDX-License-Identifier: GPL-2.0-or-later
"""QEMU's ELF dump as the firmware of Fujitsu's servers writes one: struct
sadump_part_header, sadump_header, the CPUs' state in SMRAM, two bitmaps, pages."""
import struct

from vmcore import PAGE, NotThere, Vmcore

# QEMUCPUState: version, size, 18 registers, ten segments of 24 bytes, CR0-CR4.
REGISTERS = ('rax rbx rcx rdx rsi rdi rsp rbp '
             'r8 r9 r10 r11 r12 r13 r14 r15 rip rflags').split()
CS, SS, GDT, IDT = 0, 5, 8, 9
STATE_SIZE = 1024
# Where the members of struct sadump_smram_cpu_state are: halves of 32 bits, low first.
HALVES = 'r15 r14 r13 r12 r11 r10 r9 r8 rax rcx rdx rbx rsp rbp rsi rdi'.split()
HALVES_AT, SELECTORS_AT, RIP_AT = 796, 936, 984
CR4_AT, GDT_AT, IDT_AT = 576, (464, 652), (472, 660)
TOP = 1 << 28


def smram(state):
    out = bytearray(STATE_SIZE)
    values = dict(zip(REGISTERS, struct.unpack_from('<18Q', state, 8)))
    segments = [struct.unpack_from('<4IQ', state, 152 + 24 * i) for i in range(10)]
    cr = struct.unpack_from('<5Q', state, 392)
    struct.pack_into('<16Q', out, HALVES_AT, *(values[name] for name in HALVES))
    struct.pack_into('<2I', out, SELECTORS_AT + 4, segments[CS][0], segments[SS][0])
    struct.pack_into('<3Q', out, RIP_AT, values['rip'], 0, values['rflags'])
    struct.pack_into('<2Q', out, RIP_AT + 24, cr[3], cr[0])
    struct.pack_into('<I', out, CR4_AT, cr[4] & 0xffffffff)
    for (high, low), n in ((GDT_AT, GDT), (IDT_AT, IDT)):
        struct.pack_into('<I', out, high, segments[n][4] >> 32)
        struct.pack_into('<I', out, low, segments[n][4] & 0xffffffff)
    return bytes(out)


def part_header():
    magic = [1]
    while len(magic) < 982:
        magic.append((magic[-1] + 7) * 11 & 0xffffffff)
    return b'sadump\0\0'.ljust(PAGE - 4 * 982, b'\0') + struct.pack('<982I', *magic)


def write(source, target, without=()):
    """target.sadump; the CPUs of without, which are the last ones, have no state there."""
    core = Vmcore(source)
    states = [s for i, s in enumerate(core.file.qemu) if i not in without]
    nr, pfns = len(states), TOP // PAGE
    sub = (struct.pack('<I', nr * STATE_SIZE) + b''.join(
        struct.pack('<2Q', i, 0) for i in range(nr)) + b''.join(map(smram, states)))
    ram, dumped, pages = bytearray(pfns // 8), bytearray(pfns // 8), []
    for pfn in range(pfns):
        try:
            page = core.file.page(pfn)
        except NotThere:
            continue
        ram[pfn // 8] |= 0x80 >> pfn % 8
        if page.strip(b'\0'):
            dumped[pfn // 8] |= 0x80 >> pfn % 8
            pages.append(pfn)
    blocks = -(-len(sub) // PAGE), -(-len(ram) // PAGE)
    head = struct.pack('<8s2I16x13I4x4Q', b'sadump\0\0', 1, 0, 0, 0, PAGE, 0, blocks[0],
                       blocks[1], blocks[1], pfns, len(pages), 0, 0, 0, nr, pfns, len(pages),
                       0, 0)
    with open(target + '.sadump', 'wb') as out:
        out.write(part_header() + head.ljust(PAGE, b'\0') + sub.ljust(blocks[0] * PAGE, b'\0'))
        for bitmap in (ram, dumped):
            out.write(bitmap.ljust(blocks[1] * PAGE, b'\0'))
        for pfn in pages:
            out.write(core.file.page(pfn))
    core.close()
    return target + '.sadump'
