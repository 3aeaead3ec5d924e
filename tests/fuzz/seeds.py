# SPDX-License-Identifier: GPL-2.0-or-later
"""seeds.py OUT [TARGET...] - the first inputs of each target of fuzzers, in OUT/TARGET/.

Small and sound ones, so that the fuzzer begins behind the first checks; encoded by what
the kernel's and makedumpfile's sources say. Those of machines are as machine.h has it.
"""
import pathlib
import struct
import sys

MEMORY = 0xffffffff81000000
TREE = pathlib.Path(__file__).resolve().parents[2]


def machine(lines, memory):
    text = ''.join(f'{key}={value}\n' for key, value in lines.items())
    return text.encode() + b'\0' + memory


def symbols(**offsets):
    return {f'SYMBOL({name})': f'{MEMORY + at:x}' for name, at in offsets.items()}


def padded(data, unit):
    return data + bytes(-len(data) % unit)


# ---- files ----

def note(name, kind, desc):
    name = name.encode() + b'\0'
    return struct.pack('<3I', len(name), len(desc), kind) + padded(name, 4) + padded(desc, 4)


def notes():
    status = struct.pack('<32xI76x27Q8x', 42, *range(1, 28))
    qemu = struct.pack('<2I18Q', 1, 440, *range(18))
    qemu += b''.join(struct.pack('<4IQ', n, 0xffff, 0, 0, n << 12) for n in range(10))
    qemu += struct.pack('<6Q', *range(6))
    return (note('CORE', 1, status) + note('CORE', 1, status) +
            note('QEMU', 0, qemu) + note('QEMU', 0, qemu) +
            note('VMCOREINFO', 0, b'OSRELEASE=6.1.0\nPAGESIZE=4096\n'))


def elf():
    content, at = notes(), 64 + 2 * 56
    head = struct.pack('<4s5B7x2HI3QI6H', b'\x7fELF', 2, 1, 1, 0, 0, 4, 62, 1, 0, 64, 0, 0,
                       64, 56, 2, 0, 0, 0)
    head += struct.pack('<2I6Q', 4, 0, at, 0, 0, len(content), len(content), 0)
    head += struct.pack('<2I6Q', 1, 7, at + len(content), MEMORY, 0x1000, 16, 4096, 0)
    return head + content + bytes(16)


def kdump(version=6, split=0, block=512):
    content = notes()
    info = b'OSRELEASE=6.1.0\n'
    names = b''.join(s.ljust(65, b'\0') for s in
                     (b'Linux', b'dump', b'6.1.0', b'#1', b'x86_64', b''))
    head = (b'KDUMP   ' + struct.pack('<I', version) + names).ljust(424, b'\0')
    head += struct.pack('<I3I2I', 0, block, 1, 2, 8, 0)
    descs = block * 4
    at = descs + 2 * 24 + 2 * 64
    sub = struct.pack('<QiiQQQQQQQQQQQ', 0, 31, split, 0, 8, at, len(info),
                      at + len(info), len(content), 0, 0, 0, 8, 8)
    maps = b'\x03'.ljust(block, b'\0') * 2
    pages = b''.join(struct.pack('<QIIQ', descs + 48 + 64 * i, 64, 0, 0) for i in range(2))
    return (head.ljust(block, b'\0') + sub.ljust(block, b'\0') + maps + pages + bytes(128) +
            info + content)


def flattened(dump):
    head = struct.pack('>16s2q', b'makedumpfile', 1, 1).ljust(4096, b'\0')
    cut = len(dump) // 2
    return (head + struct.pack('>2q', cut, len(dump) - cut) + dump[cut:] +
            struct.pack('>2q', 0, cut) + dump[:cut] + struct.pack('>2q', -1, -1))


def files():
    return {'elf': elf(), 'kdump': kdump(), 'kdump-3': kdump(3), 'part': kdump(6, 1)}


# ---- kallsyms ----

def tokens():
    table, index = b'', []
    for n in range(256):
        index.append(len(table))
        table += (bytes([n]) if 32 < n < 127 else b'sys_' if n == 200 else b'') + b'\0'
    return padded(table, 8), struct.pack('<256H', *index)


def names(listed):
    return b''.join(bytes([len(name)]) + name for name in listed)


LISTED = [b'T_stext', b'T\xc8read', b'tinit', b'tinit', b'Dinit_uts_ns', b'B_end']
ADDRESSES = [MEMORY + at for at in (0, 0x20, 0x30, 0x40, 0x80, 0x100)]
KNOWN = symbols(_stext=0, init_uts_ns=0x80)


