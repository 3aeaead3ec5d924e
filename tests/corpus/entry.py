# SPDX-License-Identifier: GPL-2.0-or-later
"""entry of other machines: which task each CPU ran, by the truth; its stacks, by the map of
all; and nothing deviates, for these machines died of something else."""
import cli
import expect

# A kernel's own words: one of each group is there.
MACHINE = {'aarch64': 'vectors', 'riscv64': 'handle_exception'}
CURRENT = {'aarch64': '__entry_task', 'riscv64': 'tp'}
STACKS = {'irq_stack_ptr': 'IRQ', 'overflow_stack': 'OVERFLOW'}


def check_cpu(suite, what, entry, machine, pid, mapped):
    words = {w['name']: w for w in entry['words']}
    suite.equal(f'{what}: deviations', [], [(w['name'], w['deviation']) for w in entry['words']
                                            if w['deviation']])
    current = words[CURRENT[machine]]
    # In entry code tp is not yet the task.
    if current['task'] or not entry['stopped']:
        suite.equal(f'{what}: the task', pid, current['task'] and current['task']['pid'])
    for name, kind in STACKS.items():
        if name not in words:
            suite.equal(f'{what}: no {kind} stack', None, mapped.get((entry['cpu'], kind)))
            continue
        stack = words[name]['stack']
        suite.equal(f'{what}: {name}', (words[name]['value'], mapped.get((entry['cpu'], kind))),
                    (stack['begin'], (stack['begin'], stack['end'])))
    user = words.get('sp at user entry')
    if user:
        suite.equal(f'{what}: whose stack user mode enters', pid, user['task']['pid'])
        suite.check(f'{what}: where on it', 0 < int(user['stack']['end'], 16) -
                    int(user['value'], 16) < 0x200, 'a pt_regs below the end', user['value'])


def check(suite, dump, core):
    answer = cli.ask(suite, 'entry -j', dump.vmcore)
    stacks = cli.ask(suite, 'stackof -j --map', dump.vmcore)
    if not answer or not stacks:
        return
    truth = {c.cpu: c.pid for c in expect.load(dump.expect)[1] if c.cpu is not None}
    mapped = {(r['stack']['cpu'], r['stack']['kind']): (r['stack']['begin'], r['stack']['end'])
              for r in stacks['stacks']}
    suite.equal(f'{dump.name} entry: the machine', MACHINE[dump.machine],
                answer['machine'][0]['name'])
    suite.check(f'{dump.name} entry: CPUs', set(truth) <= {e['cpu'] for e in answer['entry']},
                sorted(truth), [e['cpu'] for e in answer['entry']])
    for entry in answer['entry']:
        if entry['cpu'] in truth:
            check_cpu(suite, f'{dump.name} entry: CPU {entry["cpu"]}', entry, dump.machine,
                      truth[entry['cpu']], mapped)
