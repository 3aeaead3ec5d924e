# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads .expect and .sleepers; testdata/README.md has the format.

A line that this does not know is an error: a truth that is skipped tests nothing.
"""


class Chain:
    def __init__(self, words):
        fields = dict(w.split('=', 1) for w in words if '=' in w)
        self.cpu = int(fields['cpu']) if 'cpu' in fields else None
        self.pid = int(fields['pid'])
        self.comm = fields['comm']
        self.source = fields['from']
        self.moved_ok = 'moved-ok' in words
        self.entry = None  # gs=, cr3= of a CPU that stopped in the entry code
        self.unsaved = 'unsaved' in words  # registers: none, but those an NMI pushed
        self.items = []  # Item, innermost first
        self.end = None  # 'user', 'idle', 'thread'
        self.end_regs = {}


class Item:
    """A line between "chain" and "end": a stack, frame, called-by or regs line."""

    def __init__(self, kind, name, offset=None, module=None, regs=None, moved_ok=False,
                 untold=False):
        self.kind = kind
        self.name = name
        self.offset = offset  # with name None: the address itself, or None: any
        self.module = module
        self.regs = regs or {}
        self.moved_ok = moved_ok
        self.untold = untold  # the log does not have it, or by another function's name

    def __repr__(self):
        if self.name is None:
            return 'code without a name' + (f' at {self.offset:#x}' if self.offset else '')
        if self.offset is None:
            return f'{self.kind} {self.name}'
        module = f' {self.module}' if self.module else ''
        return f'{self.kind} {self.name}+{self.offset:#x}{module}'


def registers(words):
    return {k: int(v, 16) for k, v in (w.split('=') for w in words)}


def code_line(kind, words):
    name, offset = None, words[0]
    if not offset.startswith('0x'):
        name, offset = words[0].rsplit('+', 1)
    rest = words[1:]
    moved_ok, untold = 'moved-ok' in rest, 'untold' in rest
    rest = [w for w in rest if w not in ('moved-ok', 'untold')]
    module = rest.pop(0) if rest and '=' not in rest[0] else None
    if rest and kind != 'regs':
        raise ValueError(f'registers on a {kind} line')
    return Item(kind, name, int(offset, 16), module, registers(rest), moved_ok,
                untold)


def load(path):
    """Returns (head, chains)."""
    head, chains = {}, []
    with open(path) as f:
        for number, line in enumerate(f, 1):
            words = line.split()
            # Only whole lines are comments: "stack #DB" is not.
            if not words or words[0].startswith('#'):
                continue
            key, rest = words[0], words[1:]
            if key in ('dump', 'kernel', 'how', 'paging', 'cpus'):
                head[key] = rest[0]
                if rest[1:2] == ['of']:  # "cpus 7 of 8": the others are offline
                    head['possible'] = rest[2]
            elif key == 'chain':
                chains.append(Chain(rest))
            elif key == 'entry':
                chains[-1].entry = dict(w.split('=') for w in rest)
            elif key == 'stack':
                chains[-1].items.append(Item('stack', rest[0]))
            elif key in ('frame', 'called-by', 'regs'):
                chains[-1].items.append(code_line(key, rest))
            elif key == 'unnamed':
                chains[-1].items.append(Item('frame', None))
            elif key == 'end':
                chains[-1].end = rest[0]
                chains[-1].end_regs = registers(rest[1:])
            else:
                raise ValueError(f'{path}:{number}: unknown line: {line.strip()}')
    for chain in chains:
        if chain.end is None:
            raise ValueError(f'{path}: the chain of PID {chain.pid} has no end line')
    return head, chains


# The truth files have the names of the kernel's register dump, the JSON those of gdb.
JSON_NAME = {'ip': 'rip', 'sp': 'rsp', 'flags': 'eflags', 'orig_ax': 'orig_rax'}
JSON_NAME.update({r: 'r' + r for r in ('ax', 'bx', 'cx', 'dx', 'si', 'di', 'bp')})


def json_register(name, machine='x86_64'):
    """Other machines have the same names everywhere."""
    return JSON_NAME.get(name, name) if machine == 'x86_64' else name
