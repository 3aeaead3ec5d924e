# SPDX-License-Identifier: GPL-2.0-or-later
"""Dumps with chosen pages missing, zero or full of rubbish.

Both doors must say clearly what is wrong, or show a broken chain that is marked as
broken; never crash, hang, or give a wrong answer that looks good: a chain whose end
is ok must be the true one.
"""
import json
import os
import struct
import tempfile
from typing import Callable, NamedTuple

import cli
from crash_session import Gone, Session
from kdump_damage import Damage
from vmcore import NotThere, PAGE, Vmcore, symbols_of

TIMEOUT = 20  # seconds for one command
WAYS = ('exclude', 'zero', 'random')
LISTS = 'lists'

# The dump with the most stacks in a chain is damaged in all ways, the others in one.
FULL_CASES = '6.1-nmi-panic'


def pfn(core, addr):
    return core.translate(addr) // PAGE


def table_pages(core, addr):
    """The pages of the page tables that lead to addr, outermost first."""
    return [at // PAGE for at in core.walk(addr)[1]]


def orc_pages(core, ip):
    """The page of the ORC row for ip: in the table of addresses, in the table of rules."""
    begin = core.symbol('__start_orc_unwind_ip')
    low, high = 0, (core.symbol('__stop_orc_unwind_ip') - begin) // 4
    while high - low > 1:
        middle = (low + high) // 2
        at = begin + 4 * middle
        if at + struct.unpack('<i', core.read(at, 4))[0] <= ip:
            low = middle
        else:
            high = middle
    # 6.1: struct orc_entry has 6 bytes.
    return pfn(core, begin + 4 * low), pfn(core, core.symbol('__start_orc_unwind') + 6 * low)


def places(core, truth):
    """(name, pages): what is worth damaging, from the dump's own chains."""
    chains = truth['xbt -a -j']['chains']
    deepest = max(chains, key=lambda c: len(cli.frames_of(c)))
    sleeper = next(c for c in truth['xbt -A -j']['chains']
                   if c['start']['from'] == 'thread_sp' and c['end']['reason'] == 'user')
    cpu = deepest['cpu']
    for segment in deepest['segments']:
        kind = segment['stack']['kind']
        yield f'{kind} stack', [pfn(core, cli.number(segment['frames'][-1]['sp']))]
        yield f'top of {kind} stack', [pfn(core, cli.number(segment['stack']['end']) - 1)]
    task = cli.number(deepest['task']['address'])
    yield 'current task_struct', [pfn(core, task)]
    yield 'current task_struct, second page', [pfn(core, task + PAGE)]
    yield 'a sleeper\'s stack', [pfn(core, cli.number(sleeper['segments'][0]['stack']['end']) - 1)]
    yield 'a sleeper\'s task_struct', [pfn(core, cli.number(sleeper['task']['address']) + d)
                                      for d in (0, PAGE)]
    yield 'init_task', [pfn(core, core.symbol('init_task') + d) for d in (0, PAGE)]
    # The rule of a function in mid-chain, which all three need.
    inner = next(f for _, f in cli.frames_of(deepest) if f['function'] == 'vfs_write')
    ips, rules = orc_pages(core, cli.number(inner['ip']) - 1)
    yield 'ORC addresses', [ips]
    yield 'ORC rules', [rules]
    yield 'ORC lookup', [pfn(core, core.symbol('orc_lookup'))]
    for name in ('kallsyms_num_syms', 'kallsyms_token_table', 'kallsyms_token_index',
                 'kallsyms_offsets', 'kallsyms_names', 'kallsyms_markers'):
        yield name, [pfn(core, core.symbol(name))]
    for name in ('__per_cpu_offset', '__start_BTF', 'page_offset_base',
                 'modules', 'idt_table', '__cpu_online_mask', 'saved_command_line'):
        yield name, [pfn(core, core.symbol(name))]
    for name in ('current_task', 'cpu_tss_rw', 'hardirq_stack_ptr', 'cea_exception_stacks'):
        yield f'per-CPU {name}', [pfn(core, core.percpu(name, cpu))]
    notes = core.u64(core.symbol('crash_notes')) + core.u64(
        core.symbol('__per_cpu_offset') + 8 * cpu) & (1 << 64) - 1
    yield 'crash_notes', [pfn(core, notes)]
    on_irq = [s for s in deepest['segments'] if s['stack']['kind'] in ('IRQ', 'TASK')]
    at = cli.number(on_irq[0]['frames'][0]['sp'])
    for level, page in enumerate(table_pages(core, at)):
        yield f'page table {level} of the {on_irq[0]["stack"]["kind"]} stack', [page]
    for level, page in enumerate(table_pages(core, core.symbol('vfs_write'))[1:], 1):
        yield f'page table {level} of the text', [page]
    for level, page in enumerate(table_pages(core, task)[1:], 1):
        yield f'page table {level} of the direct map', [page]
    module = next((f for _, f in cli.frames_of(deepest) if f['module']), None)
    if module:
        yield 'a module\'s text', [pfn(core, cli.number(module['ip']))]


def list_offset(core, tasks):
    """Where task_struct.tasks is: the word of one task that names the next, and so on."""
    found = None
    for one, two in zip(tasks, tasks[1:]):
        offsets = {i for i in range(0, 4096, 8) if core.u64(one + i) == two + i}
        found = offsets if found is None else found & offsets
    return min(found)


def list_damage(core, truth):
    """(name, function that changes a Damage): lists with a loop or a dead end."""
    # Leaders only, in the order of the list; the idle tasks come first.
    tasks = [cli.number(c['task']['address']) for c in truth['xbt -A -j']['chains']
             if c['task']['pid']]
    offset = list_offset(core, tasks[:8])
    middle, earlier = tasks[20] + offset, tasks[5] + offset

    def patch(value):
        return lambda d: d.patch(core.translate(middle), struct.pack('<Q', value))

    yield 'task list: a task that follows itself', patch(middle)
    yield 'task list: a loop', patch(earlier)
    yield 'task list: ends in NULL', patch(0)
    yield 'task list: goes to user space', patch(0x1234567890)
    yield 'task list: goes to a wrong place', patch(core.symbol('init_task') + 24)


def chain_rows(chain):
    """The facts of a chain that must be true if it looks good."""
    return ([(s['stack']['kind'], s['stack']['cpu'], f['ip'], f['sp'], f['interrupted'], f['regs'])
             for s, f in cli.frames_of(chain)], chain['end']['reason'], chain['end']['regs'])


def by_key(command, doc):
    """Chains by CPU, or by task when all tasks were asked for."""
    if command == 'xbt -a -j':
        return {f'CPU {c["cpu"]}': c for c in doc['chains']}
    return {(c['task'] or {}).get('address'): c for c in doc['chains']}


def same_name(a, b):
    """crash's symbol table, which is asked when kallsyms is damaged, has no suffixes."""
    return b is None or a == b or a.split('.')[0] == b


def first_difference(wanted, came):
    for i, (a, b) in enumerate(zip(wanted[0], came[0])):
        if a != b:
            return f'frame {i}: {a}', f'frame {i}: {b}'
    return ((len(wanted[0]), *wanted[1:]), (len(came[0]), *came[1:]))


class Judge:
    def __init__(self, suite, what, truth):
        self.suite, self.what, self.truth = suite, what, truth
        self.good = self.broken = self.lost = 0
        self.names = []

    def chains(self, command, doc, said):
        true = by_key(command, self.truth[command])
        came = by_key(command, doc)
        for key, chain in came.items():
            if not chain['end']['ok']:
                self.broken += 1
                self.suite.check(f'{self.what} {command} {key}: says why', chain['end']['text'],
                                 'a text', None)
                continue
            if key not in true:
                self.suite.check(f'{self.what} {command}: a chain that does not exist', False,
                                 'none that ends well', f'{key}: {chain_rows(chain)[1]}')
                continue
            if chain['confidence'] != 'certain':
                # It went on past a gap, or something speaks against it: it says so.
                self.broken += 1
                self.suite.check(f'{self.what} {command} {key}: says what is in doubt',
                                 chain['confidence_why'], 'a text', None)
                self.suite.check(f'{self.what} {command} {key}: a marked frame says why',
                                 all(f['note'] for _, f in cli.frames_of(chain)
                                     if not f['reliable']), 'a note', None)
                continue
            self.good += 1
            wanted, got = chain_rows(true[key]), chain_rows(chain)
            if not self.suite.check(f'{self.what} {command} {key}: a certain chain is '
                                    f'the true one', wanted == got,
                                    *first_difference(wanted, got)):
                continue
            self.names += [(a['ip'], a['function'], ascii(b['function'])[:80])
                           for (_, a), (_, b) in zip(cli.frames_of(true[key]),
                                                     cli.frames_of(chain))
                           if not same_name(a['function'], b['function'])]
        self.suite.check(f'{self.what} {command}: wrong names', not self.names, 'none',
                         f'{len(self.names)}, such as {self.names[:2]}')
        self.names = []
        missing = [k for k in true if k not in came]
        self.lost += len(missing)
        if missing:
            self.suite.check(f'{self.what} {command}: says that chains are missing',
                             said.strip(), f'a word about {missing[:4]}', 'nothing')

    def tss(self, command, doc, said):
        for true, came in zip(self.truth[command]['tss'], doc['tss']):
            for a, b in zip(true['slots'], came['slots']):
                wrong = (a['value'] != b['value'] and b['value'] is not None and
                         b['deviation'] is None and a['stack'])
                self.suite.check(f'{self.what} tss {a["name"]} of CPU {true["cpu"]}: a wrong '
                                 f'value is marked', not wrong, a['value'], b['value'])

    def stackof(self, command, doc, said):
        for a, b in zip(self.truth[command]['addresses'], doc['addresses']):
            def bounds(x):
                return x['stack'] and (x['stack']['kind'], x['stack']['cpu'],
                                       x['stack']['begin'], x['stack']['end'])
            self.suite.check(f'{self.what} stackof {a["address"]}: the true stack or none',
                             b['stack'] is None or bounds(a) == bounds(b), bounds(a), bounds(b))

    def answer(self, command, text, said):
        """text: the document, or ''; said: the complaints."""
        if not text.strip():
            self.suite.check(f'{self.what} {command}: no answer, but a reason', said.strip(),
                             'a message', 'nothing')
            return
        try:
            doc = json.loads(text)
        except ValueError as e:
            self.suite.check(f'{self.what} {command}: JSON', False, 'a document', f'{e}: {text[:200]}')
            return
        name = command.split()[0]
        {'xbt': self.chains, 'tss': self.tss, 'stackof': self.stackof}[name](command, doc, said)


def true_answers(suite, dump):
    """What the undamaged dump says; tests/corpus has compared that with the truth."""
    truth = {}
    for command in ('xbt -a -j', 'xbt -A -j', 'tss -j'):
        truth[command] = cli.ask(suite, command, dump.vmcore)
    words = []
    for chain in truth['xbt -a -j']['chains']:
        for segment in chain['segments']:
            words += [segment['frames'][0]['sp'], segment['stack']['begin']]
    words += [s['value'] for s in truth['tss -j']['tss'][0]['slots'] if s['stack']]
    truth['stackof -j'] = cli.ask(suite, 'stackof -j', dump.vmcore, *words)
    return truth, words


def outside(suite, what, path, truth, words):
    """The CLI."""
    judge = Judge(suite, what, truth)
    for command in truth:
        r = cli.run(command, path, *(words if command.startswith('stackof') else ()),
                    timeout=TIMEOUT)
        if suite.check(f'{what} {command}: no crash, no hang', not r.crashed,
                       'exit status 0, 1, 3 or 4', f'{r.status}: {r.err[:3000]}'):
            suite.check(f'{what} {command}: exit status', r.status in (0, 1, 3, 4),
                        '0, 1, 3 or 4', r.status)
            if r.status in (1, 3):
                suite.check(f'{what} {command}: failed with a message', r.err.strip(),
                            'a message', 'nothing')
            judge.answer(command, r.out, r.err)
    return judge


def inside(suite, what, dump, path, truth, words, scratch):
    """In crash. Returns False when crash itself cannot open such a dump."""
    session = None
    judge = Judge(suite, f'{what}, in crash', truth)
    try:
        session = Session(dump.namelist, path, timeout=TIMEOUT, cwd=scratch)
        text = session.command('eval 42')
        if 'decimal: 42' not in text:
            raise Gone(text)
    except Gone:
        # Also a hang of crash at its start, before the extension is there.
        if session:
            session.close()
        return False
    try:
        session.command(f'extend {cli.EXTENSION}')
        answer = os.path.join(scratch, 'answer')
        for command in truth:
            if os.path.exists(answer):
                os.unlink(answer)
            more = ' '.join(words) if command.startswith('stackof') else ''
            said = session.command(f'{command} {more} > {answer}')
            text = ''
            if os.path.exists(answer):
                with open(answer, errors='replace') as f:
                    text = f.read()
            # crash's error() follows the redirection.
            lines = text.splitlines()
            said += '\n'.join(x for x in lines if not x.startswith('{'))
            judge.answer(command, '\n'.join(x for x in lines if x.startswith('{')), said)
        suite.contains(f'{what}, in crash: crash answers afterwards', 'decimal: 42',
                       session.command('eval 42'))
        status = session.close()
        suite.equal(f'{what}, in crash: exit status', 0, status)
    except Gone as e:
        suite.check(f'{what}, in crash: the session goes on', False, 'a prompt', e)
        session.close()
    return True


def run_case(suite, results, dump, case, truth, words, at):
    what = f'{dump.name} damaged, {case.name}'
    path = os.path.join(at, 'vmcore')
    damage = Damage(dump.vmcore, path)
    case.change(damage)
    damage.write()
    with cli.keep(path):
        judge = outside(suite, what, path, truth, words)
    opened = None
    if case.with_crash:
        with tempfile.TemporaryDirectory(dir=at) as own:
            opened = inside(suite, what, dump, path, truth, words, own)
            if not opened:
                suite.note(f'crash itself does not open: {what}')
    os.unlink(path)
    results.append((judge.good, judge.broken, judge.lost, opened))


class Case(NamedTuple):
    name: str
    change: Callable  # of a Damage
    with_crash: bool


def can_damage(dump):
    with open(dump.vmcore, 'rb') as f:
        return f.read(8) == b'KDUMP   '


def page_cases(suite, dump, core, truth, way):
    """All ways to damage the deepest dump; rubbish in others with an IRQ stack."""
    full = dump.name == FULL_CASES
    irq = any(s['stack']['kind'] == 'IRQ' for c in truth['xbt -a -j']['chains']
              for s in c['segments'])
    for name, pages in places(core, truth) if irq and (full or way == 'random') else ():
        try:
            for page in pages:
                core.page(page)
        except NotThere:
            suite.check(f'{dump.name}: {name}: is in the dump', False, 'a page', pages)
            continue

        def change(damage, pages=pages):
            for page in pages:
                getattr(damage, way)(page)

        # Starting crash takes three seconds: one way for each place is enough, and
        # with broken page tables it is crash itself that fails.
        yield Case(f'{name}, {way}', change,
                   full and way == WAYS[len(name) % 3] and
                   not name.endswith(('of the text', 'of the direct map')))


def list_cases(dump, core, truth):
    for name, change in list_damage(core, truth):
        yield Case(name, change, dump.name == FULL_CASES and 'loop' in name)


def check(suite, dump, at, way):
    core = Vmcore(dump.vmcore, symbols_of(dump.namelist))
    truth, words = true_answers(suite, dump)
    cases = list(list_cases(dump, core, truth) if way == LISTS else
                 page_cases(suite, dump, core, truth, way))
    core.close()
    results = []
    for case in cases:
        run_case(suite, results, dump, case, truth, words, at)
    if not results:
        return
    good, broken, lost = (sum(r[i] for r in results) for i in range(3))
    opened = [r[3] for r in results if r[3] is not None]
    suite.note(f'{dump.name}, {way}: {len(results)} damaged dumps: {good} chains true, '
               f'{broken} marked as broken, {lost} missing with a message; crash opened '
               f'{sum(opened)} of {len(opened)}')
    # Damage that never reaches the extension tests nothing.
    suite.check('damaged dumps that crash opens', sum(opened) * 2 >= len(opened),
                'at least half', f'{sum(opened)} of {len(opened)}')
    # A list has two ends: its damage costs no chain.
    suite.check('damage does break chains', broken or way == LISTS, 'some', broken)
