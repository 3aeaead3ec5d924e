# SPDX-License-Identifier: GPL-2.0-or-later
"""What a riscv64 kernel's log says about every CPU, for expect.

The kernel walks frame records, and stops where the IRQ stack was switched to. What that
interrupted the module knows: its program names the contexts, calls.txt has the places of
the calls, the kernel's own into the IRQ stack among them, and how the task came into the
module says /proc/PID/stack of the one that sleeps there. Who called a function that has no
record yet, where a replaced return address leads, and what an ftrace callback traced, too.
"""
import re

from expect_records import ARMED, STAYS, Calls, first_counted, function, place, traces

MACHINERY = re.compile(r'(walk_stackframe|dump_backtrace|show_stack|(__)?dump_stack(_lvl)?|v?panic|'
                       r'sc_print_self|sc_print_on|sc_print_here)(\.\w+)*\+')
TITLE = re.compile(r'stackcase: cpu \d+ (stays|goes on from) here|'
                   r'stackcase: backtrace for cpu|NMI backtrace for cpu|Kernel panic|'
                   r'Oops|Unable to handle|Insufficient stack|Kernel BUG')
PROGRAM = re.compile(r'stackcase: cpu (\d+) pid \d+ comm \S+ program (\S+)')
# Registers that calls preserve; an idle CPU, which goes around in its loop, only the first.
ALWAYS = ['sp', 'gp', 'tp']
SAVED = ALWAYS + ['s%d' % n for n in range(12)]
# Up to 6.3 what handles an event is to return to the latter. With shadow call stacks the
# first has a label in its middle.
ENTRY = re.compile(r'(handle_exception|_skip_scs|ret_from_exception)\+')
FRAME = re.compile(r'\[<([0-9a-f]{16})>\] (.*)')
ENDS = {'start_kernel': 'idle', 'smp_callin': 'idle', 'ret_from_fork': 'thread',
        'ret_from_fork_kernel_asm': 'thread'}
# Where CPUs start is no text to the kernel's trace.
BOOT = {'start_kernel': '_start_kernel', 'smp_callin': 'secondary_start_sbi'}
# How a task comes to a softirq: calls, innermost first; of two, by the one before.
SOFTIRQ = [('do_softirq_own_stack', 'call_on_irq_stack'),
           ('do_softirq', 'do_softirq_own_stack'), ('__local_bh_enable_ip', 'do_softirq'),
           ('sc_go_tasklet', '__local_bh_enable_ip', '__tasklet_hi_schedule'),
           ('sc_task_act', 'sc_go_tasklet')]
# Where that inline function is one of the module's: clang's choice.
SOFTIRQ_CLANG = SOFTIRQ[:3] + [('local_bh_enable', '__local_bh_enable_ip'),
                               ('sc_go_tasklet', 'local_bh_enable'), SOFTIRQ[4]]


class Trace:
    def __init__(self, title, cpu, pid, comm):
        self.title, self.cpu, self.pid, self.comm = title, cpu, pid, comm
        self.regs, self.pc, self.lr = {}, None, None
        self.frames = []

    def feed(self, line):
        """False: the line is behind the trace's end."""
        m = FRAME.match(line)
        if m:
            self.frames.append(place(m.group(2)) or '%#x' % int(m.group(1), 16))
            return True
        if self.frames:
            return False
        m = re.match(r'(epc|ra) : (\S+\+0x.*)', line)
        if m:
            setattr(self, {'epc': 'pc', 'ra': 'lr'}[m.group(1)], place(m.group(2)))
        for name, value in re.findall(r'(\w+) ?: ([0-9a-f]{16})', line):
            self.regs[name] = int(value, 16)
        return True

    @property
    def user(self):
        """Interrupted in user mode: status has no SPP."""
        return bool(self.regs) and not self.regs['status'] & 0x100

    def show(self, names=None):
        """Those that are in pt_regs; ssp, of 7.2, is the CPU's own."""
        return ' '.join('%s=%#x' % (n, v) for n, v in self.regs.items()
                        if n not in ('epc', 'status', 'badaddr', 'cause', 'orig_a0', 'ssp') and
                        (names is None or n in names))


