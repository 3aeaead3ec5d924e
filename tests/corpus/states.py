# SPDX-License-Identifier: GPL-2.0-or-later
"""Every task's state is what the dump's own kernel would have said in /proc/PID/stat: the
letter comes from the texts of its task_state_array (fs/proc/array.c)."""
import cli
from btf import btf_of

REPORT, IDLE, RTLOCK_WAIT, FROZEN, NEW = 0x7f, 0x402, 0x1000, 0x8000, 0x800
PF_KTHREAD = 0x200000


def letters(core):
    """One for no bit, one for each bit of REPORT, one more for IDLE."""
    array = core.symbol('task_state_array')
    return [core.read(core.u64(array + 8 * i), 1).decode() for i in range(9)]


def letter(names, state, exit_state):
    """__task_state_index() of include/linux/sched.h; but new is R there."""
    if state == NEW:
        return 'new'
    if state & (RTLOCK_WAIT | FROZEN):
        return 'D'
    if state & IDLE == IDLE:
        return names[8]
    return names[((state | exit_state) & REPORT).bit_length()]


def check(suite, dump, core, cpus):
    doc = cli.ask(suite, 'xbt -A -j', dump.vmcore)
    if not doc:
        return
    btf, names, seen = btf_of(core), letters(core), {}
    member = '__state' if btf.member('task_struct', '__state') else 'state'
    for task in (chain['task'] for chain in doc['chains']):
        def read(name):
            return btf.read(core, cli.number(task['address']), 'task_struct', name)
        want = letter(names, read(member), read('exit_state'))
        suite.equal(f'{dump.name} PID {task["pid"]}: state', want, task['state'])
        suite.equal(f'{dump.name} PID {task["pid"]}: kernel thread',
                    bool(read('flags') & PF_KTHREAD), task['kernel_thread'])
        seen[want] = seen.get(want, 0) + 1
    suite.note(f'{dump.name}: states {seen}')
