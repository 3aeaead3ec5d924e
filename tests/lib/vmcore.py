# SPDX-License-Identifier: GPL-2.0-or-later
"""A second, plain reader of dumps and of the kernel's memory.

It shares no code with libstackinfo, so that what it says of a stack or of the bytes
before a return address is a second opinion. Knows makedumpfile's format with
uncompressed pages, QEMU's ELF, and the page tables of x86_64.
"""
import functools
import struct
import zlib

PAGE = 4096
WORDS = PAGE // 8
KERNEL_MAP = 0xffffffff80000000
MASK = (1 << 64) - 1


class NotThere(Exception):
    """No mapping, or no such page in the dump."""


def find_notes(notes):
    """(name, description) of each note of ELF."""
    at = 0
    while at + 12 <= len(notes):
        namesz, descsz, _ = struct.unpack_from('<3I', notes, at)
        desc = at + 12 + (namesz + 3 & ~3)
        yield notes[at + 12:at + 12 + namesz].rstrip(b'\0'), notes[desc:desc + descsz]
        at = desc + (descsz + 3 & ~3)


def words_there(note):
    """page: a bit for each of its words, in a number; of pages that not all is there of
    (src/session/dump_kept.h)."""
    rows = zlib.decompress(note[8:])
    return {struct.unpack_from('<Q', rows, at)[0]:
            int.from_bytes(rows[at + 8:at + 8 + WORDS // 8], 'little')
            for at in range(0, len(rows), 8 + WORDS // 8)}


def lines_of(info):
    """VMCOREINFO by its keys."""
    return dict(line.split('=', 1) for line in info.rstrip(b'\0').decode().splitlines()
                if '=' in line)


class KdumpFile:
    """makedumpfile's KDUMP format: struct disk_dump_header, kdump_sub_header,
    two bitmaps, then one page_desc for each bit that is set in the second. What
    "stackinfo pack" wrote has words that are not there."""

    def __init__(self, f):
        self.f = f
        head = f.read(PAGE)
        self.block, sub, blocks, pfns = struct.unpack_from('<4I', head, 428)
        f.seek(self.block)
        subhead = f.read(self.block)
        self.phys_base, = struct.unpack_from('<Q', subhead)
        info_at, info_size, notes_at, notes_size = struct.unpack_from('<4Q', subhead, 32)
        pfns = struct.unpack_from('<Q', subhead, 96)[0] or pfns
        f.seek(info_at)
        self.info = f.read(info_size)
        f.seek(notes_at)
        notes = list(find_notes(f.read(notes_size)))
        self.qemu = [desc for name, desc in notes if name == b'QEMU']
        packed = [desc for name, desc in notes if name == b'STACKINFO']
        self.packed = bool(packed)
        self.there = words_there(packed[0]) if packed else {}
        self.bitmap_at = self.block * (1 + sub + blocks // 2)
        self.desc_at = self.block * (1 + sub + blocks)
        f.seek(self.bitmap_at)
        self.bitmap = f.read(self.block * blocks // 2)
        self.index = {}
        for byte, bits in enumerate(self.bitmap):
            for bit in range(8):
                if bits >> bit & 1:
                    self.index[byte * 8 + bit] = len(self.index)
        f.seek(self.desc_at)
        self.desc = f.read(24 * len(self.index))

    def page(self, pfn):
        if pfn not in self.index:
            raise NotThere(f'page {pfn:#x} is not in the dump')
        at, size, flags = struct.unpack_from('<QII', self.desc, 24 * self.index[pfn])
        if flags & 0x27 or size != PAGE:
            raise ValueError('compressed pages: not for this reader')
        self.f.seek(at)
        return self.f.read(PAGE)


class ElfFile:
    packed, there = False, {}

    def __init__(self, f):
        self.f = f
        f.seek(0)
        head = f.read(64)
        phoff, = struct.unpack_from('<Q', head, 32)
        entsize, count = struct.unpack_from('<2H', head, 54)
        self.loads, self.info, self.qemu = [], b'', []
        for i in range(count):
            f.seek(phoff + i * entsize)
            kind, _, offset, _, paddr, size = struct.unpack_from('<2I4Q', f.read(entsize))
            if kind == 1:
                self.loads.append((paddr, size, offset))
            elif kind == 4:
                f.seek(offset)
                for name, desc in find_notes(f.read(size)):
                    if name == b'VMCOREINFO':
                        self.info = desc
                    elif name == b'QEMU':
                        self.qemu.append(desc)

    def page(self, pfn):
        for paddr, size, offset in self.loads:
            if paddr <= pfn * PAGE and pfn * PAGE + PAGE <= paddr + size:
                self.f.seek(offset + pfn * PAGE - paddr)
                return self.f.read(PAGE)
        raise NotThere(f'page {pfn:#x} is not in the dump')


class Symbols:
    """.symtab of a namelist: values as linked, and functions by address."""

    def __init__(self, path):
        self.value, self.names, self.absolute = {}, {}, set()
        with open(path, 'rb') as f:
            head = f.read(64)
            shoff, = struct.unpack_from('<Q', head, 40)
            entsize, count = struct.unpack_from('<2H', head, 58)
            f.seek(shoff)
            table = f.read(entsize * count)
            sections = [struct.unpack_from('<2I4Q2I2Q', table, i * entsize)
                        for i in range(count)]
            symtab = next(s for s in sections if s[1] == 2)
            strtab = sections[symtab[6]]
            f.seek(strtab[4])
            strings = f.read(strtab[5])
            f.seek(symtab[4])
            for name, info, _, section, value, _ in struct.iter_unpack(
                    '<I2BH2Q', f.read(symtab[5])):
                if not section or info & 15 > 2:
                    continue
                text = strings[name:strings.index(b'\0', name)].decode()
                self.value.setdefault(text, value)
                self.names.setdefault(value, set()).add(text)
                if section == 0xfff1:
                    self.absolute.add(text)


@functools.lru_cache(maxsize=2)
def symbols_of(namelist):
    """Read once for the dumps of a kernel, one after the other."""
    return Symbols(namelist)


class Vmcore:
    def __init__(self, path, symbols=None):
        self.path = path
        self.f = open(path, 'rb')
        magic = self.f.read(8)
        self.f.seek(0)
        self.file = KdumpFile(self.f) if magic == b'KDUMP   ' else ElfFile(self.f)
        self.info = lines_of(self.file.info)
        self.kaslr = int(self.info['KERNELOFFSET'], 16)
        self.phys_base = int(self.info['NUMBER(phys_base)'])
        self.levels = 5 if self.info.get('NUMBER(pgtable_l5_enabled)') == '1' else 4
        pgd = int(self.info['SYMBOL(swapper_pg_dir)'], 16)
        self.pgd = pgd - KERNEL_MAP + self.phys_base & MASK
        self.symbols = symbols
        self.cache, self.btf = {}, None

    def close(self):
        self.f.close()

    @property
    def packed(self):
        """Is it what "stackinfo pack" made of a dump: not all of its memory?"""
        return self.file.packed

    def page(self, pfn):
        if pfn not in self.cache:
            self.cache[pfn] = self.file.page(pfn)
        return self.cache[pfn]

    def phys(self, addr, size):
        pfn, offset = divmod(addr, PAGE)
        data = self.page(pfn)[offset:offset + size]
        if pfn in self.file.there:
            first, last = offset // 8, (offset + len(data) - 1) // 8
            wanted = (1 << last - first + 1) - 1
            if self.file.there[pfn] >> first & wanted != wanted:
                raise NotThere(f'not all of {addr:#x}..{addr + size:#x} is in the small dump')
        return data

    def walk(self, addr):
        """The physical address, and the tables that lead to it, outermost first."""
        table, tables = self.pgd, []
        for level in range(self.levels, 0, -1):
            shift = 3 + 9 * level
            at = table + 8 * (addr >> shift & 511)
            tables.append(at)
            entry, = struct.unpack('<Q', self.phys(at, 8))
            if not entry & 1:
                raise NotThere(f'{addr:#x} is not mapped')
            table = entry & 0xffffffffff000
            if level == 1 or (level < 4 and entry & 0x80):
                return (table & ~((1 << shift) - 1)) | addr & (1 << shift) - 1, tables
        raise AssertionError

    def translate(self, addr):
        return self.walk(addr)[0]

    def mapped(self, addr):
        try:
            self.translate(addr)
            return True
        except NotThere:
            return False

    def pages(self, low, high):
        """Every address from low to high at which the page tables map 4 KiB."""
        def below(table, level, base):
            shift = 12 + 9 * (level - 1)
            try:
                # Of a small dump: those that it has.
                entries = struct.unpack('<512Q', self.page(table // PAGE))
            except NotThere:
                return
            for i, entry in enumerate(entries):
                at = base + (i << shift)
                if at & 1 << 12 + 9 * self.levels - 1:
                    at |= MASK << 12 + 9 * self.levels & MASK
                if not entry & 1 or at >= high or at + (1 << shift) <= low:
                    continue
                if level == 1:
                    yield at
                elif not (level < 4 and entry & 0x80):
                    yield from below(entry & 0xffffffffff000, level - 1, at)
        yield from below(self.pgd, self.levels, 0)

    def parts(self, addr, size):
        """(physical address, size) of each page's part."""
        while size:
            part = min(size, PAGE - addr % PAGE)
            yield self.translate(addr), part
            addr += part
            size -= part

    def read(self, addr, size):
        return b''.join(self.phys(*part) for part in self.parts(addr, size))

    def read_blanked(self, addr, size):
        """Words that a small dump does not have are zeros."""
        return b''.join(self.page(phys // PAGE)[phys % PAGE:phys % PAGE + part]
                        for phys, part in self.parts(addr, size))

    def u64(self, addr):
        return struct.unpack('<Q', self.read(addr, 8))[0]

    def symbol(self, name):
        """Where a symbol of the kernel is; a per-CPU one is small and does not move."""
        value = self.symbols.value[name]
        return value + self.kaslr if value >= KERNEL_MAP else value

    def percpu(self, name, cpu):
        return self.symbol(name) + self.u64(self.symbol('__per_cpu_offset') + 8 * cpu) & MASK

    def direct(self, phys):
        return self.u64(self.symbol('page_offset_base')) + phys

    def segment(self, cpu, n):
        """Selector, limit and base of the CPU's segment n, as QEMU wrote them down."""
        notes = getattr(self.file, 'qemu', [])
        if cpu >= len(notes):
            return None
        selector, limit, _, _, base = struct.unpack_from('<4IQ', notes[cpu], 152 + 24 * n)
        return selector, limit, base

    def names(self, addr):
        """All names that the namelist has for the thing at exactly addr."""
        return self.symbols.names.get(addr - self.kaslr, set())
