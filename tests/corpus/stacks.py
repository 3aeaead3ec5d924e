# SPDX-License-Identifier: GPL-2.0-or-later
"""stackof at the edges of every stack, through every alias.

Where the stacks are is found here from the TSS, the per-CPU variables and the page
tables (lib/vmcore.py): every vmapped task's stack, whoever has it, is four pages of
vmalloc space with STACK_END_MAGIC at their base. Whose it is comes from the task_structs
that xbt -A names.
"""
import cli
import tss
from btf import btf_of
from vmcore import NotThere, PAGE

IST_SIZE = 2 * PAGE        # EXCEPTION_STKSZ, arch/x86/include/asm/page_64_types.h
THREAD_SIZE = 4 * PAGE
STACK_END_MAGIC = 0x57ac6e9d
ESPFIX_SIZE = 64
CACHED_STACKS = 2
BATCH = 4000


class Stack:
    def __init__(self, kind, cpu, pid, begin, end, percpu=None):
        self.kind, self.cpu, self.pid = kind, cpu, pid
        self.begin, self.end, self.percpu = begin, end, percpu

    def __str__(self):
        return f'{self.kind} of ' + (f'CPU {self.cpu}' if self.pid is None else f'PID {self.pid}')


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
    # Above #MC, and after a guard each, #VC and #VC2: there is memory in SEV-ES guests only.
    vc = ist[4]
    yield Stack('#VC', cpu, None, vc - IST_SIZE, vc)
    yield Stack('#VC2', cpu, None, vc + PAGE, vc + PAGE + IST_SIZE)
    # Without CONFIG_X86_ESPFIX64 there is none.
    fix = 'espfix_stack' in core.symbols.value and core.u64(core.percpu('espfix_stack', cpu))
    if fix:
        yield Stack('ESPFIX', cpu, None, fix, fix + ESPFIX_SIZE)
    store = core.percpu('irq_stack_backing_store', cpu)
    top = irq_stack_top(core, cpu, store)
    yield Stack('IRQ', cpu, None, top - THREAD_SIZE, top, store)


def cached_stacks(core, cpu):
    """Per-CPU pointers to vm_struct, whose second word is the address (linux/vmalloc.h)."""
    for i in range(CACHED_STACKS):
        vm = core.u64(core.percpu('cached_stacks', cpu) + 8 * i)
        if vm:
            begin = core.u64(vm + 8)
            yield Stack('TASK', cpu, None, begin, begin + THREAD_SIZE)


def magic_at(core, addr):
    try:
        return core.u64(addr) == STACK_END_MAGIC
    except NotThere:
        return False


def idle_tasks(core, cpus):
    """xbt -A leaves out those of CPUs that are offline."""
    offset, _ = btf_of(core).member('rq', 'idle')
    return [core.u64(core.percpu('runqueues', cpu) + offset) for cpu in range(1, cpus)]


def task_stacks(suite, dump, core, cpus):
    """The stack pointer of every task, found in its task_struct by what it points at."""
    doc = cli.ask(suite, 'xbt -A -j', dump.vmcore)
    tasks = {}
    for chain in doc['chains'] if doc else []:
        tasks[cli.number(chain['task']['address'])] = chain['task']['pid']
    tasks.update((task, 0) for task in idle_tasks(core, cpus) if task)
    votes = {}
    for task in tasks:
        for offset in range(0, 128, 8):
            word = core.u64(task + offset)
            if word >> 63 and word % THREAD_SIZE == 0 and magic_at(core, word):
                votes[offset] = votes.get(offset, 0) + 1
    offset = max(votes, key=votes.get)
    for task, pid in tasks.items():
        begin = core.u64(task + offset)
        if begin:
            yield Stack('TASK', None, pid, begin, begin + THREAD_SIZE)


def owned_stacks(suite, dump, core, cpus):
    """Those of every CPU and every task; None, and failed, when they cannot be read."""
    try:
        found = [s for cpu in range(cpus) for s in cpu_stacks(core, cpu)]
        return found + list(task_stacks(suite, dump, core, cpus))
    except NotThere as e:
        suite.check(f'{dump.name}: the stacks can be found', False, 'readable', e)
        return None


