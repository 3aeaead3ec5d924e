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
    chains.check(suite, dump, core)
    sleepers.check(suite, dump, core)
    calls.check(suite, dump, core)
    dying.check(suite, dump, core)
    log.check(suite, dump)
    oops.check(suite, dump, core)
    tss.check(suite, dump, core, int(head.get('possible', head['cpus'])))
    stacks.check(suite, dump, core, int(head.get('possible', head['cpus'])))
    ranges.check(suite, dump, core, int(head.get('possible', head['cpus'])))
    stack_map.check(suite, dump, core, int(head.get('possible', head['cpus'])))
    regions.check(suite, dump, core, int(head.get('possible', head['cpus'])))
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
