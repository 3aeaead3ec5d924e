# SPDX-License-Identifier: GPL-2.0-or-later
"""The structs of the dump's kernel, from the BTF in its memory.

Shares no code with libstackinfo, which reads it as far as it is asked. The format:
Documentation/bpf/btf.rst.
"""
import struct

INT, PTR, ARRAY, STRUCT, UNION, ENUM, FWD, TYPEDEF, VOLATILE, CONST, RESTRICT = range(1, 12)
FUNC, FUNC_PROTO, VAR, DATASEC, FLOAT, DECL_TAG, TYPE_TAG, ENUM64 = range(12, 20)
ALIASES = (TYPEDEF, VOLATILE, CONST, RESTRICT, TYPE_TAG)


def btf_of(core):
    """That of a dump, read once: it takes a second."""
    core.btf = core.btf or Btf(core)
    return core.btf


class Btf:
    def __init__(self, core):
        begin, end = core.symbol('__start_BTF'), core.symbol('__stop_BTF')
        data = core.read(begin, end - begin)
        _, _, _, head, types_at, types_size, strings_at, _ = struct.unpack_from('<HBB5I', data)
        self.data, self.strings = data, head + strings_at
        self.types, self.by_name = [None], {}
        at = head + types_at
        while at < head + types_at + types_size:
            name, info, size = struct.unpack_from('<3I', data, at)
            kind, count = info >> 24 & 31, info & 0xffff
            self.types.append((kind, count, size, at + 12, info >> 31))
            if kind in (STRUCT, UNION) and name:
                self.by_name.setdefault(self.text(name), len(self.types) - 1)
            at += 12 + {INT: 4, ARRAY: 12, STRUCT: 12 * count, UNION: 12 * count,
                        ENUM: 8 * count, FUNC_PROTO: 8 * count, VAR: 4, DATASEC: 12 * count,
                        DECL_TAG: 4, ENUM64: 12 * count}.get(kind, 0)

    def text(self, offset):
        at = self.strings + offset
        return self.data[at:self.data.index(b'\0', at)].decode()

    def size_of(self, number):
        kind, _, size, at, _ = self.types[number]
        if kind in ALIASES:
            return self.size_of(size)
        if kind == PTR:
            return 8
        if kind == ARRAY:
            element, _, count = struct.unpack_from('<3I', self.data, at)
            return self.size_of(element) * count
        return size

    def size(self, name):
        return self.size_of(self.by_name[name])

    def find(self, number, member):
        kind, count, size, at, bits = self.types[number]
        if kind in ALIASES:
            return self.find(size, member)
        for i in range(count if kind in (STRUCT, UNION) else 0):
            name, inner, offset = struct.unpack_from('<3I', self.data, at + 12 * i)
            offset = (offset & 0xffffff if bits else offset) // 8
            if name and self.text(name) == member:
                return offset, self.size_of(inner), inner
            if not name:
                found = self.find(inner, member)
                if found:
                    return found[0] + offset, found[1], found[2]
        return None

    def member(self, name, path):
        """(offset, size) of a member, or of a member of a member; None when there is none."""
        number, offset, size = self.by_name.get(name), 0, 0
        if number is None:
            return None
        for part in path.split('.'):
            found = self.find(number, part)
            if not found:
                return None
            offset, size, number = offset + found[0], found[1], found[2]
        return offset, size

    def read(self, core, at, name, path):
        """The value of an integer or pointer member of the struct at @at."""
        offset, size = self.member(name, path)
        return int.from_bytes(core.read(at + offset, size), 'little')

    def list(self, core, head, name, path):
        """The structs on a list_head."""
        offset, _ = self.member(name, path)
        at = core.u64(head)
        while at != head:
            yield at - offset
            at = core.u64(at)
