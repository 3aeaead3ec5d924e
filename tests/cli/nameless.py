# SPDX-License-Identifier: GPL-2.0-or-later
"""A kernel without kallsyms (CONFIG_KALLSYMS=n): with its namelist all is answered."""
import os

import cli
import lost
from vmcore import PAGE

TABLES = ('offsets', 'relative_base', 'num_syms', 'names', 'token_table', 'token_index')


def lose_tables(copy):
    """VMCOREINFO tells nothing of them, and there are zeros."""
    with open(copy.target, 'r+b') as f:
        head = f.read(1 << 16)
        at = head.find(b'SYMBOL(kallsyms_')
        while at >= 0:
            f.seek(at)
            f.write(b'SYMBOL(nallsyms_')
            at = head.find(b'SYMBOL(kallsyms_', at + 1)
    tables = [copy.core.symbol('kallsyms_' + name) for name in TABLES]
    at, end = min(tables), max(tables) + 512
    while at < end:
        size = min(PAGE - at % PAGE, end - at)
        copy.patch(copy.core.translate(at), bytes(size))
        at += size


def check(suite, at, dump):
    path, namelist = os.path.join(at, 'nameless'), os.path.join(at, 'vmlinux')
    with lost.Copy(dump, path) as copy:
        lose_tables(copy)
    with open(dump.namelist, 'rb') as f, open(namelist, 'wb') as out:
        out.write(f.read().replace(b'\0kallsyms_', b'\0nallsyms_'))
    with cli.keep(path), cli.keep(path, namelist), cli.keep(dump.vmcore, dump.namelist):
        ask(suite, dump, path, namelist)


def ask(suite, dump, path, namelist):
    for command in ('xbt -A', 'xbt -A -j', 'tss -v', 'stackof -m -v', f'stackof -f {dump.log}'):
        got = cli.run(command, path, namelist=namelist)
        want = cli.run(command, dump.vmcore, namelist=dump.namelist)
        suite.equal(f'with a namelist: {command}', want.out, got.out)
        suite.equal(f'with a namelist: {command}: complaints', want.err, got.err)
        suite.equal(f'with a namelist: {command}: exit status', want.status, got.status)
    for command in ('xbt', 'tss', 'stackof -m'):
        r = cli.run(command, path)
        suite.equal(f'without: {command}: exit status', 1, r.status)
        suite.contains(f'without: {command}: what helps', '-n VMLINUX, has them', r.err)
    r = cli.run('stackof', path, 'jiffies')
    suite.contains('without: a symbol: what helps', '-n VMLINUX may have it', r.err)
    suite.equal('without: log', cli.run('log', dump.vmcore).out, cli.run('log', path).out)
