#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Write a slim kernel namelist: see ../slim-namelist for the why and the usage.

usage: slim.py [-v] [--debug-frame] VMLINUX VARTYPES OUTPUT

VMLINUX   a kernel's vmlinux with .symtab and .BTF (ELF64, little endian)
VARTYPES  the output of vartypes for it
"""
import collections
import struct
import sys

# ---------------------------------------------------------------------------
# ELF

SHT_PROGBITS, SHT_SYMTAB, SHT_STRTAB, SHT_NOTE, SHT_NOBITS = 1, 2, 3, 7, 8
SHF_ALLOC, SHF_EXECINSTR = 2, 4
SHDR = struct.Struct("<IIQQQQIIQQ")
SYM = struct.Struct("<IBBHQQ")
SHN_LORESERVE = 0xff00


class Section:
    def __init__(self, fields):
        (self.name_off, self.type, self.flags, self.addr, self.offset,
         self.size, self.link, self.info, self.align, self.entsize) = fields
        self.data = None                # contents, if not the input file's


def cstring(blob, offset):
    return blob[offset:blob.index(b"\0", offset)].decode()


class Elf:
    def __init__(self, path):
        self.f = open(path, "rb")
        self.ehdr = self.f.read(64)
        if self.ehdr[:6] != b"\x7fELF\x02\x01":
            sys.exit(f"slim: {path}: not a little-endian ELF64 file")
        (self.phoff, self.shoff) = struct.unpack_from("<QQ", self.ehdr, 32)
        (self.phentsize, self.phnum, _, shnum,
         shstrndx) = struct.unpack_from("<HHHHH", self.ehdr, 54)
        raw = self.read(self.shoff, shnum * SHDR.size)
        self.sections = [Section(s) for s in SHDR.iter_unpack(raw)]
        names = self.contents(self.sections[shstrndx])
        for s in self.sections:
            s.name = cstring(names, s.name_off)

    def read(self, offset, size):
        self.f.seek(offset)
        return self.f.read(size)

    def contents(self, section):
        return self.read(section.offset, section.size)

    def section(self, name):
        for s in self.sections:
            if s.name == name:
                return s
        return None


# ---------------------------------------------------------------------------
# BTF

(VOID, INT, PTR, ARRAY, STRUCT, UNION, ENUM, FWD, TYPEDEF, VOLATILE, CONST,
 RESTRICT, FUNC, PROTO, VAR, DATASEC, FLOAT, DECL_TAG, TYPE_TAG,
 ENUM64) = range(20)


class Type:
    __slots__ = ("kind", "name", "size", "ref", "items", "flag")

    def __init__(self, kind, name="", size=0, ref=0, items=(), flag=False):
        self.kind = kind
        self.name = name
        self.size = size        # bytes; ARRAY: elements, None: not known
        self.ref = ref          # type id of target, element, return value
        self.items = items      # members, enumerators, parameters
        self.flag = flag


class Types:
    """All types of a .BTF section, and those made up for variables."""

    def __init__(self, blob):
        magic, _, _, hlen, toff, tlen, soff, slen = struct.unpack_from(
            "<HBBIIIII", blob)
        if magic != 0xeb9f:
            sys.exit("slim: .BTF: bad magic number")
        self.blob = blob[hlen + toff:hlen + toff + tlen]
        self.strings = blob[hlen + soff:hlen + soff + slen]
        self.all = [Type(VOID)]
        self.parse()
        self.index()

    def string(self, offset):
        return cstring(self.strings, offset)

    def parse(self):
        blob, pos, end = self.blob, 0, len(self.blob)
        u3, u2 = struct.Struct("<III"), struct.Struct("<II")
        enum, enum64 = struct.Struct("<Ii"), struct.Struct("<III")
        signed_known = False
        while pos < end:
            name, info, size = u3.unpack_from(blob, pos)
            pos += 12
            kind, n, kflag = info >> 24 & 0x1f, info & 0xffff, info >> 31
            t = Type(kind, self.string(name) if name else "", flag=bool(kflag))
            self.all.append(t)
            if kind == INT:
                t.size = size
                t.items, = struct.unpack_from("<I", blob, pos)
                pos += 4
            elif kind == ARRAY:
                t.ref, _, n = u3.unpack_from(blob, pos)
                t.size = n or None
                pos += 12
            elif kind in (STRUCT, UNION):
                t.size = size
                t.items = []
                for m in u3.iter_unpack(blob[pos:pos + 12 * n]):
                    bits = m[2] >> 24 if kflag else 0
                    off = m[2] & 0xffffff if kflag else m[2]
                    t.items.append((self.string(m[0]), m[1], off, bits))
                pos += 12 * n
            elif kind == ENUM:
                t.size = size
                signed_known |= t.flag
                t.items = [(self.string(e[0]), e[1])
                           for e in enum.iter_unpack(blob[pos:pos + 8 * n])]
                pos += 8 * n
            elif kind == ENUM64:
                t.size = size
                t.items = []
                for e in enum64.iter_unpack(blob[pos:pos + 12 * n]):
                    v = e[1] | e[2] << 32
                    if kflag and v >> 63:
                        v -= 1 << 64
                    t.items.append((self.string(e[0]), v))
                pos += 12 * n
            elif kind == PROTO:
                t.ref = size
                t.items = [p[1] for p in u2.iter_unpack(blob[pos:pos + 8 * n])]
                pos += 8 * n
            elif kind == DATASEC:
                pos += 12 * n
            elif kind in (VAR, DECL_TAG):
                t.ref = size
                pos += 4
            elif kind == FLOAT:
                t.size = size
            elif kind in (PTR, FWD, TYPEDEF, VOLATILE, CONST, RESTRICT, FUNC,
                          TYPE_TAG):
                t.ref = size
            else:
                sys.exit(f"slim: .BTF: kind {kind} is not known")
        # BTF's 32-bit enumerators are signed numbers; pahole older than 1.24
        # does not say (kind_flag) for which enums that is right.  Where no
        # enum at all is marked as signed, believe the signs.
        if signed_known:
            for t in self.all:
                if t.kind == ENUM and not t.flag:
                    t.items = [(n, v & 0xffffffff) for n, v in t.items]

    # Find types by what they are

    def index(self):
        self.named = {}         # (kind, name) -> [ids]
        self.derived = {}       # (kind, ref, n) -> id
        for i, t in enumerate(self.all):
            if t.kind in (PTR, CONST, VOLATILE, RESTRICT, ARRAY):
                self.derived.setdefault(
                    (t.kind, t.ref, t.size if t.kind == ARRAY else 0), i)
            elif t.name:
                kind = ENUM if t.kind == ENUM64 else t.kind
                self.named.setdefault((kind, t.name), []).append(i)

    def add(self, t):
        self.all.append(t)
        return len(self.all) - 1

    def derive(self, kind, ref, n=0):
        key = (kind, ref, n)
        if key not in self.derived:
            self.derived[key] = self.add(Type(kind, ref=ref, size=n))
        return self.derived[key]

    def find(self, kind, name, size=None):
        ids = self.named.get((kind, name), [])
        for i in ids:
            if size is None or self.all[i].size == size:
                return i
        raise KeyError(name)

    def resolve(self, i):
        """Type id i without typedefs and qualifiers."""
        while self.all[i].kind in (TYPEDEF, CONST, VOLATILE, RESTRICT,
                                   TYPE_TAG):
            i = self.all[i].ref
        return self.all[i]

    def references(self):
        """How often each struct, union and enum is used, also by pointers."""
        refs = collections.Counter()
        for t in self.all:
            if t.kind in (STRUCT, UNION):
                used = [m[1] for m in t.items]
            elif t.kind == PROTO:
                used = list(t.items) + [t.ref]
            else:
                continue
            for i in used:
                while self.all[i].kind in (PTR, ARRAY, CONST, VOLATILE,
                                           RESTRICT, TYPEDEF, TYPE_TAG):
                    i = self.all[i].ref
                refs[i] += 1
        return refs

    # Arrays whose dimensions BTF lacks

    def reshape(self, i, dims):
        """The array type i, perhaps qualified, with dimensions dims."""
        t = self.all[i]
        if t.kind in (CONST, VOLATILE, TYPE_TAG):
            ref = self.reshape(t.ref, dims)
            return ref if t.kind == TYPE_TAG else self.derive(t.kind, ref)
        if t.kind != ARRAY:
            raise KeyError
        elements = 1
        for n in dims:
            elements *= n or 0
        if elements != (t.size or 0):           # is it another array?
            raise KeyError
        ref = t.ref
        for n in reversed(dims):
            ref = self.derive(ARRAY, ref, n)
        return ref

    def reshape_member(self, owner, member, offset, dims):
        """Do that to a member of a type, or of unnamed types in it."""
        done = False
        for n, (name, ref, off, bits) in enumerate(owner.items):
            inner = self.all[ref]
            if inner.kind in (STRUCT, UNION) and not inner.name:
                done |= self.reshape_member(inner, member, offset - off, dims)
            elif name == member and off == offset:
                try:
                    owner.items[n] = (name, self.reshape(ref, dims), off, bits)
                except KeyError:
                    continue
                done = True
        return done

    def reshape_named(self, sort, offset, what, text):
        dims = [int(n) if n else None
                for n in text.replace("A", "").split(";")[:-1]]
        done = False
        if sort == "t":
            for i in self.named.get((TYPEDEF, what), ()):
                t = self.all[i]
                try:
                    t.ref = self.reshape(t.ref, dims)
                    done = True
                except KeyError:
                    pass
            return done
        owner, _, member = what.partition(".")
        name, size = owner[1:].rsplit("#", 1)
        kind = STRUCT if owner[0] == "S" else UNION
        for i in self.named.get((kind, name), ()):
            if self.all[i].size == int(size):
                done |= self.reshape_member(self.all[i], member, offset, dims)
        return done

    # The notation of vartypes

    def from_text(self, text):
        try:
            return self.text_type(text, 0)[0]
        except RecursionError:
            raise KeyError(text)

    def text_type(self, s, p):
        """(type id, position after) of the type at s[p:]; KeyError."""
        c = s[p]
        if c == "v":
            return 0, p + 1
        if c in "PCVR":
            ref, p = self.text_type(s, p + 1)
            kind = {"P": PTR, "C": CONST, "V": VOLATILE, "R": RESTRICT}[c]
            return self.derive(kind, ref), p
        if c == "F":
            ret, p = self.text_type(s, p + 1)
            args = []
            p += 1
            while s[p] != ")":
                if s[p] == ".":
                    arg, p = 0, p + 1
                else:
                    arg, p = self.text_type(s, p)
                args.append(arg)
            key = (PROTO, ret, tuple(args))
            if key not in self.derived:
                self.derived[key] = self.add(Type(PROTO, ref=ret, items=args))
            return self.derived[key], p + 1
        if c in "sue":
            end = s.index("{", p)
            size = int(s[p + 1:end])
            kind = {"s": STRUCT, "u": UNION, "e": ENUM}[c]
            p, items = end + 1, []
            while s[p] != "}":
                if kind == ENUM:
                    end = s.index(";", p)
                    name, value = s[p:end].split("=")
                    items.append((name, int(value)))
                    p = end + 1
                    continue
                end = s.index(";", p)
                name, where = s[p:end].split("@")
                off, bits = where.split(":")
                ref, p = self.text_type(s, end + 1)
                items.append((name, ref, int(off), int(bits)))
            key = (kind, size, tuple(items))
            if key not in self.derived:
                self.derived[key] = self.add(
                    Type(kind, size=size, items=items, flag=True))
            return self.derived[key], p + 1
        end = s.index(";", p)
        word = s[p + 1:end]
        if c == "A":
            ref, p = self.text_type(s, end + 1)
            return self.derive(ARRAY, ref, int(word) if word else None), p
        if c == "B":
            kind = INT if (INT, word) in self.named else FLOAT
            return self.find(kind, word), end + 1
        if c == "D":
            return self.find(TYPEDEF, word), end + 1
        kind = {"S": STRUCT, "U": UNION, "E": ENUM}[c]
        name, size = word.rsplit("#", 1)
        try:
            if int(size) < 0:           # libdw: no size, a declaration
                return self.find(kind, name), end + 1
            return self.find(kind, name, int(size)), end + 1
        except KeyError:
            return self.find(FWD, name), end + 1


# ---------------------------------------------------------------------------
# DWARF 4

(TAG_array, TAG_enum, TAG_param, TAG_member, TAG_pointer, TAG_cu, TAG_struct,
 TAG_subroutine, TAG_typedef, TAG_union, TAG_varargs, TAG_subrange, TAG_base,
 TAG_const, TAG_enumerator, TAG_variable, TAG_volatile, TAG_restrict) = (
     0x01, 0x04, 0x05, 0x0d, 0x0f, 0x11, 0x13, 0x15, 0x16, 0x17, 0x18, 0x21,
     0x24, 0x26, 0x28, 0x34, 0x35, 0x37)
(AT_location, AT_name, AT_byte_size, AT_bit_offset, AT_low_pc, AT_language,
 AT_bit_size, AT_const_value, AT_upper_bound, AT_producer, AT_prototyped,
 AT_member_location, AT_declaration, AT_encoding, AT_external, AT_type,
 AT_ranges, AT_count) = (
     0x02, 0x03, 0x0b, 0x0c, 0x11, 0x13, 0x0d, 0x1c, 0x2f, 0x25, 0x27, 0x38,
     0x3c, 0x3e, 0x3f, 0x49, 0x55, 0x37)
(F_addr, F_data1, F_sdata, F_strp, F_udata, F_ref4, F_sec_offset,
 F_exprloc, F_flag_present) = (
     0x01, 0x0b, 0x0d, 0x0e, 0x0f, 0x13, 0x17, 0x18, 0x19)


def uleb(v):
    out = bytearray()
    while v > 0x7f:
        out.append(v & 0x7f | 0x80)
        v >>= 7
    out.append(v)
    return out


def sleb(v):
    out = bytearray()
    while not -64 <= v < 64:
        out.append(v & 0x7f | 0x80)
        v >>= 7
    out.append(v & 0x7f)
    return out


class Dwarf:
    """One compilation unit with all types and variables in it."""

    def __init__(self, types, text_ranges):
        self.types = types
        self.info = bytearray(11)       # unit header, filled in at the end
        self.abbrevs = {}
        self.strings = bytearray(b"\0")
        self.string_at = {"": 0}
        self.where = {}                 # type id -> offset
        self.fixups = []                # (position in info, type id)
        self.wanted = []
        self.ranges = b"".join(
            struct.pack("<QQ", lo, hi) for lo, hi in text_ranges) + bytes(16)
        self.die(TAG_cu, True, (
            (AT_producer, F_strp, "slim-namelist"),
            (AT_language, F_data1, 12),                 # C99
            (AT_name, F_strp, "slim-namelist.c"),
            (AT_low_pc, F_addr, 0),
            (AT_ranges, F_sec_offset, 0)))

    def strp(self, s):
        if s not in self.string_at:
            self.string_at[s] = len(self.strings)
            self.strings += s.encode() + b"\0"
        return self.string_at[s]

    def die(self, tag, children, attrs):
        """Append an entry; a reference to type 0 (void) is left out."""
        attrs = [a for a in attrs if a and not (a[1] == F_ref4 and a[2] == 0)]
        key = (tag, children, tuple((a[0], a[1]) for a in attrs))
        code = self.abbrevs.setdefault(key, len(self.abbrevs) + 1)
        out = self.info
        out += uleb(code)
        for _, form, value in attrs:
            if form == F_strp:
                out += struct.pack("<I", self.strp(value))
            elif form == F_udata:
                out += uleb(value)
            elif form == F_sdata:
                out += sleb(value)
            elif form == F_data1:
                out.append(value)
            elif form == F_ref4:
                self.fixups.append((len(out), value))
                out += bytes(4)
                if value not in self.where:
                    self.wanted.append(value)
            elif form == F_exprloc:
                out += uleb(len(value)) + value
            elif form == F_addr:
                out += struct.pack("<Q", value)
            elif form == F_sec_offset:
                out += struct.pack("<I", value)
            elif form != F_flag_present:
                raise ValueError(form)

    def end_children(self):
        self.info.append(0)

    # Types

    def skip_tags(self, i):
        """BTF type tags (__user, __percpu ...) have no place in DWARF 4."""
        while self.types.all[i].kind == TYPE_TAG:
            i = self.types.all[i].ref
        return i

    def ref(self, i):
        return (AT_type, F_ref4, self.skip_tags(i))

    def name(self, t):
        return (AT_name, F_strp, t.name) if t.name else None

    def base_type(self, t):
        if t.kind == FLOAT:
            encoding = 0x04
        elif t.items >> 24 & 4 or t.name == "_Bool":
            encoding = 0x02
        elif t.name in ("char", "signed char"):
            encoding = 0x06             # BTF: an int of one byte; gdb prints
        elif t.name == "unsigned char":  # letters and strings only for chars
            encoding = 0x08
        else:
            encoding = 0x05 if t.items >> 24 & 1 else 0x07
        self.die(TAG_base, False, (
            self.name(t), (AT_byte_size, F_udata, t.size),
            (AT_encoding, F_data1, encoding)))

    def member(self, name, ref, off, bits):
        target = self.types.resolve(ref)
        if not bits and target.kind == INT:
            # without kind_flag, bit-fields are members with an odd int
            n = target.items & 0xff
            if n != target.size * 8:
                off, bits = off + (target.items >> 16 & 0xff), n
        if not bits:
            self.die(TAG_member, False, (
                (AT_name, F_strp, name) if name else None,
                self.ref(ref), (AT_member_location, F_udata, off // 8)))
            return
        # Bit-fields as in DWARF 2 to 4: counted from the top of the unit,
        # which every reader knows (DW_AT_data_bit_offset is younger).
        size = max(target.size, 1)
        start = off // (size * 8) * size
        if off + bits > (start + size) * 8:     # packed, crosses units
            start = off // 8
        self.die(TAG_member, False, (
            (AT_name, F_strp, name) if name else None,
            self.ref(ref), (AT_byte_size, F_udata, size),
            (AT_bit_size, F_udata, bits),
            (AT_bit_offset, F_sdata, size * 8 - bits - (off - start * 8)),
            (AT_member_location, F_udata, start)))

    def type(self, i):
        t = self.types.all[i]
        if i in self.where or t.kind in (VOID, FUNC, VAR, DATASEC, DECL_TAG,
                                         TYPE_TAG):
            return
        self.where[i] = len(self.info)
        if t.kind in (INT, FLOAT):
            self.base_type(t)
        elif t.kind in (PTR, CONST, VOLATILE, RESTRICT, TYPEDEF):
            tag = {PTR: TAG_pointer, CONST: TAG_const, VOLATILE: TAG_volatile,
                   RESTRICT: TAG_restrict, TYPEDEF: TAG_typedef}[t.kind]
            self.die(tag, False, (self.name(t), self.ref(t.ref)))
        elif t.kind == ARRAY:
            self.die(TAG_array, True, (self.ref(t.ref),))
            self.die(TAG_subrange, False, (
                self.ref(self.index_type),
                None if t.size is None else
                (AT_upper_bound, F_udata, t.size - 1) if t.size else
                (AT_count, F_udata, 0)))
            self.end_children()
        elif t.kind in (STRUCT, UNION):
            self.die(TAG_struct if t.kind == STRUCT else TAG_union,
                     bool(t.items), (self.name(t),
                                     (AT_byte_size, F_udata, t.size)))
            for m in t.items:
                self.member(*m)
            if t.items:
                self.end_children()
        elif t.kind in (ENUM, ENUM64):
            self.die(TAG_enum, bool(t.items), (
                self.name(t), (AT_byte_size, F_udata, t.size)))
            for name, value in t.items:
                self.die(TAG_enumerator, False, (
                    (AT_name, F_strp, name),
                    (AT_const_value, F_udata if value >> 63 > 0 else F_sdata,
                     value)))
            if t.items:
                self.end_children()
        elif t.kind == FWD:
            self.die(TAG_union if t.flag else TAG_struct, False, (
                self.name(t), (AT_declaration, F_flag_present, 1)))
        elif t.kind == PROTO:
            self.die(TAG_subroutine, bool(t.items), (
                (AT_prototyped, F_flag_present, 1), self.ref(t.ref)))
            for arg in t.items:
                self.die(TAG_param if arg else TAG_varargs, False,
                         (self.ref(arg),))
            if t.items:
                self.end_children()

    def all_types(self):
        """Every type with a name, then what those and variables refer to."""
        self.index_type = self.types.find(INT, "long unsigned int")
        # Different types may have one name (struct, union and enum share a
        # name space): gdb takes the first.  Let that be the one which most
        # of the kernel refers to, and if none leads the last, which gdb finds
        # first when every file has a unit of its own.
        refs = self.types.references()
        tags = (STRUCT, UNION, ENUM, ENUM64)
        same = collections.defaultdict(list)
        for i, t in enumerate(self.types.all):
            if t.name and t.kind in tags:
                same[t.name].append(i)
        for ids in same.values():
            if len(ids) > 1:
                for i in sorted(ids, key=lambda i: (-refs[i], -i)):
                    self.type(i)
        for i, t in enumerate(self.types.all):
            # Types without a name are met through what refers to them, in
            # the end.  But an unnamed enum may define constants which
            # nothing refers to: crash asks for such as PG_* and WORK_*.
            if (t.name or t.kind in (ENUM, ENUM64)) and t.kind != FWD:
                self.type(i)
        self.referred_types()

    def referred_types(self):
        while self.wanted:
            wanted, self.wanted = self.wanted, []
            for i in sorted(set(wanted)):
                self.type(i)

    # Variables

    def variable(self, name, ref, addr):
        # gdb looks up one without an address in .symtab
        self.die(TAG_variable, False, (
            (AT_name, F_strp, name), self.ref(ref),
            (AT_external, F_flag_present, 1),
            (AT_declaration, F_flag_present, 1) if addr is None else
            (AT_location, F_exprloc, b"\x03" + struct.pack("<Q", addr))))

    def constant(self, name, ref, value):
        self.die(TAG_variable, False, (
            (AT_name, F_strp, name), self.ref(ref),
            (AT_const_value, F_sdata, value)))

    def finish(self):
        self.referred_types()
        self.end_children()
        info = self.info
        for pos, i in self.fixups:
            struct.pack_into("<I", info, pos, self.where[i])
        struct.pack_into("<IHIB", info, 0, len(info) - 4, 4, 0, 8)
        abbrev = bytearray()
        for (tag, children, attrs), code in self.abbrevs.items():
            abbrev += uleb(code) + uleb(tag) + bytes([children])
            for at, form in attrs:
                abbrev += uleb(at) + uleb(form)
            abbrev += b"\0\0"
        abbrev += b"\0"
        return {".debug_info": bytes(info), ".debug_abbrev": bytes(abbrev),
                ".debug_str": bytes(self.strings),
                ".debug_ranges": self.ranges}


# ---------------------------------------------------------------------------
# What to put in

# Tables of tools and of the boot: many, and no one ever asks for their types.
NOISE = ("__UNIQUE_ID_", "__setup_str_", "__tpstrtab_", "__initcall_",
         "__exitcall_", "__kstrtab", "__ksymtab", "__bpf_trace_tp_map_",
         "__p_syscall_meta_", "__TRACE_SYSTEM_", "TRACE_SYSTEM_", "__event_")


def add_variables(dwarf, types, lines, symbols, log):
    seen, missing, n = set(), [], 0
    # of several with one name take an external, else the first; a declared
    # one only if it is a symbol; a constant only if there is nothing else
    for value, sort, name, text in sorted(
            lines, key=lambda words: "esdc".index(words[1])):
        if name in seen or name.startswith(NOISE) or \
                sort == "d" and name not in symbols:
            continue
        try:
            ref = types.from_text(text)
        except KeyError:
            missing.append(name)
            continue
        if sort == "c":
            if types.resolve(ref).kind not in (INT, ENUM, ENUM64, PTR):
                continue
            dwarf.constant(name, ref, int(value))
        else:
            dwarf.variable(name, ref, None if sort == "d" else int(value, 16))
        seen.add(name)
        n += 1
    log(f"{n} variables; BTF lacks the types of {len(missing)}"
        + (": " + " ".join(missing[:10]) if missing else ""))


def linux_banner(elf, symbols, names):
    """(section, offset in it, bytes) of the string linux_banner."""
    for name, info, _, shndx, value, size in symbols:
        if shndx and shndx < SHN_LORESERVE and \
                names[name:name + 13] == b"linux_banner\0":
            s = elf.sections[shndx]
            text = elf.read(s.offset + value - s.addr, max(size, 512))
            return s, value - s.addr, text[:text.index(b"\0") + 1]
    sys.exit("slim: no symbol linux_banner")


def build(vmlinux, vartypes, output, debug_frame, log):
    elf = Elf(vmlinux)
    btf, symtab = elf.section(".BTF"), elf.section(".symtab")
    if btf is None or symtab is None:
        sys.exit(f"slim: {vmlinux}: needs the sections .BTF and .symtab")
    strtab = elf.sections[symtab.link]
    names = elf.contents(strtab)
    symbols = list(SYM.iter_unpack(elf.contents(symtab)))

    # Types and variables
    types = Types(elf.contents(btf))
    log(f"{len(types.all)} types in BTF")
    with open(vartypes, encoding="utf-8", errors="replace") as f:
        lines = [line.rstrip("\n").split(" ", 3)
                 for line in dict.fromkeys(f)]
    reshaped = [types.reshape_named(w[1], int(w[0]), w[2], w[3])
                for w in lines if w[1] in "mt"]
    log(f"{sum(reshaped)} of {len(reshaped)} arrays got their dimensions")
    dwarf = Dwarf(types, sorted(
        (s.addr, s.addr + s.size) for s in elf.sections
        if s.flags & SHF_EXECINSTR and s.flags & SHF_ALLOC and s.size))
    dwarf.all_types()
    add_variables(dwarf, types, [w for w in lines if w[1] not in "mt"],
                  {cstring(names, s[0]) for s in symbols}, log)
    debug = dwarf.finish()

    # Sections: those in memory, at the offsets which they had (so the program
    # headers stay right), but with holes for contents; then the others.  Not
    # NOBITS instead of holes: crash refuses a file whose .text and .data have
    # no contents.  What it reads of the contents are the notes and
    # linux_banner (if that is not the dump's, a warning); BTF is for others.
    banner_section, banner_at, banner = linux_banner(elf, symbols, names)
    keep = []
    for s in elf.sections:
        s.kept = s.type == 0 or bool(s.flags & SHF_ALLOC) or \
            s in (symtab, strtab) or s.name == ".comment" or \
            (debug_frame and s.name == ".debug_frame")
        if s.kept:
            s.index = len(keep)
            keep.append(s)
    for name, data in debug.items():
        s = Section((0, SHT_PROGBITS, 0, 0, 0, len(data), 0, 0, 1, 0))
        s.name, s.data, s.index = name, data, len(keep)
        if name == ".debug_str":
            s.flags, s.entsize = 0x30, 1
        keep.append(s)
    shstr = Section((0, SHT_STRTAB, 0, 0, 0, 0, 0, 0, 1, 0))
    shstr.name, shstr.index = ".shstrtab", len(keep)
    keep.append(shstr)

    # The same symbols, in the same order, with the new section numbers; only
    # the nameless section symbols of sections which are gone go too.
    out, local = bytearray(), 0
    for i, (name, info, other, shndx, value, size) in enumerate(symbols):
        if 0 < shndx < SHN_LORESERVE:
            s = elf.sections[shndx]
            if not s.kept:
                if info & 15 == 3:
                    continue
                shndx = 0xfff1          # absolute
            else:
                shndx = s.index
        if i < symtab.info:
            local += 1
        out += SYM.pack(name, info, other, shndx, value, size)
    symtab.data = bytes(out)
    symtab.info = local

    strings = bytearray(b"\0")
    for s in keep[1:]:
        s.name_off = len(strings)
        strings += s.name.encode() + b"\0"
    shstr.data = bytes(strings)

    end = 64 + elf.phnum * elf.phentsize
    writes = []                         # (offset, bytes)
    for s in keep:
        if not s.flags & SHF_ALLOC or s.type in (0, SHT_NOBITS):
            continue
        if s.type == SHT_NOTE or s is btf:
            writes.append((s.offset, elf.contents(s)))
        if s is banner_section:
            writes.append((s.offset + banner_at, banner))
        end = max(end, s.offset + s.size)
    for s in keep:
        if s.type == 0 or s.flags & SHF_ALLOC:
            continue
        data = elf.contents(s) if s.data is None else s.data
        end = -(-end // max(s.align, 1)) * max(s.align, 1)
        s.offset, s.size = end, len(data)
        writes.append((end, data))
        end += len(data)
        log(f"{s.name}: {len(data)} bytes")
    shoff = -(-end // 8) * 8
    table = b"".join(SHDR.pack(
        s.name_off, s.type, s.flags, s.addr, s.offset, s.size,
        strtab.index if s is symtab else 0,
        s.info if s is symtab else 0, s.align, s.entsize) for s in keep)

    ehdr = bytearray(elf.ehdr)
    struct.pack_into("<QQ", ehdr, 32, 64, shoff)
    struct.pack_into("<HH", ehdr, 60, len(keep), shstr.index)
    with open(output, "wb") as f:
        f.write(ehdr)
        f.write(elf.read(elf.phoff, elf.phnum * elf.phentsize))
        for offset, data in writes:
            f.seek(offset)
            f.write(data)
        f.seek(shoff)
        f.write(table)


def main(argv):
    args = [a for a in argv if a not in ("--debug-frame", "-v")]
    if len(args) != 3:
        sys.exit(__doc__)
    log = (lambda s: print("slim:", s, file=sys.stderr)) if "-v" in argv \
        else (lambda s: None)
    build(args[0], args[1], args[2], "--debug-frame" in argv, log)


if __name__ == "__main__":
    main(sys.argv[1:])
