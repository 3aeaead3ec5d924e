# SPDX-License-Identifier: GPL-2.0-or-later
"""All questions that the bundled dumps have a true answer to. See ../tests.mk."""
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import calls
import chains
import cli
import dying
import events
import expect
import log
import map as stack_map
import oops
import options
import pack
import ranges
import regions
import reports
import select_tasks
import slabs
import sleepers
import stacks
import states
import tss
import width
from vmcore import Vmcore, symbols_of


@pytest.fixture(scope='module', params=cli.dumps(), ids=lambda dump: dump.name)
def dump(request):
    with cli.keep(request.param.vmcore):
        yield request.param


@pytest.fixture(scope='module')
def core(dump):
    """The dump as Python reads it: the second opinion."""
    core = Vmcore(dump.vmcore, symbols_of(dump.namelist))
    yield core
    core.close()


@pytest.fixture(scope='module')
def head(dump):
    return expect.load(dump.expect)[0]


def test_levels(suite, head, core):
    suite.equal('levels of page tables', int(head['paging']), core.levels)


@pytest.mark.parametrize('part', (chains, sleepers, calls, dying, oops, events, reports),
                         ids=lambda p: p.__name__)
def test_chains(suite, dump, core, part):
    part.check(suite, dump, core)


def test_events_elsewhere(suite):
    events.same_elsewhere(suite, cli.dumps())


def test_log(suite, dump):
    log.check(suite, dump)


@pytest.mark.parametrize('part', (tss, stacks, ranges, stack_map, regions, slabs, states),
                         ids=lambda p: p.__name__)
def test_stacks(suite, dump, core, head, part):
    if part is slabs and core.packed:
        pytest.skip('which pages are slabs only all of memory tells')
    part.check(suite, dump, core, int(head.get('possible', head['cpus'])))


@pytest.mark.parametrize('dump', pack.dumps(), ids=lambda dump: dump.name)
def test_pack(suite, dump, at):
    pack.check(suite, dump, at)


# They do the same with every dump; this one has tasks in many states.
@pytest.mark.long
@pytest.mark.parametrize('part', (select_tasks, options), ids=lambda p: p.__name__)
def test_options(suite, part):
    names = {d.name: d for d in cli.dumps()}
    dump = names.get('6.1-nmi-panic') or next(iter(names.values()), None)
    if not dump:
        pytest.skip('no dump of x86_64 is among those asked for')
    with cli.keep(dump.vmcore):
        part.check(suite, dump)


@pytest.mark.parametrize('dump', [d for d in cli.dumps() if d.name in width.DUMPS],
                         ids=lambda dump: dump.name)
def test_width(suite, dump):
    width.check(suite, dump)
