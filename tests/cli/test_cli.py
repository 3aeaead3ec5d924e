# SPDX-License-Identifier: GPL-2.0-or-later
"""The stackinfo command by itself: shapes of dumps, files that are none, --batch."""
import gzip
import json
import lzma
import os
import random
import re
import struct
import subprocess
import sys
import tempfile

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import capture
import cli
import examples
import findings
import given
import hooks
import hostile
import images
import kdump_shapes
import limits
import line
import lost
import memory
import nameless
import no_addresses
import oops_texts
import pack
import refused
import streams
import strings
import tasks
import torn

OK, FAILED, USAGE, NO_DUMP = range(4)
KDUMP, ELF = '6.1-nmi-panic', '6.1-fp-nmi-panic'
DAMAGED_HEADERS = 60


def start(path, size=64):
    with open(path, 'rb') as f:
        return f.read(size)


def write(path, data):
    with open(path, 'wb') as f:
        f.write(data)
    return path


def shapes(suite, at, kdump, elf):
    """Whatever the shape, the answers are those of the plain dump."""
    truth = {v: cli.run('xbt -A -j', v).out for v in (kdump, elf)}
    parts = [os.path.join(at, f'part{i}') for i in range(3)]
    kdump_shapes.split(kdump, parts)
    cases = [('parts of a split dump', kdump, ','.join(parts)),
             ('the parts in another order', kdump, ','.join(parts[::-1]))]
    for name, vmcore in (('flattened', kdump), ('flattened ELF', elf)):
        flat = os.path.join(at, name)
        kdump_shapes.flatten(vmcore, flat)
        cases.append((name, vmcore, flat))
    for option, name in (('-c', 'zlib'), ('-l', 'lzo'), ('-p', 'snappy'), ('-z', 'zstd')):
        packed = os.path.join(at, name)
        made = subprocess.run(['makedumpfile', option, kdump, packed], capture_output=True)
        if suite.check(f'makedumpfile {option}', made.returncode == 0, 0, made.stderr):
            cases.append((name, kdump, packed))
    # Two of the parts are empty when makedumpfile splits what is a kdump already.
    uneven = [os.path.join(at, f'uneven{i}') for i in range(3)]
    subprocess.run(['makedumpfile', '-c', '--split', kdump, *uneven], capture_output=True)
    cases.append(('parts without a page', kdump, ','.join(uneven)))
    for name, vmcore, path in cases:
        r = cli.run('xbt -A -j', path)
        suite.equal(f'{name}: exit status', OK, r.status)
        suite.check(f'{name}: the same answer', r.out == truth[vmcore] != '',
                    f'{len(truth[vmcore])} bytes', f'{len(r.out)} bytes, {r.err[:300]}')
    r = cli.run('xbt -a', parts[1])
    suite.contains('a part alone: is told', 'name all of them', r.err)
    r = cli.run('xbt -a', ','.join(parts[:2]))
    suite.contains('a part missing: is told', 'name all of them', r.err)
    r = cli.run('xbt -a', uneven[1])
    suite.equal('a part without a page, alone: exit status', NO_DUMP, r.status)
    suite.contains('a part without a page, alone: is told', 'name all of them', r.err)


NOT_UNPACKED = """#include <libkdumpfile/kdumpfile.h>
kdump_status kdump_read(kdump_ctx_t *ctx, kdump_addrspace_t as, kdump_addr_t addr,
                        void *buffer, size_t *length)
{
	return KDUMP_ERR_NOTIMPL;
}
"""


def unpacked(suite, at, kdump):
    """A libkdumpfile that was built without the method that the pages are packed by."""
    library = os.path.join(at, 'kdump_read.so')
    made = subprocess.run([os.environ.get('CC', 'cc'), '-shared', '-fPIC', '-x', 'c', '-',
                           '-o', library], input=NOT_UNPACKED, capture_output=True, text=True)
    suite.equal('a libkdumpfile that cannot unpack: builds', '', made.stderr)
    # Pages that are not packed are read without it.
    packed = os.path.join(at, 'packed')
    subprocess.run(['makedumpfile', '-c', kdump, packed], capture_output=True, check=True)
    p = subprocess.run([streams.PLAIN, 'xbt', '-a', packed], capture_output=True, text=True,
                       env=dict(os.environ, LD_PRELOAD=library), timeout=60)
    suite.equal('pages that cannot be unpacked: exit status', NO_DUMP, p.returncode)
    suite.contains('pages that cannot be unpacked: is told', 'packed in a way', p.stderr)


