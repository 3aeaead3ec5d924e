# SPDX-License-Identifier: GPL-2.0-or-later
"""Dumps that were not written to their end, or lost pages: what is missing is told, by its
cause and in one line, and a chain that is said to be certain is the true one."""
import json
import os
import pty
import re
import struct
import subprocess

import cli
import streams
from kdump_damage import Damage
from vmcore import PAGE, Vmcore, symbols_of

LINE = re.compile(r'^\w+: (\d+) pages? w(?:as|ere) not in the dump \((.*); first at phys '
                  r'(0x[0-9a-f]+)(?:, met while reading [^)]*)?\)(?:; (\d+) of (\d+) chains '
                  r'(?:is|are) certain)?$', re.M)
TENTHS = (70, 80, 86, 92, 95, 98, 99)  # of a hundred
KDUMP_STATUS, KDUMP_INCOMPLETE = 424, 8
ELF_FLAGS, ELF_INCOMPLETE = 48, 1


def rows(chain):
    return [(s['stack']['kind'], s['stack']['begin'], f['ip'], f['sp'])
            for s, f in cli.frames_of(chain)], chain['end']['text']


def by_task(doc):
    return {c['task']['address']: c for c in doc['chains']}


def told(suite, what, r):
    found = LINE.findall(r.err)
    suite.check(f'{what}: one line tells it', len(found) == 1, 'one line', r.err[-600:])
    return found[0] if found else None


def check(suite, what, path, truth, cause):
    """All that is certain is true, and the counts are those of the chains."""
    r = cli.run('xbt -A -j', path)
    suite.check(f'{what}: no crash', not r.crashed and r.status in (0, 1, 3, 4), 'an answer',
                f'{r.status}: {r.err[-1000:]}')
    if not r.out.strip():
        suite.check(f'{what}: a reason', r.err.strip(), 'a message', '')
        return 0
    doc = r.json()
    certain = [c for c in doc['chains'] if c['confidence'] == 'certain']
    for chain in certain:
        task = chain['task']['address']
        suite.check(f'{what}: {task}: what is certain is true',
                    task in truth and rows(chain) == rows(truth[task]), 'the true chain',
                    rows(chain)[1])
    lost = doc.get('lost')
    if len(certain) == len(truth):
        return len(certain)
    suite.check(f'{what}: JSON says what is lost', lost and lost[cause] > 0, cause, lost)
    line = told(suite, what, r)
    if not lost or not line:
        return len(certain)
    suite.equal(f'{what}: the line counts the same pages',
                sum(lost[k] for k in ('excluded', 'cut_off', 'io_error', 'damaged')),
                int(line[0]))
    suite.equal(f'{what}: the same first page', lost['first'], line[2])
    if len(doc['chains']) > 1:
        suite.equal(f'{what}: how many are certain', (str(len(certain)), str(len(doc['chains']))),
                    line[3:])
    return len(certain)


