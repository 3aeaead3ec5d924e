# SPDX-License-Identifier: GPL-2.0-or-later
"""stackof -m: every stack is in it, as deeply used as the memory says, and each CPU left
its stacks in the order in which the dying kernel printed them (NAME.expect)."""
import struct

import cli
import expect
import stacks
from vmcore import NotThere, PAGE

WIDTH = 100


def deepest(core, stack):
    """From the top to the lowest word that is not zero; None: not all of it is there."""
    begin, end = cli.number(stack['begin']), cli.number(stack['end'])
    try:
        words = struct.unpack(f'<{(end - begin) // 8}Q', core.read(begin, end - begin))
    except NotThere:
        return None
    # The lowest word of a task's stack is its magic; in one that was freed, those of
    # struct vm_stack (kernel/fork.c).
    first = 0 if stack['kind'] != 'TASK' else 1 if stack['task'] else 3
    return next((end - begin - 8 * i for i, w in enumerate(words) if w and i >= first), 0)


def check_rows(suite, dump, core, doc, wanted):
    rows = {(r['stack']['kind'], r['stack']['begin'], r['stack']['end']): r
            for r in doc['stacks']}
    suite.equal(f'{dump.name} stackof -m: each stack once', len(doc['stacks']), len(rows))
    for stack in wanted:
        row = rows.get((stack.kind, hex(stack.begin), hex(stack.end)))
        suite.check(f'{dump.name} stackof -m: {stack}', row, 'a row', row)
        if row and stack.cpu is None:
            suite.equal(f'{dump.name} stackof -m: {stack}: owner', stack.pid,
                        (row['task'] or {}).get('pid'))
        elif row:
            suite.equal(f'{dump.name} stackof -m: {stack}: owner', stack.cpu,
                        row['stack']['cpu'])
    measured = 0
    for row in rows.values():
        stack, what = row['stack'], f'{dump.name} stackof -m: {row["stack"]["begin"]}'
        if not stack['mapped'] or cli.number(stack['end']) % PAGE:
            continue
        want = deepest(core, stack)
        if want is None:
            continue
        measured += 1
        suite.equal(f'{what}: deepest use', want, row['deepest'] or 0)
        if row['sp']:
            suite.equal(f'{what}: used', cli.number(stack['end']) - cli.number(row['sp']),
                        row['used'])
            suite.check(f'{what}: state', row['state'] in ('live', 'dead'), 'live',
                        row['state'])
    of_cpus = sum(r['stack']['kind'] != 'TASK' for r in rows.values())
    suite.equal(f'{dump.name} stackof -m: totals', (of_cpus, len(rows) - of_cpus),
                (doc['totals']['cpu_stacks'], doc['totals']['task_stacks']))
    suite.note(f'{dump.name}: {len(rows)} stacks in the map, {len(wanted)} of them looked for, '
               f'{measured} measured')


def check_order(suite, dump, doc):
    _, chains = expect.load(dump.expect)
    told = {p['cpu']: [x['stack']['kind'] for x in p['stacks']] for p in doc['live']}
    for chain in chains:
        # On no kernel stack: the user's rsp, or no stack pointer at all (CR3).
        kinds = ['UNKNOWN' if i.name in ('USER', 'NONE') else i.name
                 for i in chain.items if i.kind == 'stack']
        # A CPU that went on may since be elsewhere.
        if chain.cpu is None or not kinds or any(i.moved_ok for i in chain.items):
            continue
        came = told.get(chain.cpu, [])
        suite.equal(f'{dump.name} stackof -m: stacks that CPU {chain.cpu} passed', kinds,
                    came[-len(kinds):])


def check_text(suite, dump, doc):
    for command in ('stackof -m', 'stackof -m -v'):
        r = cli.run(command, dump.vmcore)
        suite.equal(f'{dump.name} {command}: exit status', 0, r.status)
        suite.equal(f'{dump.name} {command}: lines of more than {WIDTH} columns', [],
                    [line for line in r.out.splitlines() if len(line) > WIDTH])
        bars = sum('[' in line and ']' in line and '/' in line for line in r.out.splitlines())
        lines = bars if '-v' in command else len(r.out.splitlines()) - 2
        suite.check(f'{dump.name} {command}: a line for each stack', lines >= len(doc['stacks']),
                    len(doc['stacks']), lines)


def check(suite, dump, core, cpus):
    doc = cli.ask(suite, 'stackof -m -j', dump.vmcore)
    if not doc:
        return
    wanted = stacks.owned_stacks(suite, dump, core, cpus)
    if not wanted:
        return
    check_rows(suite, dump, core, doc, wanted)
    check_order(suite, dump, doc)
    check_text(suite, dump, doc)