def kallsyms(kind):
    """As 6.4 has them: behind one another, offsets last."""
    table, index = tokens()
    listed = padded(names(LISTED), 8)
    number = struct.pack('<Q', len(LISTED))
    memory = number + listed + table + index
    at = len(memory)
    where = dict(kallsyms_num_syms=0, kallsyms_names=8,
                 kallsyms_token_table=8 + len(listed),
                 kallsyms_token_index=8 + len(listed) + len(table))
    if kind == 'addresses':
        where['kallsyms_addresses'] = at
        memory += struct.pack('<6Q', *ADDRESSES)
    elif kind == 'percpu':
        where.update(kallsyms_offsets=at, kallsyms_relative_base=at + 24)
        memory += struct.pack('<6iQ', *(MEMORY - 1 - a for a in ADDRESSES), MEMORY)
    elif kind == 'base':
        where.update(kallsyms_offsets=at, kallsyms_relative_base=at + 24)
        memory += struct.pack('<6IQ', *(a - MEMORY for a in ADDRESSES), MEMORY)
    else:
        where['kallsyms_offsets'] = at
        memory += struct.pack('<6i', *(a - MEMORY - at - 4 * i
                                       for i, a in enumerate(ADDRESSES)))
    return machine(KNOWN | symbols(**where), memory)


def searched(width, addresses):
    """As before 6.0: addresses first, and nobody says where."""
    table, index = tokens()
    if addresses:
        memory = struct.pack('<6Q', *ADDRESSES)
    else:
        memory = struct.pack('<6iQ', *(MEMORY - 1 - a for a in ADDRESSES), MEMORY)
    memory += struct.pack('<Q', len(LISTED)) + padded(names(LISTED), 8)
    return machine(KNOWN, memory + padded(bytes(width), 8) + table + index)


# ---- the rest of the machine ----

def btf():
    strings, at = b'\0', {}
    for name in ('int', 'task_struct', 'list_head', 'u', 'stack', 'pid', 'next', 'inner'):
        at[name] = len(strings)
        strings += name.encode() + b'\0'

    def kind(name, number, count, size, *words):
        return struct.pack(f'<{3 + len(words)}I', at.get(name, 0), number << 24 | count,
                           size, *words)
    types = kind('int', 1, 0, 4, 32)                                # 1
    types += kind('', 2, 0, 3)                                      # 2: pointer
    types += kind('list_head', 4, 1, 8, at['next'], 2, 0)           # 3
    types += kind('', 5, 2, 8, at['inner'], 3, 0, at['pid'], 6, 0)  # 4: union
    types += kind('task_struct', 4, 2, 40, at['stack'], 7, 0, 0, 4, 256)
    types += kind('u', 8, 0, 1)                                     # 6: typedef
    types += kind('', 3, 0, 0, 1, 1, 8)                             # 7: array
    types += kind('u', 5, 1, 8, at['inner'], 10, 0)                 # 8
    types += kind('', 9, 0, 1) + kind('', 10, 0, 9)                 # 9, 10: volatile, const
    head = struct.pack('<HBB5I', 0xeb9f, 1, 0, 24, 0, len(types), len(types), len(strings))
    memory = head + types + strings
    return machine(symbols(__start_BTF=0, __stop_BTF=len(memory)), memory)


def orc(form):
    """Three rules: a call, an interrupted one, the end."""
    flags = {'4.14': (5, 0x105, 0), '4.19': (5, 0x105, 0x400), '6.3': (5, 0x505, 0x800),
             '6.4': (0x205, 0xb05, 0x100), '7.1': (0x203, 0xb03, 0x100)}[form]
    slots, rules = 0x400, 0x40c
    memory = bytes(slots)
    for i, at in enumerate((0, 0x40, 0x80)):
        memory += struct.pack('<i', at - slots - 4 * i)
    for flag in flags:
        memory += struct.pack('<hhH', 8, 0, flag)
    where = dict(_stext=0, _etext=0x200, _sinittext=0x300, _einittext=0x380,
                 __start_orc_unwind_ip=slots, __stop_orc_unwind_ip=rules,
                 __start_orc_unwind=rules)
    lines = {}
    if form in ('4.19', '6.3'):
        lines['OFFSET(orc_entry.end)'] = 4
    if form in ('6.3', '6.4', '7.1'):
        lines['OFFSET(orc_entry.signal)'] = 4
    if form in ('6.4', '7.1'):
        where.update(orc_fp_entry=len(memory), __start_orc_header=len(memory) + 6)
        memory += struct.pack('<hhH', 16, -16, 0x214 if form == '6.4' else 0x284)
        memory += bytes.fromhex('fe5d32bf581bd63b2ca9c5ba5a625eab3fe24f24'
                                if form == '6.4' else
                                '137c36ad7627c4dd55932cacbecdbb0177041fc8')
    return machine(symbols(**where) | lines, memory)


