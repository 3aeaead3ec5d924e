# SPDX-License-Identifier: GPL-2.0-or-later
"""stackof at the edges of every stack, through every alias.

Where the stacks are is found here from the TSS, the per-CPU variables and the page
tables (lib/vmcore.py); tasks' stacks come from xbt -A and must carry their magic.
"""
import cli
import tss
from vmcore import NotThere, PAGE

IST_SIZE = 2 * PAGE        # EXCEPTION_STKSZ, arch/x86/include/asm/page_64_types.h
THREAD_SIZE = 4 * PAGE
STACK_END_MAGIC = 0x57ac6e9d
TASKS = 10


class Stack:
    def __init__(self, kind, cpu, pid, begin, end, percpu=None):
        self.kind, self.cpu, self.pid = kind, cpu, pid
        self.begin, self.end, self.percpu = begin, end, percpu

    def __str__(self):
        return f'{self.kind} of ' + (f'PID {self.pid}' if self.cpu is None else f'CPU {self.cpu}')


def irq_stack_top(core, cpu, store):
    """The pointer is the top up to 5.11, and then that of the topmost word (commit
    951c2a51ae75). In 6.2 to 6.14 it is somewhere in pcpu_hot: there what it points at
    must be the backing store's last word."""
    if 'pcpu_hot' not in core.symbols.value:
        word = core.u64(core.percpu('hardirq_stack_ptr', cpu))
        return word + 8 if word % PAGE else word
    hot, last = core.percpu('pcpu_hot', cpu), core.translate(store + THREAD_SIZE - 8)
    for word in (core.u64(hot + 8 * i) for i in range(8)):
        if word % PAGE == PAGE - 8 and core.mapped(word) and core.translate(word) == last:
            return word + 8
    raise NotThere(f'the IRQ stack of CPU {cpu}')


def cpu_stacks(core, cpu):
    sp0, ist = tss.hardware(core, cpu)
    yield Stack('ENTRY_TRAMPOLINE', cpu, None, sp0 - PAGE, sp0,
                core.percpu('entry_stack_storage', cpu))
    # struct exception_stacks has no guards between: DF, NMI, DB, MCE in this order.
    store = core.percpu('exception_stacks', cpu)
    for i, (kind, _) in enumerate(tss.IST):
        yield Stack(kind, cpu, None, ist[i] - IST_SIZE, ist[i], store + i * IST_SIZE)
    store = core.percpu('irq_stack_backing_store', cpu)
    top = irq_stack_top(core, cpu, store)
    yield Stack('IRQ', cpu, None, top - THREAD_SIZE, top, store)


def task_stacks(suite, dump, core):
    doc = cli.ask(suite, 'xbt -A -j', dump.vmcore)
    found = {}
    for chain in doc['chains'] if doc else []:
        for segment in chain['segments']:
            s = segment['stack']
            if s['kind'] == 'TASK':
                found[s['begin']] = Stack('TASK', None, chain['task']['pid'],
                                          cli.number(s['begin']), cli.number(s['end']))
    for stack in found.values():
        suite.equal(f'{dump.name} {stack}: size', THREAD_SIZE, stack.end - stack.begin)
        suite.equal(f'{dump.name} {stack}: magic at its base', STACK_END_MAGIC,
                    core.u64(stack.begin))
    return sorted(found.values(), key=lambda s: s.begin)


class Asker:
    """Collects addresses, asks once, gives the answers by address."""

    def __init__(self):
        self.questions = []  # (address, function to call with the answer)

    def add(self, address, judge):
        self.questions.append((address, judge))

    def ask(self, suite, dump):
        for i in range(0, len(self.questions), 500):
            part = self.questions[i:i + 500]
            doc = cli.ask(suite, 'stackof -j', dump.vmcore, *[hex(a) for a, _ in part])
            answers = doc['addresses'] if doc else []
            suite.equal(f'{dump.name} stackof: answers', len(part), len(answers))
            for (address, judge), answer in zip(part, answers):
                suite.equal(f'{dump.name} stackof: address', hex(address), answer['address'])
                judge(answer)


