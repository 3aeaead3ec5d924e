# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes damaged copies of a dump in makedumpfile's format.

usage: kdump_damage.py SOURCE TARGET exclude|zero|random PFN...

exclude: the page is not in the dump (its bit in the 2nd bitmap and its page_desc go)
zero, random: it is, but holds zeros, or the same random bytes each time

A page's data may be shared by several (all zero pages are), so what changes is
written at the end of the file.
"""
import random
import struct
import subprocess
import sys

from vmcore import KdumpFile, PAGE


class Damage:
    def __init__(self, source, target):
        subprocess.run(['cp', '--sparse=always', source, target], check=True)
        self.f = open(target, 'r+b')
        self.file = KdumpFile(self.f)
        self.bitmap = bytearray(self.file.bitmap)
        self.desc = [self.file.desc[i:i + 24] for i in range(0, len(self.file.desc), 24)]
        self.by_pfn = {pfn: self.desc[i] for pfn, i in self.file.index.items()}

    def exclude(self, pfn):
        self.bitmap[pfn // 8] &= ~(1 << pfn % 8)
        self.by_pfn.pop(pfn, None)

    def overwrite(self, pfn, data):
        assert len(data) == PAGE and pfn in self.by_pfn
        self.f.seek(0, 2)
        self.by_pfn[pfn] = struct.pack('<QIIQ', self.f.tell(), PAGE, 0, 0)
        self.f.write(data)

    def zero(self, pfn):
        self.overwrite(pfn, bytes(PAGE))

    def random(self, pfn):
        self.overwrite(pfn, random.Random(pfn).randbytes(PAGE))

    def patch(self, phys, data):
        """Change a few bytes that lie within one page."""
        pfn, at = divmod(phys, PAGE)
        offset, = struct.unpack_from('<Q', self.by_pfn[pfn])
        self.f.seek(offset)
        page = bytearray(self.f.read(PAGE))
        page[at:at + len(data)] = data
        self.overwrite(pfn, bytes(page))

    def write(self):
        """Bring bitmap and descriptors up to date: they go by the order of pages."""
        self.f.seek(self.file.bitmap_at)
        self.f.write(self.bitmap)
        self.f.seek(self.file.desc_at)
        self.f.write(b''.join(self.by_pfn[pfn] for pfn in sorted(self.by_pfn)))
        self.f.close()


def main():
    if len(sys.argv) < 5 or sys.argv[3] not in ('exclude', 'zero', 'random'):
        sys.exit(__doc__.split('\n')[2])
    damage = Damage(sys.argv[1], sys.argv[2])
    for pfn in sys.argv[4:]:
        getattr(damage, sys.argv[3])(int(pfn, 0))
    damage.write()


if __name__ == '__main__':
    main()
