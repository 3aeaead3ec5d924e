# SPDX-License-Identifier: GPL-2.0-or-later
"""Every sleeping task against its /proc/PID/stack, read just before the panic."""
import re

import chains
import cli
import expect

# A task may run between the reading and the panic; if many did, the rig is broken or
# we are: then the truth file proves little.
MOVED_LIMIT = 4


def hidden_ranges(core):
    """What in_sched_functions() of the kernel covers: /proc hides such frames, since
    stack_trace_save_tsk() leaves them out (kernel/stacktrace.c)."""
    return [(core.symbol(f'__{x}_text_start'), core.symbol(f'__{x}_text_end'))
            for x in ('sched', 'lock')]


# Those that a sleeping task is in, where nobody else tells where they are.
SCHEDULER = re.compile(r'_*(switch_to|schedule(_\w+)?|(mutex|rwsem|down)_\w+|io_schedule\w*|'
                       r'wait_for_(common|completion\w*)|(out_of_line_)?wait_on_bit\w*|'
                       r'do_nanosleep|preempt_schedule\w*)(\.\w+)*$')


def visible_by_names(chain):
    shown = [frame for _, frame in cli.frames_of(chain)]
    while shown and SCHEDULER.match(shown[0]['function'] or ''):
        shown.pop(0)
    return shown


def visible(chain, ranges):
    """The frames that /proc would show."""
    shown = []
    if ranges is None:
        return visible_by_names(chain)
    for _, frame in cli.frames_of(chain):
        ip = cli.number(frame['ip'])
        if not any(low <= ip < high for low, high in ranges):
            shown.append(frame)
    return shown


def compare(suite, what, wanted, chain, ranges):
    """True when all is equal; a chain marked moved-ok may at most have moved."""
    shown = [chains.text_of(f) for f in visible(chain, ranges)]
    told = [chains.text_of({'function': x.name, 'offset': x.offset, 'module': x.module})
            for x in wanted.items]
    if wanted.moved_ok and shown != told:
        # It ran: but where its thread began cannot have changed. PID 1, which runs the
        # scenario, may have entered the kernel in another way since.
        if wanted.pid == 1:
            return False
        suite.equal(f'{what}: outermost frames of a task that ran', told[-2:], shown[-2:])
        return False
    return suite.equal(what, told, shown)


def check(suite, dump, core):
    _, wanted = expect.load(dump.sleepers)
    doc = cli.ask(suite, 'xbt -A -j', dump.vmcore, doubt=not core)
    if not doc:
        return
    ranges = hidden_ranges(core) if core else None
    came = {c['task']['pid']: c for c in doc['chains'] if c['task']['pid']}
    exact = moved = 0
    for truth in wanted:
        what = f'{dump.name} PID {truth.pid} "{truth.comm}"'
        chain = came.get(truth.pid)
        # The kernel's idle workers come and go while a slow guest panics.
        if not core and not chain and truth.comm.startswith('kworker/'):
            continue
        if not suite.check(f'{what}: is found', chain is not None, 'a chain', None):
            continue
        suite.equal(f'{what}: comm', truth.comm[:15], chain['task']['comm'])
        suite.equal(f'{what}: start', 'thread_sp', chain['start']['from'])
        if compare(suite, what, truth, chain, ranges):
            exact += 1
        elif truth.moved_ok:
            moved += 1
        chains.check_end(suite, what, truth, chain)
    suite.check(f'{dump.name}: tasks that moved', moved <= MOVED_LIMIT,
                f'at most {MOVED_LIMIT}', moved)
    for chain in doc['chains']:
        what = f'{dump.name} task {chain["task"]["address"]} "{chain["task"]["comm"]}"'
        suite.check(f'{what}: ends well', chain['end']['ok'], True, chain['end'])
        chain['saved_words'] = dump.machine == 'x86_64'
        chains.check_crossings(suite, what, chain)
    seen = [c['task']['address'] for c in doc['chains']]
    suite.equal(f'{dump.name}: no task twice', len(seen), len(set(seen)))
    suite.note(f'{dump.name}: {exact} sleepers exact, {moved} moved, of {len(wanted)}; '
               f'{len(seen)} tasks end well')
