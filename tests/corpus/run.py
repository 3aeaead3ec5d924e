# SPDX-License-Identifier: GPL-2.0-or-later
"""All questions that the bundled dumps have a true answer to. See ../tests.mk."""
import os
import sys
from concurrent.futures import ProcessPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '../lib'), HERE]

import calls
import chains
import cli
import dying
import expect
import log
import map as stack_map
import oops
import ranges
import regions
import sleepers
import stacks
import tss
from suite import Suite
from vmcore import Symbols, Vmcore


def check_dump(dump):
    suite = Suite('corpus')
    core = Vmcore(dump.vmcore, Symbols(dump.namelist))
    head, _ = expect.load(dump.expect)
    suite.equal(f'{dump.name}: levels of page tables', int(head['paging']), core.levels)
    possible = int(head.get('possible', head['cpus']))
    for part in (chains, sleepers, calls, dying, oops):
        suite.whole(f'{dump.name} {part.__name__}', part.check, suite, dump, core)
    suite.whole(f'{dump.name} log', log.check, suite, dump)
    for part in (tss, stacks, ranges, stack_map, regions):
        suite.whole(f'{dump.name} {part.__name__}', part.check, suite, dump, core, possible)
    core.close()
    return suite.passed, suite.failed


def main():
    suite = Suite('corpus')
    print(f'corpus: {cli.STACKINFO}')
    sys.stdout.flush()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for counts in pool.map(check_dump, cli.dumps()):
            suite.add(counts)
    return suite.end()


if __name__ == '__main__':
    sys.exit(main())