def waits_for_rcu(core, base):
    """struct vm_stack over the magic, its third word a vm_struct: kernel/fork.c, 5.17+."""
    try:
        return core.u64(core.u64(base + 16) + 8) == base
    except NotThere:
        return False


def vmapped(core):
    """Lowest addresses of what is mapped as a vmapped stack is, and marked as one."""
    low, high = (core.u64(core.symbol(v)) for v in ('vmalloc_base', 'vmemmap_base'))
    pages = set(core.pages(low, high))
    for base in sorted(pages):
        if base % THREAD_SIZE or base - PAGE in pages or base + THREAD_SIZE in pages:
            continue
        if all(base + i * PAGE in pages for i in range(4)) and (
                magic_at(core, base) or waits_for_rcu(core, base)):
            yield base


class Asker:
    """Collects addresses, asks once, gives the answers by address."""

    def __init__(self):
        self.questions = []  # (address, function to call with the answer)

    def add(self, address, judge):
        self.questions.append((address, judge))

    def ask(self, suite, dump):
        for i in range(0, len(self.questions), BATCH):
            part = self.questions[i:i + BATCH]
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
        # Several small stacks may share a physical page.
        self.by_pfn = {}
        for s in stacks:
            for at in range(s.begin - s.begin % PAGE, s.end, PAGE):
                if core.mapped(at):
                    self.by_pfn.setdefault(core.translate(at) // PAGE, []).append((s, at))

    def on_page(self, phys):
        """The stack that has this byte of memory, and where in its own range that is."""
        for s, page in self.by_pfn.get(phys // PAGE, []):
            if s.begin <= page + phys % PAGE < s.end:
                return s, page + phys % PAGE
        return None, None

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
        phys = self.core.translate(at)
        found = {at, self.core.direct(phys)}
        # Initial memory that was freed stays mapped in the kernel image's range.
        image = phys - self.core.phys_base + 0xffffffff80000000 & (1 << 64) - 1
        if (self.core.symbol('_text') <= image < self.core.symbol('_end') and
                self.core.mapped(image) and self.core.translate(image) == phys):
            found.add(image)
        if stack.percpu:
            found.add(stack.percpu + at - stack.begin)
        return found

    def zeros_below(self, stack, at):
        """Nothing but zeros from the stack's base, without the magic, to this word?"""
        own = 24 if stack.kind == 'TASK' and stack.pid is None else 8
        begin = stack.begin + (own if stack.kind == 'TASK' else 0)
        return not any(self.core.read(begin, max(0, at + 8 - at % 8 - begin)))

    def state(self, what, stack, at, answer):
        wanted = ('live', 'stale', 'dead', 'unused')
        self.suite.check(f'{what}: state', answer['state'] in wanted, wanted, answer['state'])
        if answer['state'] in ('stale', 'unused'):
            self.suite.equal(f'{what}: never used so deep', self.zeros_below(stack, at),
                             answer['state'] == 'unused')

    def inside(self, stack, at):
        def judge(answer, address):
            what = f'{self.dump.name} stackof {address:#x} ({stack}, base+{at - stack.begin:#x})'
            self.suite.equal(what, self.expect_inside(stack, at), self.told(answer))
            self.suite.equal(f'{what}: aliases',
                             sorted(map(hex, self.aliases(stack, at) - {address})),
                             sorted(a['address'] for a in answer['aliases']))
            self.state(what, stack, at, answer)
            self.suite.equal(f'{what}: phys', hex(self.core.translate(at)), answer['phys'])
            # What the answer calls an alias must itself be classified the same.
            for alias in answer['aliases']:
                other = cli.number(alias['address'])
                self.second.add(other, lambda again, other=other: self.suite.equal(
                    f'{what}: through alias {other:#x}', self.expect_inside(stack, at),
                    self.told(again)))
        for address in sorted(self.aliases(stack, at)):
            self.asker.add(address, lambda a, address=address: judge(a, address))

    def memory(self, address):
        """Any mapped address: what stack has that memory?"""
        stack, at = self.on_page(self.core.translate(address))
        wanted = self.expect_inside(stack, at) if stack else (None,) * 8
        self.asker.add(address, lambda answer: self.suite.equal(
            f'{self.dump.name} stackof {address:#x}: by its page', wanted, self.told(answer)))

    def hole(self, stack, at):
        self.asker.add(at, lambda answer: self.suite.equal(
            f'{self.dump.name} stackof {at:#x}: {stack} is a hole',
            self.expect_inside(stack, at) + ('unmapped', None),
            self.told(answer) + (answer['state'], answer['phys'])))

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
                             stack.pid == 0 or stack.kind == 'ESPFIX', 0, stack.pid)
            self.memory(at)
        elif stack.kind != 'ESPFIX':
            self.guard('below', stack, at, 1)

    def above(self, stack):
        at = stack.end
        following = self.begins.get(at + PAGE)
        if stack.kind == 'ENTRY_TRAMPOLINE':
            self.no_stack(at, 'cpu_entry_area', 'TSS', 'above the entry stack')
        elif self.core.mapped(at):
            self.suite.check(f'{self.dump.name} {stack}: only PID 0 has no page above',
                             stack.pid == 0 or stack.kind == 'ESPFIX', 0, stack.pid)
            self.memory(at)
        elif following:
            self.guard('below', following, at, PAGE)
        elif stack.kind != 'ESPFIX':
            self.guard('above', stack, at, 0)

    def around_in_direct_map(self, stack):
        """Beside the stack's memory lies other memory, perhaps another stack's."""
        for at in (stack.begin, stack.end - 1):
            direct = self.core.direct(self.core.translate(at))
            for beside in (direct - 1, direct + 1):
                if self.core.mapped(beside):
                    self.memory(beside)

    def tss_alias(self, entry):
        """The TSS is no stack: it follows the entry stack, and lies in the per-CPU area."""
        tss = self.core.percpu('cpu_tss_rw', entry.cpu)
        self.suite.equal(f'{self.dump.name} TSS of CPU {entry.cpu}: same memory',
                         self.core.translate(tss), self.core.translate(entry.end))
        self.asker.add(tss + 4, lambda answer: self.suite.check(
            f'{self.dump.name} stackof {tss + 4:#x}: alias of the TSS',
            hex(entry.end + 4) in [a['address'] for a in answer['aliases']],
            hex(entry.end + 4), answer['aliases']))

    def check(self):
        for stack in self.stacks:
            if stack.kind == 'ENTRY_TRAMPOLINE':
                self.tss_alias(stack)
            middle = (stack.begin + stack.end) // 2
            for at in (stack.begin, middle, stack.end - 8):
                if self.core.mapped(at):
                    self.inside(stack, at)
                else:
                    self.hole(stack, at)
            self.below(stack)
            self.above(stack)
            if self.core.mapped(stack.begin):
                self.around_in_direct_map(stack)
            if stack.kind == 'ESPFIX':
                for copy in (1, 0x1234, 0xffff):
                    self.memory(stack.begin + (copy << 16))
        self.asker.ask(self.suite, self.dump)
        self.second.ask(self.suite, self.dump)
        asked = len(self.asker.questions) + len(self.second.questions)
        self.suite.note(f'{self.dump.name}: {asked} addresses of {len(self.stacks)} stacks '
                        f'classified, {self.suite.failed - self.wrong_before} wrong answers')


def check(suite, dump, core, cpus):
    try:
        stacks = [s for cpu in range(cpus) for s in cpu_stacks(core, cpu)]
        owned = list(task_stacks(suite, dump, core, cpus))
        begins = {s.begin for s in owned}
        stacks += owned
        stacks += [s for cpu in range(cpus) for s in cached_stacks(core, cpu)
                   if s.begin not in begins]
        begins |= {s.begin for s in stacks}
        stacks += [Stack('TASK', None, None, base, base + THREAD_SIZE)
                   for base in vmapped(core) if base not in begins]
    except NotThere as e:
        suite.check(f'{dump.name}: the stacks can be found', False, 'readable', e)
        return
    for stack in owned:
        suite.equal(f'{dump.name} {stack}: magic at its base', True,
                    magic_at(core, stack.begin))
    suite.check(f'{dump.name}: tasks to ask about', len(owned) > 10, 'many', len(owned))
    Edges(suite, dump, core, stacks).check()
