# SPDX-License-Identifier: GPL-2.0-or-later
"""What an arm64 kernel's log says about every CPU, for expect.

The kernel walks frame records. At an exception's boundary it prints the interrupted
instruction as one more frame, and loses the caller of a function that has no record
there: that is only in x30. Who that was, the module knows (calls.txt). It prints return
addresses by their own name, not by the call's. It does not mark stacks: call_on_irq_stack
and __bad_stack are where they change.
"""
import re

from expect_records import ARMED, STAYS, Calls, first_counted, function, place, traces

# Between the first frame of a panic's trace and the code that panicked.
MACHINERY = re.compile(r'(dump_backtrace|show_stack|(__)?dump_stack(_lvl)?|v?panic|'
                       r'nmi_panic|sc_print_self|sc_print_here)(\.\w+)*\+')
ENDS = {'__primary_switched': 'idle', '__secondary_switched': 'idle',
        'ret_from_fork': 'thread'}
# The entry code that makes pt_regs. What follows is the instruction it interrupted.
ENTRY = re.compile(r'el1[ht]_64_(sync|irq|fiq|error)\+|__bad_stack\+')
FROM_USER = re.compile(r'el0t_(64|32)_\w+\+')
TITLE = re.compile(r'stackcase: cpu \d+ stays here|stackcase: backtrace for cpu|'
                   r'NMI backtrace for cpu|Kernel panic|Internal error|Unable to handle|'
                   r'Insufficient stack')
# The functions of the module that something interrupts where they have no record, and
# their callers; "act" is the context's own.
CALLERS = {'sc_int3_here': ('act', 'sc_go_int3'), 'sc_go_watch': ('act', 'sc_go_watch'),
           'sc_ftraced': ('sc_go_ftrace', 'sc_ftraced'),
           'sc_write_null': ('sc_go_leaf', 'sc_write_null'),
           'sc_recurse': ('sc_recurse', 'sc_recurse'), '0x0': ('sc_go_jump', 'pointer')}
# The same of the kernel's own: what called it, wherever.
KERNEL_CALLERS = {'do_softirq': '__local_bh_enable_ip'}
# What a function may change without its caller's noticing: on a CPU that went on between
# the print and the dump only the others can be compared.
CALLER_SAVED = ['pstate'] + ['x%d' % n for n in range(19)]
# An idle CPU's loop.
IDLE = re.compile(r'(do_idle|cpu_startup_entry)\+')


class Trace:
    def __init__(self, title, cpu, pid, comm):
        self.title, self.cpu, self.pid, self.comm = title, cpu, pid, comm
        self.regs = {}          # of the interrupted context, where it printed them
        self.pc = self.lr = None
        self.below = None       # the trace with the registers of the overflow
        self.frames = []
        self.open = False       # between "Call trace:" and the next line that is no frame

    def feed(self, line):
        """False: the line is behind the trace's end."""
        if line == 'Call trace:':
            self.open = True
            return True
        if self.open:
            if line.startswith('stackcase: '):  # another CPU's line in between
                return True
            where = place(line)
            if where:
                self.frames.append(where)
            return bool(where)
        m = re.match(r'(pc|lr) : (.*)', line)
        if m:
            setattr(self, m.group(1), place(m.group(2)))
        m = re.match(r'(sp|pstate) ?: ([0-9a-f]+)', line)
        if m:
            self.regs[m.group(1)] = int(m.group(2), 16)
        if re.match(r'x\d+ ?: ', line):
            for n, value in re.findall(r'(x\d+) ?: ([0-9a-f]{16})', line):
                self.regs[n] = int(value, 16)
        return True

    @property
    def user(self):
        """EL0: of 64 bits, or (bit 4) of 32."""
        return bool(self.regs) and self.regs['pstate'] & 0xf == 0

    def show(self, skip=()):
        order = ['sp', 'pstate'] + ['x%d' % n for n in range(30)]
        return ' '.join('%s=%#x' % (n, self.regs[n]) for n in order
                        if n in self.regs and n not in skip)


def traces_of(lines):
    found = traces(lines, TITLE, Trace)
    # A stack overflow prints registers alone; the panic's trace, which comes next, has
    # them below its exception.
    for t, following in zip(found, found[1:]):
        if t.regs and not t.frames and t.cpu == following.cpu:
            following.below = t
    return [t for t in found if t.frames or t.user]


def lost_caller(where, inner, outer, calls):
    """The caller of the interrupted function, where it has no record: a line or None.
    INNER: the frames of what interrupted it, OUTER: what the kernel goes on with."""
    if function(where) == 'bpf_user_rnd_u32':
        return 'unnamed'        # the BPF program
    caller = caller_in_module(where, inner, outer, calls)
    return caller and 'frame ' + caller