class Known:
    """What else there is to know: CALLS, the programs of the CPUs, and the frames of a task
    that sleeps in the module, outside of it."""

    def __init__(self, lines, sleepers, call_lines, behind):
        self.calls = Calls(call_lines, behind)
        self.traces = []
        self.programs = dict(m.groups() for m in map(PROGRAM.match, lines) if m)
        self.entry = []
        for line in sleepers:
            where = place(line.strip()[6:]) if line.startswith('[<0>] ') else None
            if self.entry or where and where.startswith('sc_task_act+'):
                if not where:
                    break
                self.entry.append(where)
        self.entry = self.entry[1:]
        self.vector = '_skip_scs' if self.has('_skip_scs') else 'handle_exception'

    def call(self, caller, callee, before=None):
        where = self.calls.place(caller, callee, before)
        module = caller.startswith('sc_') or caller == 'local_bh_enable'
        return where if module else where.split(' ')[0]

    def has(self, caller):
        return any(row[0] == caller for row in self.calls.rows)

    def behind_leaf(self, frames):
        """The callers of the last of FRAMES, where the trace ends for want of a saved ra
        (GCC up to 13): another CPU came to the same context by the same calls."""
        m = re.match(r'sc_(?:(\w+)_wait|(int3)_here)\+', frames[-1])
        if not m:
            return []
        context = m.group(1) or 'task'
        armed = [ARMED[function(f)] for f in frames if function(f) in ARMED]
        caller = self.call('sc_task_act', 'sc_go_int3') if m.group(2) else \
            self.call(f'sc_{context}_act', f'sc_{context}_wait', armed[-1])
        for others in self.traces:
            at = [i for i, f in enumerate(others) if function(f) == f'sc_{context}_b']
            if at and not re.match(r'sc_\w+_(wait|here)\+', others[-1]):
                return [caller] + others[at[-1]:]
        raise SystemExit(f'expect: who called {frames[-1]}?')

    def before_irq(self, cpu, frames):
        """Items below call_on_irq_stack, the last of FRAMES: of the task."""
        armed = [function(f) for f in frames if function(f) in ARMED]
        soft = not function(frames[-2]) == 'handle_riscv_irq'
        program = re.match(r'(a*)[hwtb]', self.programs[cpu])
        if not program:
            raise SystemExit(f'expect: how did {self.programs[cpu]} come to the IRQ stack?')
        if soft:
            calls = SOFTIRQ_CLANG if self.has('local_bh_enable') else SOFTIRQ
            items = ['frame ' + self.call(*call) for call in calls]
        else:
            items = ['frame ' + self.call('do_irq', 'call_on_irq_stack'),
                     'frame ' + self.call(self.vector, 'do_irq'),
                     'regs sc_task_wait+0x0 stackcase moved-ok',
                     'frame ' + self.call('sc_task_act', 'sc_task_wait', ARMED[armed[-1]])]
        for _ in program.group(1):
            items.append('frame ' + self.call('sc_task_act', 'sc_task_act', 'sc_print_on'))
        items += ['frame ' + self.calls.returned_to(where) for where in self.entry]
        yield from untold(items)


def untold(items):
    """Of these frames the log's last word says nothing, or something else."""
    for item in items:
        frame = item.startswith(('frame ', 'regs ')) and not item.endswith(' untold')
        yield item + (' untold' if frame else '')


def start(frames, other):
    return first_counted(frames, other, MACHINERY, ENTRY)


def stays_there(trace):
    """In one of the loops, or in user mode."""
    return trace.user or bool(STAYS.match(trace.frames[start(trace.frames, True)]))


def traced_caller(inner, known):
    """Who called the function that the last of INNER is in."""
    name = function(inner[-1])
    context, kind = re.match(r'sc_(\w+)_(b|wait|spin)$', name).groups()
    if kind == 'b':
        return known.call(f'sc_{context}_a', name)
    armed = [ARMED[function(f)] for f in inner if function(f) in ARMED]
    return known.call(f'sc_{context}_act', name, armed[-1] if kind == 'wait' else None)


def returned(i, frames, known):
    """Frame I with its return address by the name of its call, or what a tracer replaced."""
    name = function(frames[i])
    if name == 'return_to_handler':
        where = traced_caller(frames[:i], known)
    elif name == 'arch_rethook_trampoline':
        where = known.call(function(frames[i + 1]).replace('_b', '_act'), 'sc_retprobed')
    else:
        where = known.calls.returned_to(frames[i])
    return 'frame ' + where + ('' if where == frames[i] else ' untold')


def lost(where, known):
    """Items of callers that the kernel does not see."""
    name = function(where)
    if where.startswith('sc_ftraced+0x0 '):
        yield 'frame ' + known.call('sc_go_ftrace', 'sc_ftraced')
    if name == 'bpf_user_rnd_u32':      # by a pointer: from where, the code does not say
        yield 'frame ___bpf_prog_run+0x0 moved-ok'
    if name in BOOT:
        yield 'frame ' + known.calls.last(BOOT[name])
    if name in ('ftrace_call', 'ftrace_caller', 'ftrace_regs_call'):
        yield 'regs sc_traced+0x8 stackcase'    # ftrace's
        yield 'frame ' + known.call('sc_go_callback', 'sc_traced')


