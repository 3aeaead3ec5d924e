# SPDX-License-Identifier: GPL-2.0-or-later
"""The dumps of other machines than x86_64, against the same kinds of truth. There is no
second reader of all of them: what only page tables and structures can tell is not asked.
"""
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import chains
import cli
import entry
import events
import log
import pack
import sleepers


@pytest.fixture(scope='module', params=cli.other_machines(), ids=lambda dump: dump.name)
def dump(request):
    with cli.keep(request.param.vmcore):
        yield request.param


@pytest.mark.parametrize('part', (chains, sleepers, events, entry), ids=lambda p: p.__name__)
def test_chains(suite, dump, part):
    part.check(suite, dump, None)


def test_log(suite, dump):
    log.check(suite, dump)