def caller_in_module(where, inner, outer, calls):
    name, offset = (where.split(' ')[0] + '+0x0').split('+')[:2]
    if int(offset, 16) >= calls.records.get(name, 1 << 64):
        return None
    m = re.match(r'sc_(\w+)_(wait|spin)$', name)
    if m:
        armed = [ARMED[function(f)] for f in inner if function(f) in ARMED]
        before = armed[-1] if m.group(2) == 'wait' else None
        return calls.place('sc_%s_act' % m.group(1), name, before)
    if name in KERNEL_CALLERS and outer and function(outer[0]) != KERNEL_CALLERS[name]:
        return KERNEL_CALLERS[name] + '+0x0 moved-ok'
    if name not in CALLERS:
        return None
    caller, callee = CALLERS[name]
    if caller == 'act':
        caller = function(outer[0]).replace('_b', '_act')
    return calls.place(caller, callee)


def stacks(frames):
    """The stack of every frame. That which changes stacks is still on the one before."""
    on = []
    bad = [i for i, f in enumerate(frames) if f.startswith('__bad_stack+')]
    irq = [i for i, f in enumerate(frames) if f.startswith('call_on_irq_stack+')]
    for i in range(len(frames)):
        on.append('OVERFLOW' if bad and i <= bad[0] else
                  'IRQ' if irq and i < irq[-1] else 'TASK')
    return on


def start(frames, other):
    return first_counted(frames, other, MACHINERY, ENTRY)


def stays_there(trace):
    """In one of the loops, or in user mode."""
    return trace.user or bool(STAYS.match(trace.frames[start(trace.frames, True)]))


def chain(trace, other, calls):
    """Lines of one CPU's chain. OTHER: it went on after the print."""
    yield f'chain cpu={trace.cpu} pid={trace.pid} comm={trace.comm} from=log'
    frames, stays = trace.frames, 'stays here' in trace.title
    first = start(frames, other)
    on, stack, end = stacks(frames), None, 'unknown'
    if trace.user:
        # The rig's processes spin on one instruction, with registers of known values.
        still = trace.regs.get('x0', 0) >> 48 == 0x5ca0 or trace.comm == 'user32'
        yield 'end user' + (f' pc={trace.pc} {trace.show()}' if still else '')
        return
    for i in range(first, len(frames)):
        where = frames[i]
        if on[i] != stack:
            stack = on[i]
            yield 'stack ' + stack
        # Since it printed, it has gone on to its loop.
        if stays and i == first:
            context = function(where).split('_')[1]
            yield 'frame ' + calls.place(f'sc_{context}_act', f'sc_{context}_spin')
            continue
        if i and ENTRY.match(frames[i - 1]) or i == 0 and trace.regs:
            has = trace if i == 0 else None     # who has its registers
            if i and frames[i - 1].startswith('__bad_stack+'):
                has = trace.below
            known = f' {has.show(CALLER_SAVED if other else ())}' if has else ''
            moved = other and (i == 0 or i == first)
            yield f'regs {where}{known}' + (' moved-ok' if moved else '')
            lost = lost_caller(where, frames[:i], frames[i + 1:], calls)
            if has and 'memset' in function(where):
                lost = 'frame ' + has.lr        # called by the recursion
            if lost:
                yield lost
            continue
        # An idle CPU goes around in its loop.
        moved = ' moved-ok' if other and IDLE.match(where) else ''
        called = calls.returned_to(where)
        yield 'frame ' + called + moved + ('' if called == where else ' untold')
        end = ENDS.get(function(where), 'user' if FROM_USER.match(where) else end)
    yield 'end ' + end


def from_log(lines, call_lines, behind_lines):
    calls = Calls(call_lines, behind_lines)
    found = traces_of(lines)
    others = [t for t in found if 'backtrace for cpu' in t.title]
    stays = [t for t in found if 'stays here' in t.title]
    own = [t for t in found if t not in others + stays]
    if not own + stays:
        raise SystemExit('expect: no backtrace in the log')
    seen = set()
    # An oops prints the trace with the registers; panic()'s own comes after it.
    for t in ([t for t in own if t.regs] or own)[-1:]:
        seen.add(t.cpu)
        yield from chain(t, False, calls)
    for t in stays + others[::-1]:
        # Without registers it was not interrupted; or it has gone on since.
        if t.cpu not in seen and (t in stays or t.regs and stays_there(t)):
            if seen:
                yield ''
            seen.add(t.cpu)
            yield from chain(t, t not in stays, calls)
