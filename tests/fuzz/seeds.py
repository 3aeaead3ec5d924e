# SPDX-License-Identifier: GPL-2.0-or-later
"""seeds.py OUT - the first inputs of each target of libFuzzer, in OUT/TARGET/.

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


def kdump(version=6, split=0):
    block, content = 512, notes()
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
    }
    for target, inputs in seeds.items():
        folder = pathlib.Path(sys.argv[1], target)
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in inputs.items():
            (folder / name).write_bytes(data)


if __name__ == '__main__':
    main()
