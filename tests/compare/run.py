# SPDX-License-Identifier: GPL-2.0-or-later
"""Every CPU's chain by every tool, and every sleeping task's by us and by drgn.

Prints Markdown. Needs the chroots and vmlinux of testdata/make; see README.md here.
"""
import os
import sys
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '../lib'), HERE]

import cli
import expect
import sleepers
from judge import judge
from names import Names
from situations import graph_traced, situation
from tools import Crash, Drgn, Ours
from vmcore import Symbols, Vmcore

SUITES = ('trixie', 'sid')
SETTINGS = ('slim namelist', 'full vmlinux')
NOT_OPENED = 'does not open the dump'


class Result:
    """One CPU of one dump: for each tool None if it was right, or what was wrong."""

    def __init__(self, dump, chain, traced):
        self.dump, self.truth, self.cpu = dump, chain, chain.cpu
        self.situation = situation(chain, traced)
        self.wrong = {}


class Loaded:
    """A dump with its truth and names."""

    def __init__(self, dump, drgn):
        self.dump = dump
        head, self.truth = expect.load(dump.expect)
        dump.cpus = head['cpus']
        self.core = Vmcore(dump.vmcore, Symbols(dump.namelist))
        self.names = Names(self.core, drgn.answer(dump).get('modules', ()))


def version_key(tool):
    return [int(n) for n in tool.version.split('.')]


def judge_all(names, results, tool):
    chains = tool.chains(results[0].dump)
    for result in results:
        if chains is None:
            result.wrong[tool] = NOT_OPENED
        elif result.cpu not in chains:
            result.wrong[tool] = 'has no chain for this CPU'
        else:
            result.wrong[tool] = judge(names, result.truth, chains[result.cpu])


def ask_all(dump, tools):
    loaded = Loaded(dump, next(t for t in tools if isinstance(t, Drgn)))
    traced = graph_traced(loaded.core)
    results = [Result(dump, c, traced) for c in loaded.truth]
    for tool in tools:
        judge_all(loaded.names, results, tool)
    return loaded, results


def right(results, tool):
    return sum(r.wrong[tool] is None for r in results)


def cell(results, tool):
    if all(r.wrong[tool] == NOT_OPENED for r in results):
        return '–'
    n = right(results, tool)
    text = f'{n}/{len(results)}'
    return f'**{text}**' if n == len(results) else text


def table(title, rows, tools):
    """rows: (name, results) each."""
    print('| ' + ' | '.join([title, *(t.title for t in tools)]) + ' |')
    print('|---' + '|---:' * len(tools) + '|')
    for name, results in rows:
        print('| ' + ' | '.join([name, *(cell(results, t) for t in tools)]) + ' |')
    print()


def grouped(results, key):
    groups = defaultdict(list)
    for r in results:
        groups[key(r)].append(r)
    return groups


def kernel(r):
    return '.'.join(map(str, r.dump.version))


def best_of(results, drgns):
    """Of each version of drgn the setting that gets most right, and all the figures."""
    best, told = [], []
    for group in grouped_by_version(drgns):
        best.append(max(group, key=lambda t: right(results, t)))
        told.append(f'{group[0].title}: ' + ', '.join(
            f'{right(results, t)} with {t.setting}' for t in group))
    return best, told


def grouped_by_version(tools):
    groups = defaultdict(list)
    for t in tools:
        groups[t.version].append(t)
    return groups.values()


def print_chains(results, tools, settings_told):
    by_kernel = grouped(results, kernel)
    order = sorted(by_kernel, key=lambda k: [int(n) for n in k.split('.')])
    print('## Chains of CPUs that are exactly right\n')
    table('kernel', [(k, by_kernel[k]) for k in order] + [('all', results)], tools)
    print('–: does not open these dumps; in sums they count as not right. drgn is given what '
          f'suits it best: {"; ".join(settings_told)}.\n')
    print('### By situation\n')
    by_situation = grouped(results, lambda r: r.situation)
    table('what the CPU was doing', sorted(by_situation.items()), tools)
    print('### By dump\n')
    by_dump = grouped(results, lambda r: r.dump.name)
    table('dump', sorted(by_dump.items(), key=lambda i: (i[1][0].dump.version, i[0])), tools)
    what_is_wrong(results, tools)


def what_is_wrong(results, tools):
    print('### What is wrong, first\n')
    for r in results:
        reasons = defaultdict(list)
        for tool in tools:
            if r.wrong[tool] not in (None, NOT_OPENED):
                reasons[r.wrong[tool]].append(tool.title)
        if reasons:
            print(f'* {r.dump.name} CPU {r.cpu} ({r.situation}): ' + '; '.join(
                f'{", ".join(who)}: {what}' for what, who in reasons.items()))
    print()


def print_sleepers(loaded, tool):
    print(f'## Sleeping tasks: ours and drgn {tool.version} ({tool.setting})\n')
    print('Equal: the same addresses, each with the same stack pointer.\n')
    print('| dump | tasks | equal | differ | only ours | only drgn |')
    print('|---|---:|---:|---:|---:|---:|')
    kinds, total, lonely = defaultdict(list), Counter(), []
    for x in loaded:
        answer = tool.answer(x.dump)
        if 'failed' in answer:
            print(f'| {x.dump.name} | – | – | – | – | – |')
            continue
        equal, differences, ours, drgns = sleepers.compare(x.dump, x.core, x.names, answer)
        counts = (equal + len(differences), equal, len(differences), len(ours), len(drgns))
        print(f'| {x.dump.name} | {" | ".join(map(str, counts))} |')
        total.update(dict(enumerate(counts)))
        lonely += [f'{x.dump.name}: only {who}: {t}' for who, ts in
                   (('ours', ours), ('drgn', drgns)) for t in ts]
        for kind, task, verdict in differences:
            kinds[kind, verdict].append((x.dump.name, task))
    print(f'| all | {" | ".join(str(total[i]) for i in range(5))} |\n')
    for (kind, verdict), tasks in sorted(kinds.items(), key=lambda i: -len(i[1])):
        where = defaultdict(list)
        for name, task in tasks:
            where[name].append(task)
        print(f'* {len(tasks)} × {kind} ({verdict}): ' + '; '.join(
            f'{name} {", ".join(ts)}' for name, ts in where.items()))
    for line in lonely:
        print(f'* {line}')
    print()


def main():
    crashes = [Crash(s) for s in (None, *SUITES)]
    drgns = [Drgn(s, setting) for s in SUITES for setting in SETTINGS]
    tools = [Ours(), *crashes, *drgns]
    dumps = sorted(cli.dumps(), key=lambda d: (d.version, d.name))
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda d: ask_all(d, tools), dumps))
    results = [r for _, rs in answers for r in rs]
    best, told = best_of(results, drgns)
    print_chains(results, [tools[0], *crashes, *best], told)
    print_sleepers([x for x, _ in answers], max(best, key=version_key))


if __name__ == '__main__':
    main()