RING = {
    'OFFSET(printk_ringbuffer.desc_ring)': 0, 'OFFSET(printk_ringbuffer.text_data_ring)': 40,
    'OFFSET(prb_desc_ring.count_bits)': 0, 'OFFSET(prb_desc_ring.descs)': 8,
    'OFFSET(prb_desc_ring.infos)': 16, 'OFFSET(prb_desc_ring.head_id)': 24,
    'OFFSET(prb_desc_ring.tail_id)': 32, 'SIZE(prb_desc)': 24,
    'OFFSET(prb_desc.state_var)': 0, 'OFFSET(prb_desc.text_blk_lpos)': 8,
    'OFFSET(prb_data_blk_lpos.begin)': 0, 'OFFSET(prb_data_blk_lpos.next)': 8,
    'OFFSET(prb_data_ring.size_bits)': 0, 'OFFSET(prb_data_ring.data)': 8,
    'SIZE(printk_info)': 32, 'OFFSET(printk_info.ts_nsec)': 8,
    'OFFSET(printk_info.text_len)': 16, 'OFFSET(printk_info.caller_id)': 20,
}
RECORDS = {'SIZE(printk_log)': 16, 'OFFSET(printk_log.ts_nsec)': 0,
           'OFFSET(printk_log.len)': 8, 'OFFSET(printk_log.text_len)': 10}


def ring():
    """Four descriptors; the second text wraps, the third record has none."""
    descs, infos, data, count, bits = 0x48, 0xa8, 0x128, 4, 6
    memory = struct.pack('<6Q', MEMORY + 8, 2, MEMORY + descs, MEMORY + infos, 7, 5)
    memory += struct.pack('<3Q', bits, MEMORY + data, 0)
    slots = {5: (1 << 62, 40, 56, 5), 6: (2 << 62, 56, 80, 7), 7: (2 << 62, 1, 1, 0)}
    for n in (4, 5, 6, 7):
        state, begin, end, _ = slots.get(n, (3 << 62, 0, 0, 0))
        memory += struct.pack('<3Q', state | n, begin, end)
    for n in (4, 5, 6, 7):
        memory += struct.pack('<2QHHIQ', n, n, slots.get(n, (0, 0, 0, 0))[3], 0, n, 0)
    assert len(memory) == data and count == 4
    memory += (struct.pack('<Q', 6) + b'wrapped\0').ljust(40, b'\0')
    memory += (struct.pack('<Q', 5) + b'first').ljust(24, b'\0')
    return machine(RING | symbols(prb=0), memory)


def records():
    memory = struct.pack('<Q4I', MEMORY + 0x18, 0x80, 32, 96, 0)
    for text in (b'zero', b'one', b'two'):
        memory += padded(struct.pack('<QHHI', 1, 32, len(text), 0) + text, 32)
    return machine(RECORDS | symbols(log_buf=0, log_buf_len=8, log_first_idx=12,
                                     log_next_idx=16), memory)


def texts():
    """Pieces of what dying kernels said, and words that are addresses there."""
    out = {'words': b'\x01RIP: 0010:[<ffffffff9b001000>] 0x7f1122334455 foo+0x12/0x34 '
                    b'0xffffffffc0400100 ffff9a4000000000 (ffffb1c000004000)\r\n\x1b[31m'}
    logs = sorted((TREE / 'testdata/dumps').glob('*.log'))[:8]
    for n, log in enumerate(logs):
        data = log.read_bytes()
        at = max(data.find(b'RIP:'), 0)
        out[log.stem] = bytes([n % 4]) + data[at:at + 700]
    return out


# ---- code, expressions, trees, caches ----

