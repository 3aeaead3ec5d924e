# SPDX-License-Identifier: GPL-2.0-or-later
"""One machine's memory as other programs write it: QEMU, LiME, dd."""
import os
import struct
import subprocess
import tempfile
import zlib

import cli
from vmcore import PAGE, ElfFile, KdumpFile

ZERO = bytes(PAGE)
LOW, HIGH = 0x9f000, 0x100000        # between them are no RAM, but firmware


class Memory:
    """The memory in an ELF core, and its notes."""

    def __init__(self, f):
        self.file = ElfFile(f)
        f.seek(0)
        head = f.read(64)
        phoff, = struct.unpack_from('<Q', head, 32)
        f.seek(phoff)
        kind, _, at, _, _, size = struct.unpack_from('<2I4Q', f.read(56))
        assert kind == 4            # PT_NOTE
        f.seek(at)
        self.notes = f.read(size)
        phys, self.end, at = self.file.loads[0]
        assert phys == 0
        f.seek(at)
        self.used = []
        for pfn in range(self.end // PAGE):
            page = f.read(PAGE)
            if page != ZERO:
                self.used.append((pfn, page))

    def pages(self, begin, end):
        """The pages that are not all zero: (number, bytes)."""
        return ((pfn, page) for pfn, page in self.used if begin <= pfn * PAGE < end)


def write_raw(memory, path, ranges):
    """The ranges one behind the other."""
    with open(path, 'wb') as out:
        at = 0
        for begin, end in ranges:
            for pfn, page in memory.pages(begin, end):
                out.seek(at + pfn * PAGE - begin)
                out.write(page)
            at += end - begin
        out.truncate(at)


def write_lime(memory, path, ranges):
    with open(path, 'wb') as out:
        at = 0
        for begin, end in ranges:
            out.seek(at)
            out.write(struct.pack('<IIQQ8x', 0x4c694d45, 1, begin, end - 1))
            for pfn, page in memory.pages(begin, end):
                out.seek(at + 32 + pfn * PAGE - begin)
                out.write(page)
            at += 32 + end - begin
        out.truncate(at)


def write_qemu(memory, path, packed):
    """dump/dump.c, create_header64(): of utsname there is the machine alone, the dump level
    is 1, no page is missing from the bitmaps, and all pages of zeros share one."""
    pfns = memory.end // PAGE
    blocks = -(-pfns // (8 * PAGE))
    info = memory.notes.index(b'VMCOREINFO\0') + 12
    info_size, = struct.unpack_from('<I', memory.notes, info - 20 + 4)
    sub = -(-(104 + len(memory.notes)) // PAGE)
    head = bytearray(PAGE)
    struct.pack_into('<8sI', head, 0, b'KDUMP   ', 6)
    head[272:278] = b'x86_64'
    struct.pack_into('<6I', head, 424, 1 if packed else 0, PAGE, sub, 2 * blocks, pfns, 0)
    struct.pack_into('<I', head, 456, 2)            # nr_cpus
    subhead = bytearray(sub * PAGE)
    struct.pack_into('<qii', subhead, 0, 0, 1, 0)   # phys_base, dump_level, split
    struct.pack_into('<4Q', subhead, 32, PAGE + 104 + info, info_size, PAGE + 104,
                     len(memory.notes))
    struct.pack_into('<Q', subhead, 96, pfns)
    subhead[104:104 + len(memory.notes)] = memory.notes
    bitmap = (b'\xff' * (pfns // 8)).ljust(blocks * PAGE, b'\0')
    desc_at = PAGE * (1 + sub + 2 * blocks)
    data_at = desc_at + 24 * pfns
    zero = zlib.compress(ZERO, 1) if packed else ZERO
    descs = [struct.pack('<QIIQ', data_at, len(zero), 1 if packed else 0, 0)] * pfns
    with open(path, 'wb') as out:
        out.write(head + subhead + bitmap + bitmap)
        out.seek(data_at)
        out.write(zero)
        at = data_at + len(zero)
        for pfn, page in memory.used:
            data = zlib.compress(page, 1) if packed else page
            method = 1 if packed and len(data) < PAGE else 0
            data = data if method else page
            descs[pfn] = struct.pack('<QIIQ', at, len(data), method, 0)
            out.write(data)
            at += len(data)
        out.seek(desc_at)
        out.write(b''.join(descs))


def same(suite, what, command, wanted, vmcore, *options):
    p = subprocess.run([cli.STACKINFO, *options, *command.split(), vmcore], env=cli.ENV,
                       capture_output=True, text=True, timeout=60)
    suite.check(f'{what}: {command}: the answer of the ELF core',
                p.stdout == wanted.out != '', f'{len(wanted.out)} bytes',
                f'{len(p.stdout)} bytes, {p.stderr[:300]}')
    return p.stderr


def check(suite, at, elf):
    path = os.path.join(at, 'image')
    chains, log = (cli.run(c, elf) for c in ('xbt -A -j', 'log'))
    with open(elf, 'rb') as f:
        memory = Memory(f)
        for what, packed in (('kdump-zlib', True), ('kdump-raw-zlib', False)):
            write_qemu(memory, path, packed)
            same(suite, f'QEMU\'s {what}', 'xbt -A -j', chains, path)
        ranges = [(0, LOW), (HIGH, memory.end)]
        write_lime(memory, path, ranges)
        err = same(suite, 'LiME\'s', 'log', log, path)
        suite.contains('LiME\'s: is told', 'no VMCOREINFO note', err)
        write_raw(memory, path, ranges)
        same(suite, 'memory with a hole', 'log', log, path, '-m', f'0-{LOW - 1:#x},1M-')
        iomem = os.path.join(at, 'iomem')
        with open(iomem, 'w') as out:
            out.write(f'00000000-{LOW - 1:08x} : System RAM\n000f0000-000fffff : System ROM\n'
                      f'{HIGH:08x}-{memory.end - 1:08x} : System RAM\n')
        same(suite, 'memory with a hole, by iomem', 'log', log, path, f'--memory={iomem}')
        r = cli.run('--raw tss', path)
        suite.equal('memory with a hole, unsaid: exit status', 3, r.status)
        suite.contains('memory with a hole, unsaid: is told', '(-m)', r.err)
        suite.contains('memory without --raw: is told', 'opened with --raw',
                       cli.run('tss', path).err)
        write_raw(memory, path, [(0, memory.end)])
        same(suite, 'memory alone', 'log', log, path, '--raw')
        os.truncate(path, memory.end // PAGE * 15 // 16 * PAGE)
        suite.contains('memory that is cut off: is told', 'is it cut off',
                       cli.run('--raw log', path).err)
    for options, text in ((['-m', '5-3'], 'neither ranges of memory'),
                          (['-m', '0-4095'], 'smaller than the file')):
        p = subprocess.run([cli.STACKINFO, *options, 'tss', path], env=cli.ENV,
                           capture_output=True, text=True, timeout=60)
        suite.equal(f'{options}: exit status', 3, p.returncode)
        suite.contains(f'{options}: is told', text, p.stderr)


def by_hand(suite, kdump):
    """What the user says of VMCOREINFO goes before the dump's own."""
    with open(kdump, 'rb') as f:
        info = KdumpFile(f).info
    with tempfile.NamedTemporaryFile() as f:
        f.write(info.replace(b'\n', b'\r\n'))
        f.flush()
        same(suite, 'VMCOREINFO by hand', 'tss', cli.run('tss', kdump), kdump,
             f'--vmcoreinfo={f.name}')
    for options, status, text in (
            (['--kaslr=x'], 2, 'not a number in hexadecimal: "x"'),
            (['--phys-base', '1z'], 2, 'not a number: "1z"'),
            (['--vmcoreinfo', '/nonexistent'], 3, 'No such file')):
        p = subprocess.run([cli.STACKINFO, *options, 'tss', kdump], env=cli.ENV,
                           capture_output=True, text=True, timeout=60)
        suite.equal(f'{options}: exit status', status, p.returncode)
        suite.contains(f'{options}: is told', text, p.stderr)


def process(suite, at):
    """A core that the kernel's own code or gdb wrote of a process."""
    path = os.path.join(at, 'core')
    with open('/proc/self/auxv', 'rb') as f:
        auxv = f.read()
    psinfo = struct.pack('<4B4xQ2I4i16s80s', 0, 82, 0, 0, 0, 0, 0, 77, 1, 77, 77, b'sleep', b'')
    notes = b''.join(struct.pack('<3I8s', 5, len(desc), kind, b'CORE') + desc
                     for kind, desc in ((3, psinfo), (6, auxv)))
    head = struct.pack('<4s5B7xHHIQQQIHHHHHH', b'\x7fELF', 2, 1, 1, 0, 0, 4, 62, 1, 0, 64, 0, 0,
                       64, 56, 2, 0, 0, 0)
    body = 64 + 2 * 56
    head += struct.pack('<2I6Q', 4, 0, body, 0, 0, len(notes), 0, 4)
    head += struct.pack('<2I6Q', 1, 5, 8192, 0x400000, 0, PAGE, PAGE, PAGE)
    with open(path, 'wb') as f:
        f.write((head + notes).ljust(8192, b'\0') + bytes(PAGE))
    r = cli.run('xbt', path)
    suite.equal('the core of a process: exit status', 3, r.status)
    suite.contains('the core of a process: is told', 'of a process (sleep, PID 77)', r.err)
