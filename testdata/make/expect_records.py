# SPDX-License-Identifier: GPL-2.0-or-later
"""What the logs of kernels that walk frame records have in common: of arm64 and riscv64.

They print return addresses by their own name, not by the call's, and lose callers that have
no record. Those the module knows (calls.txt).
"""
import re

# The endless loops of the module and of an idle CPU.
STAYS = re.compile(r'sc_\w+_spin\+|(default_idle_call|arch_cpu_idle|cpu_do_idle)\+')
# What a wait loop was waiting for, by the handler that came.
ARMED = {'sc_hrtimer_fn': 'sc_arm_hrtimer', 'sc_timer_fn': 'sc_arm_timer',
         'sc_irq_work_fn': 'sc_arm_irq_work'}


def function(where):
    return where.split('+')[0]


def place(text):
    """ "func+0x1/0x2 [mod] (P)" -> "func+0x1 mod" """
    m = re.match(r'(\S+\+0x[0-9a-f]+)/0x[0-9a-f]+(?: \[(\w+)[^\]]*\])?', text)
    if m:
        return m.group(1) + (' ' + m.group(2) if m.group(2) else '')
    m = re.match(r'(0x[0-9a-f]+|[0-9a-f]{16})( \(\w+\))?$', text)
    return '%#x' % int(m.group(1), 16) if m else None


def traces(lines, title_line, new):
    """What NEW makes of each backtrace: of the line before that matches TITLE_LINE, CPU, PID
    and command. Each has its own lines by feed(), to the first that is none of it."""
    trace, title, found = None, '', []
    for line in lines:
        line = line.strip()
        m = re.match(r'CPU: (\d+) (?:UID: \d+ )?PID: (\d+) Comm: (\S+)', line)
        if m:
            trace = new(title, *m.groups())
            found.append(trace)
            continue
        if title_line.match(line):
            title = line
        if trace and not trace.feed(line):
            trace = None
    return found


class Calls:
    """The module's calls: return offsets by caller, callee and the callee before; the
    offset from which on a function has its record. And what is behind calls that are a
    function's last instruction, by the name of the next."""

    def __init__(self, lines, behind):
        self.behind = {}
        for line in behind:
            following, name, start, end = line.split()
            self.behind[following] = '%s+%#x' % (name, int(end, 16) - int(start, 16))
        self.rows, self.records = [], {}
        for line in lines:
            caller, start, at, callee, before = line.split()
            back = int(at.rstrip(':'), 16) + 4 - int(start, 16)
            self.rows.append((caller, back, callee, before))
            if callee == 'record':
                self.records[caller] = back

    def place(self, caller, callee, before=None):
        calls = [row for row in self.rows if (row[0], row[2]) == (caller, callee)]
        backs = [back for _, back, _, prev in calls if before in (None, prev)]
        # Clang makes one of calls of the same function, wherever they come from.
        if not backs:
            backs = [row[1] for row in calls]
        if len(backs) != 1:
            raise SystemExit(f'expect: {caller} calls {callee} {len(backs)} times')
        return '%s+%#x stackcase' % (caller, backs[0])

    def last(self, caller):
        """Behind the last call, which is where a function returns to that it jumps to."""
        return '%s+%#x' % (caller, max(back for c, back, *_ in self.rows if c == caller))

    def returned_to(self, where):
        """The name that a return address has by its call."""
        name, offset = re.match(r'([^+ ]+)\+(0x[0-9a-f]+)', where + '+0x1').groups()
        if offset != '0x0' or name not in self.behind:
            return where
        return self.behind[name] + where[len(name) + len('+0x0'):]


def first_counted(frames, other, machinery, entry):
    """The first frame that counts. ENTRY: the code that makes pt_regs."""
    first = 0
    while first < len(frames) and machinery.match(frames[first]):
        first += 1
    # What a spinning or idle CPU was interrupted by when it printed is over.
    for i in range(1, len(frames) if other else 0):
        if entry.match(frames[i - 1]) and STAYS.match(frames[i]):
            first = i
    return first
