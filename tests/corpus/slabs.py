# SPDX-License-Identifier: GPL-2.0-or-later
"""task_structs by their slab: every object of every slab page of the cache is a task's, or
is told to be none's. The pages are found here by their struct page, the tasks by the
kernel's lists, with offsets from the BTF in the dump."""
import struct

import cli
from btf import btf_of
from stacks import Asker
from vmcore import NotThere, PAGE


class Memmap:
    """All struct pages, a page of them at a time."""

    def __init__(self, core, btf):
        self.core, self.size = core, btf.size('page')
        self.base = core.u64(core.symbol('vmemmap_base'))
        self.count = core.u64(core.symbol('max_pfn'))

    def pages(self):
        for first in range(0, self.count, PAGE // self.size):
            try:
                part = self.core.read(self.base + first * self.size, PAGE)
            except NotThere:
                continue
            for at in range(0, PAGE - self.size + 1, self.size):
                yield first + at // self.size, part[at:at + self.size]


def tasks(core, btf, cpus):
    """Of every process its threads; and the idle tasks."""
    init, found = core.symbol('init_task'), set()
    head = init + btf.member('task_struct', 'tasks')[0]
    for leader in [init] + list(btf.list(core, head, 'task_struct', 'tasks')):
        signal = btf.read(core, leader, 'task_struct', 'signal')
        threads = signal + btf.member('signal_struct', 'thread_head')[0]
        found.add(leader)
        found.update(btf.list(core, threads, 'task_struct', 'thread_node'))
    for cpu in range(cpus):
        offset = core.u64(core.symbol('__per_cpu_offset') + 8 * cpu)
        runqueue = core.symbol('runqueues') + offset
        found.add(btf.read(core, runqueue, 'rq', 'idle'))
        found.add(btf.read(core, runqueue, 'rq', 'curr'))
    return found


def slabs(core, btf):
    """(where it begins in the direct map, how many objects) of each, and some others."""
    cache = core.u64(core.symbol('task_struct_cachep'))
    direct = core.u64(core.symbol('page_offset_base'))
    kind = 'slab' if btf.member('slab', 'slab_cache') else 'page'
    at, counters = btf.member(kind, 'slab_cache')[0], btf.member(kind, 'counters')[0]
    head = (btf.member('page', 'compound_head') or btf.member('page', 'compound_info'))[0]
    found, others = [], []
    for pfn, page in Memmap(core, btf).pages():
        of, first, count = (struct.unpack_from('<Q', page, o)[0] for o in (at, head, counters))
        if first & 1:
            continue
        if of == cache:
            found.append((direct + pfn * PAGE, count >> 16 & 0x7fff))
        elif pfn % 1021 == 0:
            others.append(direct + pfn * PAGE)
    return cache, found, others


def check_without(suite, dump, core, asker):
    """SLOB has no caches: only tasks are known."""
    direct = core.u64(core.symbol('page_offset_base'))
    for pfn in range(0, core.u64(core.symbol('max_pfn')), 1021):
        asker.add(direct + pfn * PAGE, lambda answer: suite.check(
            f'{dump.name} {answer["address"]}', (answer['object'] or {}).get('task') or
            not answer['object'], 'a task\'s, or none', answer['object']))
    asker.ask(suite, dump)


def check(suite, dump, core, cpus):
    btf, asker, counts = btf_of(core), Asker(), {'owned': 0, 'loose': 0, 'gap': 0}
    if not any(btf.member('kmem_cache', m) for m in ('cpu_slab', 'cpu_sheaves')):
        check_without(suite, dump, core, asker)
        return
    cache, found, others = slabs(core, btf)
    stride, size = (btf.read(core, cache, 'kmem_cache', m) for m in ('size', 'object_size'))
    live = tasks(core, btf, cpus)

    def add(address, state, begin, length):
        def judge(answer):
            o = answer['object'] or {}
            counts[state] += 1
            suite.equal(f'{dump.name} {address:#x}: the object',
                        (state, begin, length, state == 'owned', state == 'loose'),
                        (o.get('state'), cli.number(o.get('address', '0x0')), o.get('size'),
                         bool(o.get('task')), bool(o.get('why'))))
        asker.add(address, judge)

    for slab, count in found:
        for begin in range(slab, slab + count * stride, stride):
            state = 'owned' if begin in live else 'loose'
            add(begin, state, begin, size)
            add(begin + size - 1, state, begin, size)
            add(begin + size, 'gap', begin + size, stride - size)
    for address in others:
        asker.add(address, lambda answer: suite.equal(
            f'{dump.name} {answer["address"]}: no task_struct', None, answer['object']))
    asker.ask(suite, dump)
    suite.note(f'{dump.name}: of {len(found)} slabs of task_structs {counts}')
    for state, count in counts.items():
        suite.check(f'{dump.name}: {state}', count > 3, 'some', count)
