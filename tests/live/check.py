# SPDX-License-Identifier: GPL-2.0-or-later
"""What stackinfo said of a running machine, against its /proc/PID/stack.

usage: check.py DIRECTORY VMLINUX

DIRECTORY is what testdata/make/live leaves. A task that was not switched to
between the readings before and after, and did not run in them, slept meanwhile: its
chain must be what they say. Others may have run: they must be right at some moment, so
at least end where chains end, or be refused.
"""
import json
import os
import re
import struct
import sys
from typing import NamedTuple

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '../lib')]

import cli
from suite import Suite
from vmcore import Symbols

FRAME = re.compile(r'\[<0>\] (\S+)\+0x([0-9a-f]+)/0x[0-9a-f]+(?: \[(\S+)\])?')
# Where arm64's kernel has no name for what it read from a running task's stack.
NAMELESS = re.compile(r'\[<0>\] (0x[0-9a-f]+)$')
# Of some sixty tasks; the others are workers, that come and go.
LEAST_EXACT = 40


class Machine(NamedTuple):
    """A register that testdata/make/guest/user*.S marks; does `live` have a crash kernel?"""
    register: str
    mark: str
    crashes: bool


# By ELF's e_machine.
MACHINES = {
    62: Machine('r15', '0x5ca0000000000015', True),
    183: Machine('x28', '0x5ca0000000000028', False),
    243: Machine('s11', '0x5ca0000000000027', False),
}


def machine_of(vmlinux):
    with open(vmlinux, 'rb') as f:
        return MACHINES[struct.unpack_from('<H', f.read(20), 18)[0]]


def proc_stacks(path):
    """PID -> (comm, frames as text, innermost first, lines about switches and state)."""
    tasks, frames = {}, None
    with open(path) as f:
        for line in f:
            match = FRAME.match(line)
            if line.startswith('task '):
                _, pid, comm = line.rstrip('\n').split(' ', 2)
                frames = []
                switches = []
                tasks[int(pid)] = comm, frames, switches
            elif match:
                name, offset, module = match.groups()
                frames.append(f'{name}+{int(offset, 16)}' + (f' [{module}]' if module else ''))
            elif NAMELESS.match(line):
                frames.append(NAMELESS.match(line)[1])
            elif 'ctxt_switches' in line or line.startswith('State:'):
                switches.append(line)
            elif line.strip():
                raise ValueError(f'{path}: {line!r}')
    return tasks


def text_of(frame):
    module = f' [{frame["module"]}]' if frame['module'] else ''
    return f'{frame["function"]}+{frame["offset"]}{module}'


def hidden_names(vmlinux):
    """in_sched_functions() of the kernel: /proc hides such frames."""
    symbols = Symbols(vmlinux)
    ranges = [(symbols.value[f'__{x}_text_start'], symbols.value[f'__{x}_text_end'])
              for x in ('sched', 'lock')]
    return {name for value, names in symbols.names.items() for name in names
            if any(low <= value < high for low, high in ranges)}


def load(suite, at, name):
    with open(os.path.join(at, name + '.err')) as f:
        suite.equal(f'{name}: exit status, and no complaint', 'exit status 0\n', f.read())
    with open(os.path.join(at, name + '.json')) as f:
        return json.load(f)['chains']


def sleepers(suite, what, chains, before, after, hidden):
    """Compare those that slept all the time; returns how many."""
    came = {c['task']['pid']: c for c in chains if c['task'] and c['task']['pid']}
    exact = 0
    for pid, (comm, told, switches) in before.items():
        if after.get(pid) != (comm, told, switches) or not told:
            continue
        if any(line.startswith('State:\tR') for line in switches):
            continue            # arm64's kernel reads what runs, too, and finds anything
        name = f'{what}: PID {pid} "{comm}"'
        chain = came.get(pid)
        if not suite.check(f'{name}: is found', chain is not None, 'a chain', None):
            continue
        if chain['start']['from'] == 'prstatus':
            continue            # /proc/vmcore: it ran in the end
        shown = [text_of(f) for _, f in cli.frames_of(chain) if f['function'] not in hidden]
        suite.equal(name, told, shown)
        exact += 1
    suite.check(f'{what}: sleepers', exact >= LEAST_EXACT, f'{LEAST_EXACT} at least', exact)
    return exact


def ends(suite, what, chains):
    """No chain breaks off; returns those for which there are no registers."""
    refused = [c for c in chains if c['end']['reason'] == 'no_regs']
    for chain in chains:
        if chain not in refused:
            suite.check(f'{what}: PID {chain["task"]["pid"]} ends well', chain['end']['ok'], True,
                        chain['end'])
    return refused


def died(suite, at, before, after, hidden):
    """The same in the crash kernel; returns what there is to say of it."""
    dead = load(suite, at, 'vmcore')
    exact = sleepers(suite, '/proc/vmcore', dead, before, after, hidden)
    # The loop in live-init may have a process that has just exited: it has no stack.
    suite.equal('/proc/vmcore: none is refused but zombies', [],
                [c for c in ends(suite, '/proc/vmcore', dead)
                 if c['task']['state'] != 'Z' or 'has exited' not in c['end']['text']])
    names = [f['function'] for c in dead for _, f in cli.frames_of(c)]
    suite.check('/proc/vmcore: how it died', 'sysrq_handle_crash' in names,
                'sysrq_handle_crash', None)
    return f'; {exact} of {len(dead)} in the crash kernel'


def main():
    at, vmlinux = sys.argv[1:]
    suite = Suite('live')
    machine = machine_of(vmlinux)
    before, after = (proc_stacks(os.path.join(at, f'{x}.txt')) for x in ('before', 'after'))
    hidden = hidden_names(vmlinux)

    running = load(suite, at, 'kcore')
    exact = sleepers(suite, '/proc/kcore', running, before, after, hidden)
    refused = ends(suite, '/proc/kcore', running)
    for chain in refused:
        suite.check(f'/proc/kcore: PID {chain["task"]["pid"]}: the reason',
                    re.search(r'is running|has exited|ran while', chain['end']['text']),
                    'running, exited', chain['end']['text'])
    suite.check('/proc/kcore: stackinfo itself is refused',
                'stackinfo' in [c['task']['comm'] for c in refused], 'stackinfo', refused)
    # It spins in user mode: refused while it runs, else interrupted there, with its marks.
    user = next(c for c in running if c['task']['comm'] == 'user')
    if user not in refused:
        suite.equal('/proc/kcore: the process that spins in user mode', machine.mark,
                    user['end'].get('regs', {}).get(machine.register))
    note = (f'{os.path.basename(at)}: {exact} of {len(running)} tasks compared running, '
            f'{len(refused)} refused')
    if machine.crashes:
        note += died(suite, at, before, after, hidden)
    suite.note(note)
    return suite.end()


if __name__ == '__main__':
    sys.exit(main())
