# SPDX-License-Identifier: GPL-2.0-or-later
"""stackof A..B: the runs cover the range without a gap, and each stack is one of them."""
import cli
import stacks
from vmcore import PAGE

SPAN = 4 << 20  # of vmalloc space, from the lowest stack on


def runs(suite, dump, begin, end):
    what = f'stackof -j {begin:x}..{end:x}'
    doc = cli.ask(suite, 'stackof -j', dump.vmcore, f'{begin:x}..{end:x}')
    found = doc['addresses'] if doc else []
    at = begin
    for run in found:
        suite.equal(f'{dump.name} {what}: no gap', hex(at), run['begin'])
        suite.equal(f'{dump.name} {what}: its first byte', run['begin'],
                    run['first']['address'])
        at = cli.number(run['end'])
    suite.equal(f'{dump.name} {what}: up to the end', hex(end), hex(at))
    return found


def check_stacks(suite, dump, wanted, begin, end):
    told = {(r['begin'], r['end']): r['first']['stack'] or {} for r in
            runs(suite, dump, begin, end) if not r['first']['guard']}
    inside = [s for s in wanted if begin <= s.begin and s.end <= end]
    for stack in inside:
        came = told.get((hex(stack.begin), hex(stack.end)), {})
        suite.equal(f'{dump.name} stackof {begin:x}..{end:x}: {stack}',
                    (stack.kind, stack.cpu), (came.get('kind'), came.get('cpu')))
    return len(inside)


def check(suite, dump, core, cpus):
    wanted = stacks.owned_stacks(suite, dump, core, cpus)
    if not wanted:
        return
    count = 0
    for cpu in range(cpus):
        area = [s for s in wanted if s.cpu == cpu and s.kind not in ('IRQ', 'ESPFIX')]
        count += check_stacks(suite, dump, wanted, min(s.begin for s in area) - PAGE,
                              max(s.end for s in area) + PAGE)
    low = min(s.begin for s in wanted if s.kind == 'IRQ') & ~0x1fffff
    count += check_stacks(suite, dump, wanted, low, low + SPAN)
    suite.note(f'{dump.name}: {count} stacks found in {cpus + 1} ranges')