def expressions():
    """As GCC and the kernel's assembly have them: {operation, number, number}."""
    def of(*ops):
        head = struct.pack('<2Q', 0xffff, MEMORY + 1)
        return head + b''.join(struct.pack('<BQq', op, a, b) for op, a, b in ops)
    return {'cfa': of((0x77, 16, 0)), 'plt': of((0x77, 8, 0), (0x80, 0, 0), (0x22, 0, 0)),
            'saved': of((0x76, -8 & (1 << 64) - 1, 0), (0x06, 0, 0), (0x23, 16, 0)),
            'bregx': of((0x92, 7, -16), (0x9c, 0, 0), (0x1c, 0, 0)),
            'const': of((0x0e, MEMORY, 0), (0x31, 0, 0), (0x22, 0, 0))}


# Calls, what compilers begin and end functions with, and what kernels patch.
X86 = ('f30f1efa 0f1f440000 55 4889e5 4157 4156 53 4881ec88000000 e810000000 41ffd5 '
       'ff1425c0fe1f82 4883c408 5b 5d c3 e9f0ffffff 0fae04258000f0ff 62f17c4828c1 c5f877 '
       '2e0f1f84000000000066906690 6641c7442408341200 48b8efcdab8967452301 ebfe 0f0b cc')
ARM64 = ('3f2303d5 fd7bbea9 fd030091 f30b00f9 00000094 60023fd6 f30b40f9 fd7bc2a8 bf2303d5 '
         'c0035fd6 10000090 100200f9 00021fd6 ff4300d1 40000054 60000034 a0000037 e803005a')
RISCV = ('411106e422e00008 ef004000 97000000e7800000 8290 a2604102 41018280 13010113 01c0006f '
         '63080500 73002000 0f000001 0290 73001000 cdb7')


def codes():
    return {name: bytes.fromhex(code)
            for name, code in (('x86', X86), ('arm64', ARM64), ('riscv', RISCV))}


def machine_codes():
    return {name: bytes([i]) + machine({}, (code + bytes(64))[:64] * 3)
            for i, (name, code) in enumerate(codes().items())}


def maple():
    """A root with two leaves; the second is full."""
    kinds = {'OFFSET(maple_tree.ma_root)': 0}
    for kind, slots in (('range', 128), ('arange', 80)):
        kinds |= {f'OFFSET(maple_{kind}_64.pivot)': 8, f'OFFSET(maple_{kind}_64.slot)': slots,
                  f'OFFSET(maple_{kind}_64.meta)': 248}
    node = [MEMORY + 256 * i | 6 for i in range(4)]
    pivots = [0] + [0x1000] + [0] * 14
    root = struct.pack('<16Q', *pivots) + struct.pack('<2Q', node[2] | 8, node[3] | 8)
    leaf = struct.pack('<16Q', *pivots) + struct.pack('<2Q', MEMORY, MEMORY + 8)
    memory = struct.pack('<Q', node[1] | 16).ljust(256, b'\0')
    memory += (root.ljust(248, b'\0') + b'\1').ljust(256, b'\0')
    memory += (leaf.ljust(248, b'\0') + b'\1').ljust(256, b'\0') * 2
    return {'tree': machine(kinds, memory), 'entry': machine(kinds, struct.pack('<Q', MEMORY))}


def slab():
    where = symbols(task_struct_cachep=0)
    for i, member in enumerate(('refcount', 'size', 'object_size', 'red_left_pad')):
        where[f'OFFSET(kmem_cache.{member})'] = 8 * i
    where |= {'SIZE(page)': 64, 'OFFSET(page.flags)': 0, 'OFFSET(page.compound_head)': 8,
              'OFFSET(page.slab_cache)': 24, 'NUMBER(PG_slab)': 9}
    pages = 512
    memory = struct.pack('<5Q', MEMORY + 8, 1, 0x2100, 0x20c0, 0x20).ljust(pages, b'\0')
    memory += struct.pack('<4Q', 1 << 9, 0, 0, MEMORY + 8).ljust(64, b'\0')
    for _ in range(7):
        memory += struct.pack('<4Q', 0, MEMORY + pages + 1, 0, 0).ljust(64, b'\0')
    return {'flag': machine(where, memory),
            'type': machine(where | {'NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)': -184549376,
                                     'OFFSET(page.page_type)': 48}, memory)}


# ---- texts ----

RUST = ('_RNvMNtCs2lKf6AS60Zg_4core3stre12escape_debug',
        '_RNCINvMNtNtCs2lKf6AS60Zg_4core3net6parserNtB5_6Parser11read_numbertE0B9_',
        '_RINvC1a1bDG_INtC1c1dRL0_hEEL_E', '_RINvC1a1bKj1f_Kb1_Kc61_Kln2_E',
        '_ZN4core3fmt9Formatter3pad17h0123456789abcdefE',
        '_ZN71_$LT$Test$u20$as$u20$foo..Bar$LT$T$GT$$GT$3bar17h930b740aa94f1d3aE',
        'vfs_write.cold', 'rust_helper_mutex_lock')