def refuse(suite, name, path, status, text):
    r = cli.run('xbt -a', path)
    suite.equal(f'{name}: exit status', status, r.status)
    suite.equal(f'{name}: one line', 1, len(r.err.splitlines()))
    suite.contains(f'{name}: what it is', text, r.err)
    suite.equal(f'{name}: no answer', '', r.out)


def no_dumps(suite, at, kdump, elf):
    def put(name, data):
        return write(os.path.join(at, name), data)

    whole = start(kdump, 1 << 20)
    s390 = bytearray(start(elf, 1 << 16))
    struct.pack_into('<H', s390, 18, 22)  # e_machine: S/390
    secret = put('secret', whole)
    os.chmod(secret, 0)
    cases = [
        ('an empty file', put('empty', b''), 'empty'),
        ('a directory', at, 'is a directory'),
        ('no such file', os.path.join(at, 'none'), 'No such file'),
        ('no name', '', 'No such file'),
        ('only a comma', ',', 'empty file name'),
        ('a device', '/dev/null', 'is not seekable'),
        ('a text', put('text', b'Oops: 0000\n' * 1000), 'stackof -f FILE VMCORE'),
        ('random bytes', put('random', random.Random(1).randbytes(100000)), 'not known'),
        ('a program', '/bin/ls', 'an ELF executable, not a core dump'),
        ('gzip', put('gz', gzip.compress(whole, 1)), 'gunzip'),
        ('xz', put('xz', lzma.compress(whole, preset=0)), 'unxz'),
        ('lzma', put('lzma', lzma.compress(whole, lzma.FORMAT_ALONE, preset=0)), 'unlzma'),
        ('another architecture', put('s390', bytes(s390)), 's390x dump'),
        ('a header cut off', put('short', whole[:300]), 'ends within its header'),
        ('cut within the bitmaps', put('shorter', whole[:9000]), 'damaged, or the file ends'),
        ('cut within the pages', put('cut', whole), 'cut off'),
        ('ELF cut within its notes', put('elfcut', start(elf, 700)), 'ends within its notes'),
    ]
    if os.geteuid():
        cases.append(('a file that may not be read', secret, 'Permission denied'))
    for name, path, text in cases:
        refuse(suite, name, path, NO_DUMP, text)
    r = cli.run('xbt -a', kdump, namelist='/bin/ls')
    suite.equal('a namelist without symbols: exit status', NO_DUMP, r.status)
    for vmcore in (kdump, elf):
        for tenths in (3, 6, 9):
            part = put('most', start(vmcore, os.path.getsize(vmcore) * tenths // 10))
            r = cli.run('xbt -A', part)
            name = f'{tenths} tenths of {os.path.basename(os.path.dirname(vmcore))}'
            suite.contains(f'{name}: is told', 'the file is cut off', r.err)
            suite.check(f'{name}: does not crash', not r.crashed, 'an answer', r.err)


def damaged_headers(suite, at, vmcore):
    whole = start(vmcore, 2 << 20)
    path = os.path.join(at, 'damaged')
    seen = set()
    for seed in range(DAMAGED_HEADERS):
        rand = random.Random(seed)
        data = bytearray(whole)
        for _ in range(rand.choice((1, 2, 8, 64))):
            where = rand.randrange(rand.choice((512, 4224, 8192, 40000, 200000)))
            n = rand.choice((1, 4, 8))
            data[where:where + n] = rand.choice((rand.randbytes(n), b'\xff' * n, bytes(n)))
        write(path, data)
        r = cli.run('tss', path)
        seen.add(r.status)
        suite.check(f'damaged header {seed}: no crash', not r.crashed, 'a message', r.err[-1500:])
        suite.check(f'damaged header {seed}: a message', r.err.strip() or r.status == OK,
                    'a line', r.err)
    suite.check('damage is noticed', NO_DUMP in seen, 'some refused', seen)


def batch(suite, at, kdump, elf):
    names = [kdump, os.path.join(at, 'none'), '/bin/ls', elf]
    argv = [cli.STACKINFO, '--batch', 'tss', '-c', '1']
    p = subprocess.run(argv, input='\n'.join(names) + '\n\n', capture_output=True, text=True,
                       env=cli.ENV, timeout=60)
    suite.equal('--batch: exit status', FAILED, p.returncode)
    suite.equal('--batch: nothing on stderr', '', p.stderr)
    lines = [json.loads(line) for line in p.stdout.splitlines()]
    suite.equal('--batch: a line each, in order', names, [line['dump'] for line in lines])
    suite.equal('--batch: statuses', [OK, NO_DUMP, NO_DUMP, OK],
                [line['status'] for line in lines])
    for line in lines:
        wanted = cli.run('tss -j -c 1', line['dump'])
        suite.equal(f'--batch: {line["dump"]}: the answer that it has alone',
                    wanted.json() if wanted.out else None, line['answer'])
        suite.equal(f'--batch: {line["dump"]}: errors', not wanted.out, bool(line['errors']))
    for jobs in '2', '64':
        many = subprocess.run([cli.STACKINFO, '-J', jobs, *argv[1:]], capture_output=True,
                              input='\n'.join(names * 4) + '\n', text=True,
                              env=cli.ENV, timeout=120)
        suite.equal(f'--batch -J {jobs}: the same lines, in order', p.stdout * 4, many.stdout)
        suite.equal(f'--batch -J {jobs}: exit status', FAILED, many.returncode)
        suite.equal(f'--batch -J {jobs}: nothing on stderr', '', many.stderr)
        wrong = subprocess.run([cli.STACKINFO, '-J', jobs, '--batch', 'tss', '-x'],
                               input=f'{kdump}\n{elf}\n' * 2, capture_output=True, text=True,
                               env=cli.ENV, timeout=60)
        suite.equal(f'--batch -J {jobs}: what is wrong is told once', (USAGE, '', 1),
                    (wrong.returncode, wrong.stdout, wrong.stderr.count('no such option')))
    for args, text in ((['tss', '-x'], 'tss: -x: no such option'),
                       (['tss', '-c', 'x'], 'tss: not a list of CPUs: "x"')):
        p = subprocess.run([cli.STACKINFO, '--batch', *args], input=f'{kdump}\n{elf}\n',
                           capture_output=True, text=True, env=cli.ENV, timeout=60)
        what = f'--batch {" ".join(args)}'
        suite.equal(f'{what}: exit status', USAGE, p.returncode)
        suite.equal(f'{what}: is told once', text, p.stderr.splitlines()[0])
        suite.equal(f'{what}: how it is called, once', 1, p.stderr.count('usage:'))
        suite.equal(f'{what}: no answer', '', p.stdout)
    for args in (['tss', '-c1', *names], ['tss', *names, '-c', '1'], names[:1] + names[3:],
                 ['xbt', '-j', *names[:1], '1']):
        p = subprocess.run([cli.STACKINFO, '--batch', *args], input='/none\n',
                           capture_output=True, text=True, env=cli.ENV, timeout=60)
        suite.equal(f'--batch {" ".join(args)}: a line each, in order',
                    [a for a in args if '/' in a],
                    [json.loads(line)['dump'] for line in p.stdout.splitlines()])
    p = subprocess.run([cli.STACKINFO, '--batch', 'log'], input=kdump + '\n',
                       capture_output=True, text=True, env=cli.ENV, timeout=60)
    suite.equal('--batch log: exit status', USAGE, p.returncode)
    suite.contains('--batch log: is told', 'no JSON', p.stderr)
    p = subprocess.run([cli.STACKINFO, '--batch'], input=kdump + '\n', capture_output=True,
                       text=True, env=cli.ENV, timeout=60)
    suite.equal('--batch without a command: the report', cli.run('-j', kdump).json(),
                json.loads(p.stdout)['answer'])


def overview(suite, kdump):
    r = cli.run('', kdump)
    suite.equal('without a command: exit status', OK, r.status)
    suite.contains('without a command: the release', '6.1.0-56-amd64', r.out)
    verbose = cli.run('-v', kdump).out
    suite.check('-v: then the chains', verbose.endswith('\n' + cli.run('xbt -a -v', kdump).out),
                'xbt -a -v', verbose[-300:])
    for args, status in ((['--help'], OK), (['--version'], OK), (['help', 'xbt'], OK),
                         (['xbt', '--help'], OK), (['xbt', '-h'], OK), (['tss', '-V'], OK),
                         (['-h', 'xbt'], OK), ([kdump, '--help'], OK), (['help', 'bt'], OK),
                         ([], USAGE), (['nosuch', kdump], USAGE), (['xbt'], USAGE),
                         (['xbt', '-x', kdump], USAGE), (['--nosuch'], USAGE),
                         ([kdump, '-j'], OK)):
        p = subprocess.run([cli.STACKINFO, *args], capture_output=True, text=True,
                           env=cli.ENV, timeout=60)
        suite.equal(f'stackinfo {" ".join(args)}: exit status', status, p.returncode)
        text, other = (p.stderr, p.stdout) if status else (p.stdout, p.stderr)
        suite.check(f'stackinfo {" ".join(args)}: says something', text, 'a text', '')
        suite.equal(f'stackinfo {" ".join(args)}: nothing on the other stream', '', other)


def habits(suite, dump):
    """Arguments in the orders of crash; what is no command here; a dump that is not first."""
    kdump, namelist = dump.vmcore, dump.namelist
    whole, plain, named, named_plain = (cli.run(command, kdump, namelist=n)
                                        for n in (None, namelist) for command in ('xbt -a', ''))
    for args, truth in (
            ((namelist, kdump), named_plain), ((kdump, namelist), named_plain),
            ((kdump, 'xbt', '-a'), whole), (('bt', '-a', kdump), whole),
            (('bt', kdump, '-a'), whole), ((kdump, 'bt', '-a'), whole), ((kdump,), plain),
            ((namelist, kdump, 'bt', '-a'), named), (('xbt', namelist, kdump, '-a'), named),
            (('xbt', '-a', kdump, '-n', namelist), named),
            (('xbt', '-n', namelist, '-a', kdump), named),
            ((f'--namelist={namelist}', kdump, 'xbt', '-a'), named)):
        p = subprocess.run([cli.STACKINFO, *args], capture_output=True, text=True,
                           env=cli.ENV, timeout=60)
        what = f'stackinfo {" ".join(args)}'
        suite.equal(f'{what}: exit status', OK, p.returncode)
        suite.check(f'{what}: the answer', p.stdout == truth.out != '', truth.out[:80],
                    p.stdout[:80])
    r = cli.run('xbt -e', kdump)
    suite.equal('xbt -e: exit status', USAGE, r.status)
    suite.contains('xbt -e: what it is here', '-e: no such option; of bt: each pt_regs', r.err)
    listed = {line.split()[0] for line in cli.run('help', 'xbt').out.partition('LETTERS OF bt')
              [2].splitlines() if line.startswith('    -')}
    suite.check('help xbt: bt\'s letters', listed >= {f'-{c}' for c in 'acgrtTleEfFovpRsxdISn'},
                'all', listed)
    for args, status, text in (
            (('xbt', '-R', '1000', '-a', kdump), USAGE, 'goes with no CPU or task'),
            ((kdump, '-a'), USAGE, f'-a: no such option; type: stackinfo xbt {kdump} -a'),
            (('xbt', '1', kdump), USAGE, f'type: stackinfo xbt {kdump} 1'),
            ((kdump, kdump), USAGE, f'type: stackinfo --batch {kdump} {kdump}'),
            ((kdump, 'mach'), USAGE, 'a command of crash; type: stackinfo tss VMCORE'),
            (('kmem', kdump), USAGE, 'type: stackinfo stackof VMCORE'),
            ((kdump, 'nosuch'), USAGE, 'no such command: "nosuch"'),
            ((namelist,), NO_DUMP, 'vmlinux'),
            (('xbt', '-c', 'x', kdump), USAGE, 'not a list of CPUs: "x"'),
            (('xbt', '-c', '99', kdump), FAILED, 'there is no CPU 99'),
            (('xbt', kdump, 'zz'), USAGE, 'zz: neither a PID nor'),
            (('xbt', kdump, '99999999'), FAILED, 'there is no task with this PID'),
            (('stackof', kdump, 'init_task+'), USAGE, 'not an offset: ""'),
            (('stackof', kdump, 'no_such'), FAILED, 'there is no symbol no_such'),
            (('-n', '/none', kdump), NO_DUMP, '/none: No such file or directory'),
            (('-n', '/bin/ls', kdump), NO_DUMP, '/bin/ls: ')):
        p = subprocess.run([cli.STACKINFO, *args], capture_output=True, text=True,
                           env=cli.ENV, timeout=60)
        what = f'stackinfo {" ".join(args)}'
        suite.equal(f'{what}: exit status', status, p.returncode)
        suite.contains(f'{what}: what to type', text, p.stderr)


def usage(suite, kdump):
    """One line says what is wrong, the next how it is called; no dump is read for that."""
    for args, text in (
            (['xbt', '-aA', kdump], 'xbt: -a and -A exclude each other'),
            (['xbt', kdump, '-a', '1'], 'xbt: -a and "1" exclude each other'),
            (['xbt', '-I', '1', '/none'], 'xbt: -I needs -S'),
            (['xbt', '-c'], 'xbt: -c: cpus is missing'),
            (['xbt', '-o', 'svg', kdump], 'xbt: -o takes only "folded": "svg"'),
            (['tss', '--cpu'], 'tss: --cpu: cpus is missing'),
            (['tss', '--json=1', kdump], 'tss: --json takes no value: "1"'),
            (['tss', kdump, '1'], 'tss: "1": no such argument is expected'),
            (['tss', '--cpus=1', '/none'], 'tss: --cpus: no such option'),
            (['stackof', '-fx', '-l', kdump], 'stackof: -f and -l exclude each other'),
            (['xbt'], 'xbt: of which dump? VMCORE is missing'),
            (['log', '-j', kdump], 'log: -j: no such option'),
            (['help', 'nosuch'], 'help: no such command: "nosuch"'),
            (['--timeout', '3', 'xbt', kdump], 'stackinfo: --timeout needs --batch'),
            (['--timeout', 'x', '--batch'], 'stackinfo: --timeout: not a number of seconds: "x"'),
            (['nosuch', kdump], 'stackinfo: no such command: "nosuch"'),
            (['-x'], 'stackinfo: -x: no such option'), ([], 'stackinfo: of which dump?')):
        p = subprocess.run([cli.STACKINFO, *args], capture_output=True, text=True,
                           stdin=subprocess.DEVNULL, env=cli.ENV, timeout=60)
        what = f'stackinfo {" ".join(args)}'
        suite.equal(f'{what}: exit status', USAGE, p.returncode)
        lines = [*p.stderr.splitlines(), '', '']
        suite.check(f'{what}: says what is wrong', lines[0].startswith(text), text, lines[0])
        suite.check(f'{what}: says how it is called', lines[1].startswith('usage: stackinfo '),
                    'usage: stackinfo', lines[1])
        suite.equal(f'{what}: no answer', '', p.stdout)
    short = cli.run('xbt -rv -c 0-1', kdump).out
    for args in (['xbt', '--registers', '--verbose', '--cpu=0-1', kdump],
                 ['xbt', kdump, '-vrc0-1'], ['xbt', '-vr', '-c', '0-1', '--', kdump]):
        p = subprocess.run([cli.STACKINFO, *args], capture_output=True, text=True,
                           env=cli.ENV, timeout=60)
        suite.check(f'stackinfo {" ".join(args)}: the answer of short options before the dump',
                    p.stdout == short, short[:80], p.stdout[:80])


def kept_open(suite, at, dump):
    """A dump that stays open for the tests answers as one that is opened for the question."""
    for command, args, namelist in (
            ('-j', (), None), ('xbt -A -v', (), None), ('stackof -m -j', (), None),
            ('xbt -a', (), dump.namelist), ('xbt', ('99999999',), None), ('xbt -Q', (), None),
            ('tss', ('1',), None), ('xbt -a', (), '/none'), ('xbt -a', (), None)):
        wanted = cli.run(command, dump.vmcore, *args, namelist=namelist)
        with cli.keep(dump.vmcore, namelist):
            for _ in range(2):
                came = cli.run(command, dump.vmcore, *args, namelist=namelist)
                suite.check(f'kept open: {command} {args} {namelist}',
                            vars(came) == vars(wanted), vars(wanted), vars(came))
    endless = os.path.join(at, 'endless')
    os.mkfifo(endless)
    with cli.keep(dump.vmcore):
        came = cli.run(f'stackof -f {endless}', dump.vmcore, timeout=1)
        suite.equal('kept open: what does not end', None, came.status)
    with cli.keep(dump.vmcore + '.none'):
        came = cli.run('xbt', dump.vmcore + '.none')
        suite.equal('kept open: no dump', NO_DUMP, came.status)


DUMPS = cli.dumps()
KDUMPS = [d for d in DUMPS if start(d.vmcore, 8) == b'KDUMP   ']


def first_of_each_kernel(dumps):
    """Another dump of the same kernel has the same lists."""
    found = {}
    for dump in dumps:
        found.setdefault(dump.release, dump)
    return list(found.values())


FIRST = first_of_each_kernel(DUMPS)
# Types come from the namelist, which is the kernel's: all dumps by "make check-types".
NO_TYPES = DUMPS if os.environ.get('TYPES') == 'all' else FIRST


def name_of(dump):
    return dump.name


@pytest.fixture
def kdump():
    return cli.Dump(KDUMP)


@pytest.fixture
def elf():
    return cli.Dump(ELF)


@pytest.mark.parametrize('dump', first_of_each_kernel(KDUMPS), ids=name_of)
def test_tasks(suite, at, dump):
    tasks.run(suite, at, dump)


def test_no_addresses(suite, kdump):
    no_addresses.check(suite, kdump, cli.Dump('6.1-irq-panic'))


def test_hostile(suite, at, kdump):
    hostile.run(suite, at, kdump)


@pytest.mark.long
def test_torn(suite, at, kdump, elf):
    torn.run(suite, at, kdump, elf)


def test_wrong_namelist(suite, at, kdump):
    lost.wrong_namelist(suite, at, [kdump] + cli.dumps())


def test_oops(suite, at, kdump):
    oops_texts.check(suite, at, kdump)


@pytest.mark.long
def test_streams(suite, at, kdump, elf):
    streams.check(suite, at, kdump.vmcore, elf.vmcore)


@pytest.mark.long
@pytest.mark.parametrize('part', limits.TESTS, ids=lambda p: p.__name__)
def test_limits(suite, at, kdump, elf, part):
    limits.check(suite, at, kdump, elf, part)


@pytest.mark.long
def test_shapes(suite, at, kdump, elf):
    shapes(suite, at, kdump.vmcore, elf.vmcore)


@pytest.mark.long
def test_strings(suite, at, kdump):
    strings.check(suite, at, kdump)


@pytest.mark.parametrize('name', (KDUMP, ELF))
def test_damaged_headers(suite, at, name):
    damaged_headers(suite, at, cli.Dump(name).vmcore)


def test_no_dumps(suite, at, kdump, elf):
    no_dumps(suite, at, kdump.vmcore, elf.vmcore)


def test_images(suite, at, elf):
    images.check(suite, at, elf.vmcore)
    images.process(suite, at)


def test_capture(suite, at, kdump):
    capture.check(suite, at, kdump)


@pytest.mark.parametrize('name', ('6.1-irq-panic', '5.10-mc', '6.12-guard', '7.3-multi'))
def test_no_registers(suite, at, name):
    capture.no_registers(suite, at, cli.Dump(name))


def test_by_hand(suite, kdump):
    images.by_hand(suite, kdump.vmcore)


@pytest.mark.parametrize('dump', NO_TYPES, ids=name_of)
def test_no_types(suite, at, dump):
    lost.btf(suite, at, dump, dump in FIRST)
    lost.half_btf(suite, at, dump)


@pytest.mark.parametrize('name', (KDUMP, ELF))
def test_no_notes(suite, at, name):
    lost.note(suite, at, cli.Dump(name))


def test_batch(suite, at, kdump, elf):
    batch(suite, at, kdump.vmcore, elf.vmcore)


def test_kept_open(suite, at, kdump):
    kept_open(suite, at, kdump)


def test_not_unpacked(suite, at, kdump):
    unpacked(suite, at, kdump.vmcore)


def test_overview(suite, kdump):
    overview(suite, kdump.vmcore)


def test_habits(suite, kdump):
    habits(suite, kdump)


def test_memory(suite, at, kdump):
    memory.check(suite, at, kdump.vmcore)


def test_line(suite, kdump):
    line.check(suite, kdump)


def test_hooks(suite, at, kdump):
    hooks.check(suite, at, kdump)


def test_findings(suite, at, kdump):
    findings.check(suite, at, kdump)


def test_usage(suite, kdump):
    usage(suite, kdump.vmcore)


def test_nameless(suite, at, kdump):
    nameless.check(suite, at, kdump)


def test_refused(suite, kdump):
    refused.check(suite, kdump)


def test_given(suite, at):
    given.check(suite, at, cli.Dump('6.12-oops-irq'))


@pytest.mark.long
@pytest.mark.parametrize('part', (pack.check, pack.without, pack.stopped, pack.damaged),
                         ids=lambda p: p.__name__)
def test_pack(suite, at, kdump, part):
    part(suite, at, kdump.vmcore)


# A kernel with much to read, and whole.
def test_pack_memory(suite, at):
    pack.memory(suite, at, cli.Dump('7.3-multi2').vmcore)


@pytest.mark.long
def test_examples(suite, at, kdump, elf):
    examples.check(suite, at, kdump, elf)