class Edges:
    def __init__(self, suite, dump, core, stacks):
        self.suite, self.dump, self.core, self.stacks = suite, dump, core, stacks
        self.begins = {s.begin: s for s in stacks}
        self.asker, self.second = Asker(), Asker()
        self.wrong_before = suite.failed

    def told(self, answer):
        s = answer['stack'] or {}
        task = (answer['owner'] or {}).get('task') or {}
        return (s.get('kind'), s.get('cpu'), s.get('begin'), s.get('end'),
                answer['bytes_below'], answer['offset_from_end'], answer['guard'],
                task.get('pid') if s.get('kind') == 'TASK' else None)

    def expect_inside(self, stack, at):
        return (stack.kind, stack.cpu, hex(stack.begin), hex(stack.end),
                at - stack.begin, stack.end - at, None, stack.pid)

    def aliases(self, stack, at):
        """All virtual addresses of the byte at @at of the stack."""
        found = {at, self.core.direct(self.core.translate(at))}
        if stack.percpu:
            found.add(stack.percpu + at - stack.begin)
        return found

    def inside(self, stack, at):
        def judge(answer, address):
            what = f'{self.dump.name} stackof {address:#x} ({stack}, base+{at - stack.begin:#x})'
            self.suite.equal(what, self.expect_inside(stack, at), self.told(answer))
            self.suite.equal(f'{what}: aliases',
                             sorted(map(hex, self.aliases(stack, at) - {address})),
                             sorted(a['address'] for a in answer['aliases']))
            self.suite.check(f'{what}: state', answer['state'] in ('live', 'stale', 'dead'),
                             'live, stale or dead', answer['state'])
            self.suite.equal(f'{what}: phys', hex(self.core.translate(at)), answer['phys'])
            # What the answer calls an alias must itself be classified the same.
            for alias in answer['aliases']:
                other = cli.number(alias['address'])
                self.second.add(other, lambda again, other=other: self.suite.equal(
                    f'{what}: through alias {other:#x}', self.expect_inside(stack, at),
                    self.told(again)))
        for address in sorted(self.aliases(stack, at)):
            self.asker.add(address, lambda a, address=address: judge(a, address))

    def guard(self, side, stack, at, distance):
        def judge(answer):
            s = answer['stack'] or {}
            self.suite.equal(f'{self.dump.name} stackof {at:#x}: guard {side} {stack}',
                             ('guard', side, stack.kind, stack.cpu, hex(stack.begin), distance,
                              None),
                             (answer['state'], answer['guard'], s.get('kind'), s.get('cpu'),
                              s.get('begin'), answer['bytes_below'], answer['offset_from_end']))
        self.asker.add(at, judge)

    def no_stack(self, at, region, detail, what):
        def judge(answer):
            self.suite.equal(f'{self.dump.name} stackof {at:#x}: {what}',
                             (region, detail, None),
                             (answer['region'], (answer['detail'] or '')[:len(detail)],
                              answer['stack']))
        self.asker.add(at, judge)

    def below(self, stack):
        at = stack.begin - 1
        if stack.kind == 'ENTRY_TRAMPOLINE':
            self.no_stack(at, 'cpu_entry_area', 'GDT', 'below the entry stack')
        elif self.core.mapped(at):
            # Not vmapped: the first idle task's stack is in the kernel's image.
            self.suite.check(f'{self.dump.name} {stack}: only PID 0 has no guard',
                             stack.pid == 0, 0, stack.pid)
            self.no_stack(at, 'kernel image', '', 'below the stack of PID 0')
        else:
            self.guard('below', stack, at, 1)

    def above(self, stack):
        at = stack.end
        following = self.begins.get(at + PAGE)
        if stack.kind == 'ENTRY_TRAMPOLINE':
            self.no_stack(at, 'cpu_entry_area', 'TSS', 'above the entry stack')
        elif stack.kind == '#MC':
            self.asker.add(at, lambda answer: self.suite.equal(
                f'{self.dump.name} stackof {at:#x}: above #MC is the guard of #VC',
                ('guard', 'below', '#VC', hex(at + PAGE)),
                (answer['state'], answer['guard'], (answer['stack'] or {}).get('kind'),
                 (answer['stack'] or {}).get('begin'))))
        elif self.core.mapped(at):
            self.suite.check(f'{self.dump.name} {stack}: only PID 0 has no page above',
                             stack.pid == 0, 0, stack.pid)
            self.no_stack(at, 'kernel image', '', 'above the stack of PID 0')
        elif following:
            self.guard('below', following, at, PAGE)
        else:
            self.guard('above', stack, at, 0)

    def check(self, chosen):
        for stack in chosen:
            middle = (stack.begin + stack.end) // 2
            for at in (stack.begin, middle, stack.end - 8):
                self.inside(stack, at)
            self.below(stack)
            self.above(stack)
        self.asker.ask(self.suite, self.dump)
        self.second.ask(self.suite, self.dump)
        asked = len(self.asker.questions) + len(self.second.questions)
        self.suite.note(f'{self.dump.name}: {asked} addresses of {len(chosen)} stacks '
                        f'classified, {self.suite.failed - self.wrong_before} wrong answers')


def check(suite, dump, core, cpus):
    try:
        of_cpus = [s for cpu in range(cpus) for s in cpu_stacks(core, cpu)]
        tasks = task_stacks(suite, dump, core)
    except NotThere as e:
        suite.check(f'{dump.name}: the stacks can be found', False, 'readable', e)
        return
    # Ten of them, spread over the list, the first idle task always among them.
    step = max(1, len(tasks) // (TASKS - 1))
    chosen = tasks[::step][:TASKS - 1]
    chosen += [s for s in tasks if s.pid == 0 and s not in chosen][:1]
    suite.check(f'{dump.name}: tasks to ask about', len(chosen) >= TASKS, TASKS, len(chosen))
    Edges(suite, dump, core, of_cpus + tasks).check(of_cpus + chosen)
