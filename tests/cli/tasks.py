# SPDX-License-Identifier: GPL-2.0-or-later
"""Dumps whose list of tasks is damaged: all tasks are found all the same, and marked."""
import os
import struct

import cli
from btf import Btf
from kdump_damage import Damage
from vmcore import Vmcore, symbols_of

WILD = 0x4141414141414141


class Lists:
    def __init__(self, dump):
        self.dump = dump
        self.core = Vmcore(dump.vmcore, symbols_of(dump.namelist))
        btf = Btf(self.core)
        init = self.core.symbol('init_task')
        self.offset = btf.member('task_struct', 'tasks')[0]
        self.head = init + self.offset
        self.task = list(btf.list(self.core, self.head, 'task_struct', 'tasks'))
        root = ('xarray', 'xa_head') if btf.member('xarray', 'xa_head') else \
            ('radix_tree_root', 'rnode')
        self.pids = self.core.symbol('init_pid_ns') + sum(
            btf.member(*member)[0]
            for member in (('pid_namespace', 'idr'), ('idr', 'idr_rt'), root))

    def next(self, i):
        return self.task[i] + self.offset

    def prev(self, i):
        return self.next(i) + 8

    def damaged(self, path, words, lost=()):
        damage = Damage(self.dump.vmcore, path)
        for at, value in words:
            damage.patch(self.core.translate(at), struct.pack('<Q', value))
        for at in lost:
            damage.exclude(self.core.translate(at) // 4096)
        damage.write()


def cases(lists):
    """(what, words that change, pages that go, how those that are lost are found)"""
    one, two, three = (len(lists.task) * n // 4 for n in (1, 2, 3))
    hole = [(lists.next(one), WILD), (lists.prev(three), 0)]
    backwards, by_list = {'list', 'list_backwards'}, {'list'}
    yield 'a link leads nowhere', hole[:1], (), backwards
    yield 'a task follows itself', [(lists.next(one), lists.next(one))], (), backwards
    yield 'a loop', [(lists.next(two), lists.next(one))], (), backwards
    yield 'tasks are left out', [(lists.next(one), lists.next(three))], (), backwards
    yield 'the list ends early', [(lists.next(one), lists.head)], (), backwards
    yield 'a link back is damaged', hole[1:], (), by_list
    yield 'both ways break', hole, (), backwards | {'pid'}
    yield 'both ways and the PIDs break', hole + [(lists.pids, 0)], (), backwards | {'stack'}
    yield ('nothing of the list and the PIDs is left',
           [(lists.head, 0), (lists.head + 8, 0), (lists.pids, WILD)], (), {'list', 'stack'})
    yield 'a task is not in the dump', [], (lists.task[two] + lists.offset,), backwards


def by_task(doc):
    """Chains by task, without what tells how it was found."""
    found, chains = {}, {}
    for chain in doc['chains']:
        task = chain['task']
        found[task['address']] = task.pop('found')
        chains[task['address']] = chain
    return found, chains


def run(suite, at, dump):
    path = os.path.join(at, 'tasks')
    sound = cli.run('xbt -A -j', dump.vmcore).json()
    suite.equal(f'{dump.name}: no task is missing', None, sound['tasks_missing'])
    found, wanted = by_task(sound)
    suite.equal(f'{dump.name}: found', {'list'}, set(found.values()))
    lists = Lists(dump)
    for what, words, lost, ways in cases(lists):
        what = f'{dump.name}: {what}'
        lists.damaged(path, words, lost)
        r = cli.run('xbt -A -j', path)
        suite.equal(f'{what}: exit status', 1, r.status)
        suite.contains(f'{what}: is told', 'tasks may be missing: ', r.err)
        # The search may want pages that the dump does not have, which is told besides.
        lines = [x for x in r.err.splitlines() if 'not in the dump' not in x]
        suite.equal(f'{what}: one line', 1, len(lines))
        doc = r.json()
        suite.check(f'{what}: in JSON, too', doc['tasks_missing'] in r.err, r.err,
                    doc['tasks_missing'])
        found, came = by_task(doc)
        suite.equal(f'{what}: how they were found', ways, set(found.values()))
        gone = {hex(t) for t in lists.task for p in lost if t <= p < t + 8192}
        suite.equal(f'{what}: tasks', sorted(set(wanted) - gone), sorted(came))
        suite.equal(f'{what}: chains that differ', [],
                    [a for a in came if came[a] != wanted.get(a)])
        for command in ('xbt -A', 'stackof -m', 'stackof -m -v') if 'stack' in ways else ():
            r = cli.run(command, path)
            suite.equal(f'{what}: {command}: exit status', 1, r.status)
            marks = {'list_backwards': 'found backwards', 'pid': 'found by PID',
                     'stack': 'found by stack'}
            for way, mark in marks.items():
                suite.equal(f'{what}: {command}: "{mark}"', way in ways, f'({mark})' in r.out)
    lists.core.close()
