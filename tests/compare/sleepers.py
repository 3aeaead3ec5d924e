# SPDX-License-Identifier: GPL-2.0-or-later
"""Every sleeping task's chain: ours and drgn's, address by address."""
import cli
import expect
from tools import USER_END

# include/linux/linkage.h and sched/debug.h: what /proc/PID/stack leaves out.
HIDDEN = ('sched', 'lock')


class Task:
    def __init__(self, pid, comm, frames, error=None):
        self.pid, self.comm, self.frames, self.error = pid, comm, frames, error


def ours(dump):
    tasks = {}
    doc = cli.run('xbt -A -j', dump.vmcore).json()
    for c in doc['chains']:
        if c['cpu'] is not None:
            continue
        frames = [(f['ip'], f['sp']) for _, f in cli.frames_of(c)]
        if c['end']['reason'] == 'user':  # for drgn the last frame
            frames.append((c['end']['regs']['rip'], c['end']['regs']['rsp']))
        tasks[c['task']['address']] = Task(c['task']['pid'], c['task']['comm'],
                                           [tuple(map(cli.number, f)) for f in frames])
    return tasks


def drgns(answer):
    return {a: Task(t['pid'], t['comm'], [(f['ip'], f['sp']) for f in t.get('frames', ())],
                    t.get('error')) for a, t in answer['tasks'].items()}


class Oracle:
    """Which of two chains is what the kernel said in /proc/PID/stack."""

    def __init__(self, dump, core, names):
        self.names = names
        self.told = {t.pid: t for t in expect.load(dump.sleepers)[1]}
        self.hidden = [(core.symbol(f'__{x}_text_start'), core.symbol(f'__{x}_text_end'))
                       for x in HIDDEN]

    def agrees(self, pid, frames):
        at = next((i for i, (ip, _) in enumerate(frames) if ip < USER_END), len(frames))
        shown = [{'ip': ip} for ip, _ in frames[:at]
                 if not any(low <= ip < high for low, high in self.hidden)]
        wanted = [x for x in self.told[pid].items if x.kind in ('frame', 'regs')]
        return len(shown) == len(wanted) and all(map(self.names.fits, wanted, shown))

    def verdict(self, pid, a, b):
        if pid not in self.told:
            return 'the kernel did not tell'
        right = [who for who, t in (('ours', a), ('drgn', b)) if self.agrees(pid, t.frames)]
        return 'the kernel said what both show' if len(right) == 2 else \
            f'the kernel said what {right[0]} shows' if right else 'the kernel said neither'


def kind_of(names, a, b):
    """What the difference is, without the task."""
    if b.error:
        return f'drgn: {b.error}'
    def text(frames):
        return ' '.join(names.text(ip) for ip, _ in frames[:6]) + ' …' * (len(frames) > 6)

    ips = [[ip for ip, _ in t.frames] for t in (a, b)]
    if ips[0] == ips[1]:
        i = next(i for i, (x, y) in enumerate(zip(a.frames, b.frames)) if x != y)
        return (f'the same frames, but sp of {names.text(ips[0][i])} differs by '
                f'{b.frames[i][1] - a.frames[i][1]:+#x}')
    i = next((i for i, (x, y) in enumerate(zip(*ips)) if x != y), min(map(len, ips)))
    if a.frames == b.frames[:i] and i and ips[0][-1] < USER_END:
        return 'equal down to user mode; there drgn goes on, with what is no frame of the kernel'
    after = f'after {names.text(ips[0][i - 1])}' if i else 'from the first frame on'
    return (f'{after}: ours {text(a.frames[i:]) or "ends"}; '
            f'drgn {text(b.frames[i:]) or "ends"}')


def lonely(task):
    error = f', with no chain: {task.error}' if task.error else ''
    return f'PID {task.pid} "{task.comm}"{error}'


def compare(dump, core, names, answer):
    """(equal, differences, only ours, only drgn's); a difference is (kind, task, verdict)."""
    a, b = ours(dump), drgns(answer)
    oracle = Oracle(dump, core, names)
    equal, differences = 0, []
    for address in a.keys() & b.keys():
        x, y = a[address], b[address]
        if x.frames == y.frames:
            equal += 1
        else:
            differences.append((kind_of(names, x, y), f'PID {x.pid} "{x.comm}"',
                                oracle.verdict(x.pid, x, y)))
    only = [[lonely(t) for k, t in here.items() if k not in there]
            for here, there in ((a, b), (b, a))]
    return equal, sorted(differences), *only