def walk(cpu, frames, trace, known, other=False, regs=''):
    """Items of FRAMES; the first of them is where REGS, of the same TRACE, point to."""
    first, told = start(frames, other), len(frames)
    frames = frames + known.behind_leaf(frames)
    irq = max([i for i, f in enumerate(frames) if function(f) == 'call_on_irq_stack'],
              default=-1)
    stack, end = None, 'user'
    for i in range(first, len(frames)):
        where = frames[i]
        on = 'IRQ' if i < irq else 'TASK'     # that which switches is still on it
        if on != stack:
            stack = on
            yield 'stack ' + stack
        boundary = i and ENTRY.match(frames[i - 1])
        # Since it printed, it has gone on.
        if i == first and re.search('stays here|goes on', trace.title):
            act = 'sc_%s_act' % function(where).split('_')[1]
            yield 'frame ' + (known.call(act, act.replace('_act', '_spin'))
                              if 'stays' in trace.title else
                              known.call(act, act, 'sc_print_on'))
            continue
        if boundary or i == 0 and trace.regs:
            moved = other and i == first
            yield f'regs {where}{regs if i == 0 else ""}' + (' moved-ok' if moved else '')
        else:
            item = returned(i, frames, known)
            yield from untold([item]) if i >= told else [item]
            where = known.calls.returned_to(where)
        yield from untold(lost(where, known))
        end = ENDS.get(function(where), end)
    if irq == len(frames) - 1:
        yield from known.before_irq(cpu, frames)
    yield 'end ' + end


def overflowed(trace, known):
    """Items of a full stack: the fault is in the first stores of a function that calls
    itself, or in the memset() that fills its frame. Its argument is how often it did: in
    a0, then in s1."""
    yield f'regs {trace.pc} {trace.show([n for n in trace.regs if n != "tp"])}'
    within = function(trace.pc) == 'sc_recurse'
    depth = trace.regs['a0' if within else 's1']
    if depth > 1000 or not within and function(trace.lr) != 'sc_recurse':
        raise SystemExit(f'expect: overflow in {trace.pc}: not understood')
    if not within:
        yield 'frame ' + trace.lr
    for _ in range(depth):
        yield 'frame ' + known.call('sc_recurse', 'sc_recurse') + ' untold'
    yield 'frame ' + known.call('sc_go_overflow', 'sc_recurse') + ' untold'


def jumped(trace, known):
    """Items of a call of address zero."""
    yield f'regs 0x0 {trace.show()}'
    yield 'frame ' + trace.lr


def further(inner, callee, said, known):
    """Items INNER, the last of them in CALLEE, which the context called that had SAID where
    it was."""
    context = function(said.frames[start(said.frames, False)]).split('_')[1]
    stack, *outer = walk(said.cpu, said.frames, said, known)
    yield stack
    yield from inner
    yield 'frame ' + known.call(f'sc_{context}_act', callee) + ' untold'
    yield from untold(outer)


def head(trace):
    return f'chain cpu={trace.cpu} pid={trace.pid} comm={trace.comm} from=log'


def own_chain(found, known):
    """Of the CPU that panicked."""
    own = [t for t in found if 'backtrace for cpu' not in t.title and
           'stays here' not in t.title]
    if not own:
        raise SystemExit('expect: no backtrace in the log')
    said = [t for t in own if 'goes on' in t.title]
    registers = [t for t in own if t.regs and t not in said]
    # An oops prints the trace with the registers; panic()'s own comes after it.
    trace = (registers or [t for t in own if t not in said])[-1]
    yield head(trace)
    if 'Insufficient' in trace.title:
        yield from further(overflowed(trace, known), 'sc_go_overflow', said[-1], known)
    elif registers and not trace.frames:
        yield from further(jumped(trace, known), 'sc_go_jump', said[-1], known)
    else:
        yield from walk(trace.cpu, trace.frames, trace, known,
                        regs=' ' + trace.show() if trace.regs else '')


def from_log(lines, sleepers, call_lines, behind_lines):
    known = Known(lines, sleepers, call_lines, behind_lines)
    found = [t for t in traces(lines, TITLE, Trace) if t.frames or t.regs]
    known.traces = [t.frames for t in found if t.frames]
    yield from own_chain(found, known)
    panicked = [t for t in found if 'Kernel panic' in t.title or t.regs and
                'backtrace' not in t.title][-1]
    seen = {panicked.cpu}
    stays = [t for t in found if 'stays here' in t.title]
    for t in stays + [t for t in found[::-1] if 'backtrace for cpu' in t.title]:
        # Without registers it was not interrupted; or it has gone on since.
        if t.cpu in seen or t not in stays and not (t.regs and stays_there(t)):
            continue
        seen.add(t.cpu)
        yield ''
        yield head(t)
        if t.user:
            # The rig's process spins on one instruction, with registers of known values.
            still = t.regs['a0'] >> 48 == 0x5ca0
            yield 'end user' + (' pc=%#x %s' % (t.regs['epc'], t.show()) if still else '')
            continue
        kept = t.show(ALWAYS if t.pid == '0' else SAVED)
        yield from walk(t.cpu, t.frames, t, known, t not in stays,
                        ' ' + kept if t.regs else '')
