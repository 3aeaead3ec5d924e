# SPDX-License-Identifier: GPL-2.0-or-later
"""stackof on what the dying kernel printed: every register and every word of a stack.

The page tables, walked here (lib/vmcore.py), say whether there is memory at an address;
where there is, "hole" and its like are no answer.
"""
import re

import cli
from vmcore import NotThere

# Sixteen digits, as the kernel prints registers and words of stacks.
WORD = re.compile(r'(?<![0-9a-zA-Z_+/])(?:0x)?([0-9a-f]{16})(?![0-9a-zA-Z_])')
KERNEL = 1 << 63
UNKNOWN = (None, '', 'hole', 'unknown', 'not canonical')
# Where nothing needs to be in the page tables for the answer to be a good one.
UNMAPPED = 'unmapped', 'guard'


def canonical(core, addr):
    top = addr >> (56 if core.levels == 5 else 47)
    return top in (0, (1 << (8 if core.levels == 5 else 17)) - 1)


def backed(core, addr):
    """Does a walk reach memory? None: the tables themselves are not in the dump."""
    try:
        core.translate(addr)
        return True
    except NotThere as e:
        return None if 'in the dump' in str(e) else False


def physical_address(core, addr):
    try:
        return hex(core.translate(addr))
    except NotThere:
        return None


def told(answer):
    """The answer has a thing to say, not only that there is something."""
    return answer['stack'] or answer['region'] not in UNKNOWN


def values(text):
    return sorted({int(w, 16) for w in WORD.findall(text)})


def check(suite, dump, core):
    with open(dump.log) as f:
        text = f.read()
    asked = values(text)
    doc = cli.ask(suite, 'stackof -j', dump.vmcore, *map(hex, asked)) if asked else None
    reached = lost = 0
    for addr, answer in zip(asked, doc['addresses'] if doc else []):
        what = f'{dump.name} stackof {addr:#x}'
        suite.equal(f'{what}: address', hex(addr), answer['address'])
        if addr < KERNEL or not canonical(core, addr):
            want = 'user space' if canonical(core, addr) else 'not canonical'
            suite.check(f'{what}: region', answer['region'] == want or answer['detail'], want,
                        answer['region'])
            continue
        there = backed(core, addr)
        if there:
            reached += 1
            suite.check(f'{what}: is something', told(answer), 'a region or a stack', answer)
            suite.equal(f'{what}: phys', physical_address(core, addr), answer['phys'])
        elif there is False:
            suite.equal(f'{what}: phys', None, answer['phys'])
            suite.check(f'{what}: state', answer['state'] in UNMAPPED, UNMAPPED,
                        answer['state'])
        else:
            lost += 1
    check_text(suite, dump, asked, doc)
    suite.note(f'{dump.name}: {len(asked)} values in the log, {reached} reached by the page '
               f'tables, {lost} with lost tables')


def check_text(suite, dump, asked, doc):
    """The same through -f, on the whole text."""
    whole = cli.ask(suite, 'stackof -v -j -f ' + dump.log, dump.vmcore)
    if not whole or not doc:
        return
    with open(dump.log) as f:
        lines = f.read().splitlines()
    suite.equal(f'{dump.name} stackof -f: lines', lines, [e['text'] for e in whole['lines']])
    answers = dict(zip(asked, doc['addresses']))
    seen = set()
    for line in whole['lines']:
        for answer in line['addresses']:
            addr = cli.number(answer['address'])
            if addr in answers:
                seen.add(addr)
                suite.equal(f'{dump.name} stackof -f: {addr:#x}', answers[addr], answer)
    suite.equal(f'{dump.name} stackof -f: values that were not found', [],
                [hex(a) for a in asked if a not in seen])
