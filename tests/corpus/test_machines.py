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
from vmcore import KdumpFile, lines_of


@pytest.fixture(scope='module', params=cli.other_machines(), ids=lambda dump: dump.name)
def dump(request):
    with cli.keep(request.param.vmcore):
        yield request.param


@pytest.mark.parametrize('part', (chains, sleepers, events, entry), ids=lambda p: p.__name__)
def test_chains(suite, dump, part):
    part.check(suite, dump, None)


# Of these kernels there is a namelist. What records lead to is where call frame information
# says: a second opinion, of the compiler's.
@pytest.mark.parametrize('listed', [d for d in cli.other_machines()
                                    if os.path.exists(d.namelist)], ids=lambda d: d.name)
def test_call_frames(suite, listed):
    doc = cli.ask(suite, 'xbt -A -j', listed.vmcore, doubt=True,
                  namelist=listed.namelist)
    frames = [f for c in doc['chains'] for _, f in cli.frames_of(c)]
    said = [w['agrees'] for f in frames for w in f['witnesses'] if w['what'] == 'cfi']
    suite.equal('frames where call frame information disagrees', 0, said.count(False))
    suite.check('frames that it was asked of', len(said) > len(frames) // 2,
                f'most of {len(frames)}', len(said))
    suite.note(f'{listed.name}: call frame information agrees to {len(said)} frames')


def test_log(suite, dump):
    log.check(suite, dump)


# crash translates linear addresses of arm64 by what the file's header says (diskdump.c):
# what lies at the first address of the bits in use.
def test_packed_header(suite, dump, at):
    with pack.asked(dump):
        small, _ = pack.pack(suite, dump, at)
    with open(small, 'rb') as f:
        core = KdumpFile(f)
    lines = lines_of(core.info)
    wanted = 0
    if dump.machine == 'aarch64':
        bits = 64 - int(lines['NUMBER(TCR_EL1_T1SZ)'], 16)
        unused = (1 << int(lines['NUMBER(VA_BITS)'])) - (1 << bits)
        wanted = int(lines['NUMBER(PHYS_OFFSET)'], 16) + unused & (1 << 64) - 1
    suite.equal('where memory begins', wanted, core.phys_base)