MANGLED = (b'[    1.234567] RIP: 0010:foo+0x12/0x34 [mod]\\n\\u000aCall Trace:\\x0a#012'
           b'\x1b[1;31m ? bar+0x1/0x2\x1b]0;title\x07 [<ffffffff81001234>] baz+0x0/0x0\n'
           b'&lt;TASK&gt; &quot;RIP=3D0010=\n =?utf-8?q? .text.unlikely:f.cold+0x0/0x1f\r\n')

IOMEM = (b'00000000-00000fff : Reserved\n00001000-0009fbff : System RAM\n'
         b'00100000-bffdffff : System RAM\n  01000000-01e00d2a : Kernel code\n'
         b'100000000-13fffffff : System RAM\n')

LINES = (b'OSRELEASE=6.1.0-56-amd64\nPAGESIZE=4096\nSYMBOL(init_uts_ns)=ffffffff82a1f3c0\n'
         b'\r\n\nNUMBER(phys_base)=-268435456\r\nCRASHTIME=1700000000\n')


def images():
    page = note('VMCOREINFO', 0, LINES).ljust(4096, b'\0')
    lime = b''.join(struct.pack('<2I3Q', 0x4c694d45, 1, at, at + 4095, 0) + page
                    for at in (0x1000, 0x10000))
    head = struct.pack('<4s5B7x2HI3QI6H', b'\x7fELF', 2, 1, 1, 0, 0, 4, 62, 1, 0, 64, 0, 0,
                       64, 56, 2, 0, 0, 0)
    for at in (0x1000, 0x10000):
        head += struct.pack('<2I6Q', 1, 7, 4096, MEMORY + at, at, 4096, 4096, 4096)
    return {'raw': b'\x000x1000-0x1fff,0x3000-\0' + page * 2, 'all': b'\x000-\0' + LINES,
            'kcore': b'\1' + head.ljust(4096, b'\0') + page, 'lime': b'\2' + lime}


def named_code():
    """As small as a file with symbols can be, without debuginfo; beside the unit tests'."""
    out = {'elf': elf()}
    for path in sorted((TREE / 'build/debuginfo').glob('**/*')):
        if path.is_file() and path.stat().st_size < 32768:
            out[path.parent.name + '-' + path.name] = path.read_bytes()
    return out


def changes():
    """Each command of each dump, as it is, and with some words of the first pages changed."""
    out = {}
    for i in range(3 * 21):
        head = bytes([i % 3, i // 3])
        out[f'sound-{i:02}'] = head
        out[f'changed-{i:02}'] = head + b''.join(
            struct.pack('<2HQ', 37 * n + i, (n % 10) << 12 | 29 * n, MEMORY + 8 * n)
            for n in range(8))
    return out


def main():
    seeds = {
        'header': files() | {'flattened': flattened(kdump()), 'gzip': b'\x1f\x8b\x08'},
        'notes': files(),
        'kallsyms': {kind: kallsyms(kind) for kind in ('addresses', 'percpu', 'base', 'pc')} |
                    {f'search-{width}-{how}': searched(width, how == 'addresses')
                     for width in (4, 8) for how in ('offsets', 'addresses')},
        'btf': {'small': btf()},
        'orc': {form: orc(form) for form in ('4.14', '4.19', '6.3', '6.4', '7.1')},
        'log': {'ring': ring(), 'records': records()},
        'text': texts(),
        'cfa': expressions(),
        'decode': codes(),
        'code': machine_codes(),
        'maple': maple(),
        'slab': slab(),
        'names': {name[:40]: b'\x40' + name.encode() for name in RUST},
        'strings': texts() | {'utf-8': '\u00e9\u4e2d\u202e\U0001f600\u009b'.encode()},
        'clean': texts() | {'mangled': MANGLED},
        'iomem': {'iomem': IOMEM},
        'vmcoreinfo': {'lines': b'\x80' + LINES * 2},
        'images': images(),
        'debuginfo': named_code(),
        'dump': {'elf': elf(), 'kdump': kdump(block=4096)},
        'commands': changes(),
    }
    for target in sys.argv[2:] or seeds:
        inputs = seeds[target]
        folder = pathlib.Path(sys.argv[1], target)
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in inputs.items():
            (folder / name).write_bytes(data)


if __name__ == '__main__':
    main()
