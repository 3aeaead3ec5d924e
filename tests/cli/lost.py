# SPDX-License-Identifier: GPL-2.0-or-later
"""Dumps that lost what the command begins with: the VMCOREINFO note, the BTF, or all of it."""
import os
import struct
import subprocess

import cli
from kdump_damage import Damage
from vmcore import PAGE, KdumpFile, Symbols, Vmcore, symbols_of

# Of kernels that a VMCOREINFO may be of: another one, or the same before a reboot.
STRAY = b'OSRELEASE=%b\nPAGESIZE=4096\nSYMBOL(init_uts_ns)=ffffffff82613700\n' \
        b'SYMBOL(swapper_pg_dir)=ffffffff8260a000\nSYMBOL(_stext)=ffffffff81000000\n' \
        b'NUMBER(phys_base)=%d\nKERNELOFFSET=0\n'


class Copy:
    """A copy of a dump, to be damaged by physical address, in either format."""

    def __init__(self, dump, target):
        self.core = Vmcore(dump.vmcore, symbols_of(dump.namelist))
        self.target = target
        self.kdump = isinstance(self.core.file, KdumpFile)
        if self.kdump:
            self.damage = Damage(dump.vmcore, target)
        else:
            subprocess.run(['cp', '--sparse=always', dump.vmcore, target], check=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.kdump:
            self.damage.write()
        self.core.close()

    def patch(self, phys, data):
        if self.kdump:
            self.damage.patch(phys, data)
            return
        with open(self.target, 'r+b') as f:
            for paddr, size, offset in self.core.file.loads:
                if paddr <= phys < paddr + size:
                    f.seek(offset + phys - paddr)
                    f.write(data)

    def lose_note(self):
        """Rename every note of this name, and forget where the kdump header says it is."""
        with open(self.target, 'r+b') as f:
            head = f.read(1 << 16)
            if self.kdump:
                block, = struct.unpack_from('<I', head, 428)
                f.seek(block + 32)
                f.write(bytes(16))
            at = head.find(b'VMCOREINFO\0')
            while at >= 0:
                f.seek(at)
                f.write(b'NMCOREINFO')
                at = head.find(b'VMCOREINFO\0', at + 1)


def copies(core):
    """The physical pages that begin like VMCOREINFO, as text or as a note."""
    pfns = core.file.index if isinstance(core.file, KdumpFile) else (
        pfn for paddr, size, _ in core.file.loads
        for pfn in range(paddr // PAGE, (paddr + size) // PAGE))
    for pfn in pfns:
        if b'OSRELEASE=' in core.file.page(pfn)[:34]:
            yield pfn * PAGE


def same(suite, what, wanted, command, vmcore, **kw):
    r = cli.run(command, vmcore, **kw)
    suite.equal(f'{what}: {command}: exit status', 0, r.status)
    suite.check(f'{what}: {command}: the answer of the whole dump', r.out == wanted.out != '',
                f'{len(wanted.out)} bytes', f'{len(r.out)} bytes, {r.err[:300]}')
    return r


def note(suite, at, dump):
    path = os.path.join(at, 'nonote')
    what = f'{dump.name} without its VMCOREINFO note'
    wanted = cli.run('xbt -A -j', dump.vmcore)
    with Copy(dump, path) as copy:
        copy.lose_note()
    r = same(suite, what, wanted, 'xbt -A -j', path)
    suite.contains(f'{what}: is told', 'found in memory', r.err)
    r = cli.run('xbt -A -j', path, namelist=dump.namelist)
    suite.equal(f'{what}: with a namelist', 0, r.status)

    # Others' VMCOREINFO before it, which looks good: another kernel's, and that of this
    # kernel where it was another time.
    core = Vmcore(dump.vmcore, symbols_of(dump.namelist))
    # A page at a low address that no chain needs: the first of the kernel's init data.
    stray = core.translate(core.symbol('__init_begin')) & -PAGE
    core.close()
    for name, text in (('another kernel\'s', STRAY % (b'1.2.3', 0)),
                       ('the same kernel\'s', STRAY % (dump.release.encode(), 0x1000000)),
                       ('no text', b'OSRELEASE=\xff\n')):
        head = struct.pack('<3I', 11, len(text), 0) + b'VMCOREINFO\0\0'
        for kind, data in (('note', head + text), ('text', text + b'\0')):
            with Copy(dump, path) as copy:
                try:
                    copy.patch(stray, data)
                except KeyError:
                    continue        # this page was freed, and is not in the dump
                copy.lose_note()
            same(suite, f'{what}, {name} {kind} in its memory', wanted, 'xbt -A -j', path)

    # Nor in its memory.
    with Copy(dump, path) as copy:
        for phys in list(copies(copy.core)):
            copy.patch(phys, bytes(40))
        copy.lose_note()
    r = cli.run('xbt -a', path)
    suite.equal(f'{what}, nor in its memory: exit status', 3, r.status)
    suite.contains(f'{what}, nor in its memory: is told', 'no VMCOREINFO', r.err)
    suite.equal(f'{what}, nor in its memory: one line', 1, len(r.err.splitlines()))


def btf(suite, at, dump, thorough):
    path = os.path.join(at, 'nobtf')
    what = f'{dump.name} without BTF'
    with Copy(dump, path) as copy:
        copy.patch(copy.core.translate(copy.core.symbol('__start_BTF')), bytes(64))
    for command in ('xbt -A -j', 'xbt -a', 'tss -v')[:3 if thorough else 1]:
        wanted = cli.run(command, dump.vmcore, namelist=dump.namelist)
        r = same(suite, what, wanted, command, path, namelist=dump.namelist)
        suite.equal(f'{what}: {command}: no complaint', wanted.err, r.err)
    for command in ('tss', 'xbt -a', '')[:3 if thorough else 1]:
        r = cli.run(command, path)
        suite.equal(f'{what}: "{command}" without a namelist: exit status', 3, r.status)
        suite.contains(f'{what}: "{command}" without a namelist', '-n VMLINUX', r.err)
        suite.equal(f'{what}: "{command}" without a namelist: no answer', '', r.out)


def half_btf(suite, at, dump):
    """What lies behind the first page is damaged: the namelist tells, or the answer says so."""
    path = os.path.join(at, 'halfbtf')
    what = f'{dump.name} with damaged BTF'
    with Copy(dump, path) as copy:
        page = (copy.core.symbol('__start_BTF') | 0xfff) + 1
        copy.patch(copy.core.translate(page), b'\xff' * 4096)
    wanted = cli.run('xbt -a', dump.vmcore, namelist=dump.namelist)
    r = same(suite, what, wanted, 'xbt -a', path, namelist=dump.namelist)
    suite.equal(f'{what}: no complaint', wanted.err, r.err)
    r = cli.run('xbt -a', path)
    suite.check(f'{what}: without a namelist: exit status', r.status != 0, 'not 0', 0)
    suite.contains(f'{what}: without a namelist', 'damaged', r.err)


def wrong_namelist(suite, at, dumps):
    dump = dumps[0]
    path = os.path.join(at, 'namelist')

    def refused(name, namelist, text):
        r = cli.run('xbt -a', dump.vmcore, namelist=namelist)
        suite.equal(f'{name}: exit status', 3, r.status)
        suite.contains(f'{name}: the reason', text, r.err)
        suite.equal(f'{name}: no answer', '', r.out)

    subprocess.run(['cp', '--sparse=always', dump.namelist, path], check=True)
    with open(path, 'r+b') as f:
        data = f.read()
        id_at = data.index(b'GNU\0', data.index(struct.pack('<3I', 4, 20, 3))) + 4
        f.seek(id_at)
        f.write(bytes(20))
    refused('a namelist with another build id', path, 'build id is ' + 40 * '0')
    refused('a namelist without symbols', '/bin/ls', 'no symbols')
    for other in {d.release: d for d in dumps}.values():
        if other.release != dump.release:
            refused(f'the namelist of {other.release}', other.namelist, 'build id')
    # A dump that does not know its build id: before 5.9.
    with Copy(dump, os.path.join(at, 'noid')) as copy:
        pass
    with open(os.path.join(at, 'noid'), 'r+b') as f:
        head = f.read(1 << 16)
        for i in range(len(head)):
            if head.startswith(b'BUILD-ID=', i):
                f.seek(i)
                f.write(b'WHATEVER=')
    r = cli.run('tss', os.path.join(at, 'noid'), namelist=path)
    suite.equal('no build id to compare: the symbols agree', 0, r.status)
    # Move one symbol that VMCOREINFO knows, by its value in the symbol table.
    value = Symbols(path).value['init_uts_ns']
    with open(path, 'r+b') as f:
        symbol = data.rindex(struct.pack('<Q', value))
        while True:
            f.seek(symbol)
            f.write(struct.pack('<Q', value + 64))
            f.flush()
            if Symbols(path).value['init_uts_ns'] != value:
                break
            symbol = data.rindex(struct.pack('<Q', value), 0, symbol)
    r = cli.run('tss', os.path.join(at, 'noid'), namelist=path)
    suite.equal('no build id to compare: a symbol elsewhere: exit status', 3, r.status)
    suite.contains('no build id to compare: a symbol elsewhere', 'init_uts_ns', r.err)
