# SPDX-License-Identifier: GPL-2.0-or-later
"""The same dump in the other shapes that makedumpfile gives it."""
import random
import struct

from vmcore import PAGE, KdumpFile


def flatten(source, target, seed=1):
    """makedumpfile -F: records {be64 offset, size}, in no order, behind a header."""
    with open(source, 'rb') as f, open(target, 'wb') as out:
        out.write(struct.pack('>16s2q', b'makedumpfile', 1, 1).ljust(4096, b'\0'))
        size = f.seek(0, 2)
        step = 256 * PAGE
        offsets = list(range(0, size, step))
        random.Random(seed).shuffle(offsets)
        for at in offsets:
            f.seek(at)
            data = f.read(step)
            out.write(struct.pack('>2q', at, len(data)) + data)
        out.write(struct.pack('>2q', -1, -1))


def split(source, targets):
    """makedumpfile --split: each has all of the bitmaps, but only pages of its range."""
    with open(source, 'rb') as f:
        file = KdumpFile(f)
        f.seek(0)
        head = bytearray(f.read(file.desc_at))
        pfns = sorted(file.index)
        each = -(-len(pfns) // len(targets))
        bounds = [0] + [pfns[i] for i in range(each, len(pfns), each)]
        bounds += [len(file.bitmap) * 8]
        for target, begin, end in zip(targets, bounds, bounds[1:]):
            mine = [p for p in pfns if begin <= p < end]
            # struct kdump_sub_header: split, start_pfn, end_pfn, and the last two in 64 bits
            struct.pack_into('<i', head, file.block + 12, 1)
            struct.pack_into('<QQ', head, file.block + 16, begin, end)
            struct.pack_into('<QQ', head, file.block + 80, begin, end)
            with open(target, 'wb') as out:
                out.write(head)
                at = len(head) + 24 * len(mine)
                for i in range(len(mine)):
                    out.write(struct.pack('<QIIQ', at + i * PAGE, PAGE, 0, 0))
                for pfn in mine:
                    out.write(file.page(pfn))