def cut(suite, at, dump, truth):
    path = os.path.join(at, 'torn')
    size = os.path.getsize(dump.vmcore)
    best = 0
    for part in TENTHS:
        with open(dump.vmcore, 'rb') as f, open(path, 'wb') as out:
            # Not at the end of a page: what is there of it is not enough.
            out.write(f.read(size * part // 100 | 1))
        best = max(best, check(suite, f'{dump.name}: {part} % of it', path, truth, 'cut_off'))
    suite.check(f'{dump.name}: a part of it still has certain chains', best * 2 > len(truth),
                'most', f'{best} of {len(truth)}')


def sleeper_pages(dump, truth):
    """(chain, the page its frames are on) of tasks that sleep, each on one page."""
    core = Vmcore(dump.vmcore, symbols_of(dump.namelist))
    for chain in truth.values():
        if chain['start']['from'] == 'thread_sp':
            yield chain, core.translate(cli.number(chain['start']['sp'])) // PAGE
    core.close()


def pages(suite, at, dump, truth):
    """Two tasks' pages are left out, one is never written, one cannot be unpacked."""
    path = os.path.join(at, 'torn')
    victims = list(sleeper_pages(dump, truth))[:4]
    damage = Damage(dump.vmcore, path)
    pfns = [pfn for _, pfn in victims]
    for pfn in pfns[:2]:
        damage.exclude(pfn)
    damage.by_pfn[pfns[2]] = bytes(24)      # as where makedumpfile's disk was full
    damage.by_pfn[pfns[3]] = struct.pack('<QIIQ', PAGE, 10, 1, 0)     # no zlib stream
    damage.write()
    with open(path, 'r+b') as f:
        f.seek(KDUMP_STATUS)
        status, = struct.unpack('<I', f.read(4))
        f.seek(KDUMP_STATUS)
        f.write(struct.pack('<I', status | KDUMP_INCOMPLETE))
    what = f'{dump.name} with pages lost'
    check(suite, what, path, truth, 'excluded')
    doc = cli.run('xbt -A -j', path).json()
    lost = doc['lost']
    suite.equal(f'{what}: by cause', (2, 1, 0, 1),
                tuple(lost[k] for k in ('excluded', 'cut_off', 'io_error', 'damaged')))
    suite.check(f'{what}: the first', cli.number(lost['first']) // PAGE in pfns, pfns,
                lost['first'])
    suite.equal(f'{what}: JSON says that it is incomplete', True, doc.get('dump_incomplete'))
    chains = by_task(doc)
    gone = {chain['task']['address'] for chain, _ in victims}
    suite.equal(f'{what}: whose chains are not certain', gone,
                {t for t in truth if chains[t]['confidence'] != 'certain'})
    r = cli.run('xbt -A', path)
    line = told(suite, f'{what}, text', r)
    if line:
        suite.equal(f'{what}, text: causes', '2 excluded, 1 cut off, 1 damaged', line[1])
        suite.equal(f'{what}, text: chains', (str(len(truth) - 4), str(len(truth))), line[3:])
    # A question that does not meet them lost nothing.
    other = next(c for t, c in truth.items() if t not in gone and c['task']['pid'])
    r = cli.run('xbt -j', path, str(other['task']['pid']))
    suite.equal(f'{what}: another task: exit status', 0, r.status)
    suite.equal(f'{what}: another task: nothing is lost', None, r.json().get('lost'))
    suite.check(f'{what}: another task: no line', not LINE.search(r.err), 'none', r.err)
    r = cli.run('', path)
    suite.contains(f'{what}: the header', 'The dump is incomplete: it says so itself.', r.out)
    suite.contains(f'{what}: the reader is told', 'says that it is incomplete', r.err)


def flag(suite, at, dump):
    """The flag of an ELF file; and a whole dump says nothing of the kind."""
    path = os.path.join(at, 'torn')
    os.system(f'cp --sparse=always {dump.vmcore} {path}')
    r = cli.run('', path)
    suite.check(f'{dump.name}: not incomplete', 'incomplete' not in r.out + r.err, 'no word',
                r.err)
    with open(path, 'r+b') as f:
        f.seek(ELF_FLAGS)
        f.write(struct.pack('<I', ELF_INCOMPLETE))
    r = cli.run('', path)
    suite.contains(f'{dump.name}: ELF says that it is incomplete', 'The dump is incomplete: it says so itself.', r.out)


def patched(at, dump, core, where, value):
    path = os.path.join(at, 'torn')
    damage = Damage(dump.vmcore, path)
    damage.patch(core.translate(where), struct.pack('<Q', value))
    damage.write()
    return path


def resync(suite, at, dump, truth):
    """What is offered after a break is the true rest here, all marked, and no part of it."""
    core = Vmcore(dump.vmcore, symbols_of(dump.namelist))
    sleepers = [c for c in truth.values()
                if c['start']['from'] == 'thread_sp' and c['task']['pid']]
    cases = []
    for chain in truth.values():
        for segment, behind in zip(chain['segments'], chain['segments'][1:]):
            if segment['stack']['kind'] == 'IRQ':
                # The frames from the interrupted one on.
                cases.append((chain, cli.number(segment['crossing']['link_at']),
                              [f['ip'] for f in behind['frames'][1:]]))
    suite.check(f'{dump.name}: an IRQ stack is left by its word', cases, 'a chain', cases)
    for chain in sleepers[1:4]:
        task, own = (cli.number(chain[x][y]) for x, y in (('task', 'address'), ('start', 'sp')))
        where = next(a for a in range(task, task + 2 * PAGE, 8)
                     if own - 80 <= core.u64(a) < own)
        cases.append((chain, where, [f['ip'] for _, f in cli.frames_of(chain)]))
    for chain, where, wanted in cases:
        pid = str(chain['task']['pid'])
        what = f'{dump.name}: PID {pid}: another task\'s stack pointer at {where:#x}'
        value = cli.number(sleepers[-1]['start']['sp']) - 56
        path = patched(at, dump, core, where, value)
        r = cli.run('xbt -j', path, pid)
        suite.equal(f'{what}: exit status', 4, r.status)
        came = r.json()['chains'][0]
        rest = came['resync']
        suite.equal(f'{what}: it is broken', 'broken', came['confidence'])
        if suite.check(f'{what}: a rest is offered', rest, 'one', rest):
            frames = [f for _, f in cli.frames_of(rest)]
            suite.equal(f'{what}: the true one', wanted, [f['ip'] for f in frames])
            suite.check(f'{what}: all of it is marked',
                        not any(f['reliable'] for f in frames), 'none reliable', frames[0])
            r = cli.run('xbt', path, pid)
            suite.contains(f'{what}: text', f'xbt: resync at {rest["at"][2:]} (TASK stack of '
                           f'PID {pid}): what follows may be the rest', r.out)
    core.close()
    suite.check(f'{dump.name}: no other rest of a sound chain',
                all(c['resync'] is None for c in truth.values()), 'null', None)


# A clock that runs a thousand times faster: all work takes longer than a second.
FAST_CLOCK = """#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t id, struct timespec *t)
{
	int res = (int)syscall(SYS_clock_gettime, id, t);
	unsigned long long ns = t->tv_sec % 100000 * 1000000000ull + t->tv_nsec;

	t->tv_sec = ns * 1000 / 1000000000;
	t->tv_nsec = ns * 1000 % 1000000000;
	return res;
}
"""


def progress(suite, at, dump):
    library = os.path.join(at, 'clock.so')
    made = subprocess.run([os.environ.get('CC', 'cc'), '-shared', '-fPIC', '-x', 'c', '-',
                           '-o', library], input=FAST_CLOCK, capture_output=True, text=True)
    suite.equal('a fast clock: builds', '', made.stderr)
    env = dict(os.environ, LD_PRELOAD=library)

    def ask(args, stdout, stderr):
        p = subprocess.run([streams.PLAIN, 'xbt', *args, dump.vmcore], env=env, timeout=60,
                           stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr)
        suite.equal(f'progress {args}: exit status', 0, p.returncode)
        return p

    def on_terminal(args, stdout):
        master, slave = pty.openpty()
        ask(args, slave if stdout is None else stdout, slave)
        os.set_blocking(master, False)
        said = b''
        try:
            while True:
                said += os.read(master, 1 << 16)
        except OSError:
            pass
        os.close(slave)
        os.close(master)
        return said.decode()

    path = os.path.join(at, 'answer')
    for args in (['-A'], ['-A', '-j']):
        wanted = ask(args, subprocess.PIPE, subprocess.PIPE)
        suite.equal(f'progress {args}: no terminal, no word', b'', wanted.stderr)
        with open(path, 'wb') as out:
            said = on_terminal(args, out)
        suite.check(f'progress {args}: told on a terminal',
                    re.search(r'\rxbt: \d+ of \d+ tasks\x1b\[K', said), 'a line', said[:200])
        suite.check(f'progress {args}: gone at the end', said.endswith('\r\x1b[K') and
                    '\n' not in said, 'an empty line', said[-60:])
        with open(path, 'rb') as f:
            suite.check(f'progress {args}: the same answer', f.read() == wanted.stdout,
                        'the same', 'another')
        said = on_terminal(args, subprocess.DEVNULL)
        suite.equal(f'progress {args}: not where a pipe or a device takes the answer', '', said)
    said = on_terminal(['-a'], None)
    suite.check('progress -a: not among what is printed', ' CPUs\x1b' not in said and
                'PID: ' in said, 'chains only', said[:300])


def run(suite, at, kdump, elf):
    for dump in (kdump, elf):
        r = cli.run('xbt -A -j', dump.vmcore)
        suite.equal(f'{dump.name}: whole: nothing is lost', ('', None),
                    (r.err, r.json().get('lost')))
        truth = by_task(json.loads(r.out))
        cut(suite, at, dump, truth)
        if dump is kdump:
            pages(suite, at, dump, truth)
            resync(suite, at, dump, truth)
    flag(suite, at, elf)
    progress(suite, at, kdump)
