# SPDX-License-Identifier: GPL-2.0-or-later
"""Dumps that were made to take for ever: each ends, says so, and answers what it can."""
import json
import os
import struct
import subprocess

import cli
from btf import Btf
from lost import Copy
from vmcore import PAGE

LIMIT = 'damaged or hostile'


def header(path, filesz, memsz):
    """An ELF core of 8 KiB that says how large its memory is."""
    head = b'\x7fELF\x02\x01\x01'.ljust(16, b'\0') + struct.pack(
        '<HHIQQQIHHHHHH', 4, 62, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    load = struct.pack('<IIQQQQQQ', 1, 7, PAGE, 0, 0, filesz, memsz, PAGE)
    with open(path, 'wb') as f:
        f.write((head + load).ljust(2 * PAGE, b'\0'))
    return path


def huge_segment(suite, at):
    """2^44 bytes in the file, or at least in memory: searched for VMCOREINFO."""
    for name, filesz in (('in memory', PAGE), ('in the file', 1 << 44)):
        path = header(os.path.join(at, 'huge'), filesz, 1 << 44)
        r = cli.run('xbt -a', path, timeout=240)
        suite.equal(f'2^44 bytes {name}: exit status', 3, r.status)
        suite.contains(f'2^44 bytes {name}: is told', 'no VMCOREINFO', r.err)
        suite.equal(f'2^44 bytes {name}: one line', 1, len(r.err.splitlines()))
    suite.contains('2^44 bytes in the file: why', LIMIT, r.err)


def batch(suite, at, dump):
    """A command that waits for ever, for text that nobody writes."""
    fifo = os.path.join(at, 'fifo')
    os.mkfifo(fifo)
    writer = os.open(fifo, os.O_RDWR)
    argv = [cli.STACKINFO, '--timeout', '1', '--batch', 'stackof', '-f', fifo]
    p = subprocess.run(argv, input=f'{dump.vmcore}\n' * 2, capture_output=True, text=True,
                       env=cli.ENV, timeout=60)
    os.close(writer)
    lines = [json.loads(line) for line in p.stdout.splitlines()]
    suite.equal('--timeout: a line each', [dump.vmcore] * 2, [x['dump'] for x in lines])
    for line in lines:
        suite.equal('--timeout: is told', ['no answer within 1 s (--timeout)'], line['errors'])
        suite.equal('--timeout: status', 128 + 14, line['status'])
        suite.equal('--timeout: no answer', None, line['answer'])
    suite.equal('--timeout: exit status', 1, p.returncode)
    for args, text in ((['--timeout', 'x', '--batch'], 'not a number of seconds'),
                       (['--timeout', '-1', '--batch'], 'not a number of seconds'),
                       (['--timeout', '', '--batch'], 'not a number of seconds'),
                       (['--timeout', '1', 'tss', dump.vmcore], '--timeout needs --batch')):
        p = subprocess.run([cli.STACKINFO, *args], input='', capture_output=True, text=True,
                           env=cli.ENV, timeout=60)
        suite.equal(f'{args}: exit status', 2, p.returncode)
        suite.contains(f'{args}: is told', text, p.stderr)


def in_itself(copy, name):
    """Every member of a struct is an anonymous one of the same struct."""
    core = copy.core
    types = Btf(core)
    number = types.by_name[name]
    _, count, _, at, _ = types.types[number]
    data = b''.join(struct.pack('<3I', 0, number, 0) for _ in range(count))
    start = core.symbol('__start_BTF') + at
    while data:
        part = PAGE - start % PAGE
        copy.patch(core.translate(start), data[:part])
        start, data = start + part, data[part:]


def types_in_themselves(suite, at, dump):
    path = os.path.join(at, 'btf')
    wanted = cli.run('xbt -a', dump.vmcore)
    # Chains need no vm_area_struct, but user addresses do.
    with Copy(dump, path) as copy:
        in_itself(copy, 'vm_area_struct')
    r = cli.run('xbt -a', path)
    suite.equal('vm_area_struct in itself: the chains', wanted.out, r.out)
    r = cli.run('stackof', path, '401000')
    suite.check('vm_area_struct in itself: a user address', not r.crashed and r.status == 1,
                'an answer', r.err)
    suite.contains('vm_area_struct in itself: is told', 'the members of a type: incomplete', r.err)
    suite.contains('vm_area_struct in itself: the rest is answered', 'user space', r.out)
    r = cli.run('stackof -j', path, '401000')
    suite.contains('vm_area_struct in itself: JSON says so', 'the members of a type: incomplete',
                   r.json().get('incomplete', [''])[0])
    with Copy(dump, path) as copy:
        in_itself(copy, 'task_struct')
    r = cli.run('xbt -a', path)
    suite.check('task_struct in itself: no crash', not r.crashed and r.status == 1,
                'complaints', r.err)
    suite.contains('task_struct in itself: is told', LIMIT, r.err)


def run(suite, at, dump):
    huge_segment(suite, at)
    batch(suite, at, dump)
    types_in_themselves(suite, at, dump)
