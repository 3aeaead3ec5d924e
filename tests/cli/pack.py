# SPDX-License-Identifier: GPL-2.0-or-later
"""pack: where its file goes, what it is without, and that it says so; nothing is left of
one that could not be written."""
import lzma
import os
import random
import re
import resource
import signal
import struct
import subprocess
import sys
import time
import zlib

import cli
import streams
from kdump_damage import Damage

SEEDS = range(2)
DAMAGED_PAGES = 40
KDUMP_MAGIC = b'KDUMP   '
LIMIT = 1 << 20
# A capture kernel has little.
MOST_KIB = 48 << 10


def pack(vmcore, small, *options, **kw):
    argv = [cli.STACKINFO, 'pack', *options, '-o', small, vmcore]
    return subprocess.run(argv, env=cli.ENV, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60, **kw)


def refused(suite, what, p, status, text, folder, files):
    suite.equal(f'{what}: exit status', status, p.returncode)
    suite.contains(f'{what}: is told', text, p.stderr)
    suite.equal(f'{what}: nothing is printed', '', p.stdout)
    suite.equal(f'{what}: what is in the folder', files, sorted(os.listdir(folder)))


def places(suite, at, vmcore):
    small = os.path.join(at, 'small')
    p = subprocess.run([cli.STACKINFO, 'pack', vmcore], env=cli.ENV, capture_output=True, text=True)
    refused(suite, 'without -o', p, 2, '-o FILE is missing', at, [])
    p = subprocess.run([cli.STACKINFO, '--batch', 'pack', '-o', small, vmcore], env=cli.ENV,
                       capture_output=True, text=True)
    refused(suite, '--batch', p, 2, 'one dump at a time', at, [])
    with open(small, 'w') as f:
        f.write('mine')
    refused(suite, 'a file is there', pack(vmcore, small), 1, 'File exists', at, ['small'])
    with open(small) as f:
        suite.equal('a file is there: it stays', 'mine', f.read())
    p = pack(vmcore, os.path.join(at, 'no/small'))
    refused(suite, 'no folder', p, 1, 'No such file', at, ['small'])
    p = pack(vmcore, small, '--force',
             preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, LIMIT)))
    refused(suite, 'a full disk', p, 1, 'too large', at, ['small'])
    with open(small) as f:
        suite.equal('a full disk: what was there stays', 'mine', f.read())
    p = pack(vmcore, small, '--force')
    suite.equal('--force: exit status', 0, p.returncode)
    suite.equal('--force: what is in the folder', ['small'], os.listdir(at))
    suite.equal('only its owner can read it', 0o600, os.stat(small).st_mode & 0o777)
    with open(small, 'rb') as f:
        suite.equal('it is a dump', KDUMP_MAGIC, f.read(8))
    return small


def again(suite, at, small):
    """Of the small dump another one has as much."""
    second = os.path.join(at, 'second')
    suite.equal('packed again: exit status', 0, pack(small, second).returncode)
    for question in ('xbt -A -j', 'stackof -m -j', 'oops -j', 'tss -j'):
        suite.equal(f'packed again: {question}', cli.run(question, small).out,
                    cli.run(question, second).out)


def without(suite, at, vmcore):
    small = os.path.join(at, 'without')
    p = pack(vmcore, small, '--no-log', '--no-names')
    suite.equal('--no-log --no-names: exit status', 0, p.returncode)
    suite.equal('what is left out is told', ['log', 'names'],
                re.findall(r'^ *left out: (\w+)$', p.stdout, re.M))
    for command in ('log', 'oops'):
        r = cli.run(command, small)
        suite.equal(f'{command} without the log: exit status', 1, r.status)
        suite.contains(f'{command} without the log: is told', 'pack --no-log', r.err)
    suite.contains('the report says that names are missing', 'pack --no-names',
                   cli.run('', small).out)
    for question in ('-j', 'tss -j'):
        suite.equal(f'{question}: what is left out', [None, ['log', 'names']], [
            cli.ask(suite, question, path).get('left_out') for path in (vmcore, small)])
    whole, part = (cli.ask(suite, 'xbt -A -j', path) for path in (vmcore, small))
    names = {c['task']['comm'] for c in whole['chains'] if c['task']}
    for chain in whole['chains']:
        if chain['task']:
            chain['task']['comm'] = ''
    suite.equal('all else is the same', whole['chains'], part['chains'])
    r = cli.run('log', vmcore)
    with open(small, 'rb') as f:
        packed = f.read()
    suite.equal('its header does not name the machine', bytes(65), packed[12 + 65:12 + 130])
    memory = b''.join(pages(small))
    for name in names:
        # Some are those of functions, too.
        if len(name) > 6 and '/' in name:
            suite.check(f'"{name}" is not in it', name.encode() + b'\0' not in memory)
    for line in r.out.splitlines()[100:]:
        text = line.split('] ', 1)[-1].encode()
        if len(text) > 30 and b'%' not in text:
            suite.check(f'a line of the log is not in it: {text}', text not in memory)


def pages(path):
    """Each page of a compressed dump."""
    with open(path, 'rb') as f:
        head = f.read(464)
        block, sub, bitmap = struct.unpack_from('<3I', head, 428)
        f.seek((1 + sub + bitmap // 2) * block)
        nr = bin(int.from_bytes(f.read(bitmap // 2 * block), 'little')).count('1')
        descs = [struct.unpack('<QII', f.read(24)[:16]) for _ in range(nr)]
        for at, size, flags in descs:
            f.seek(at)
            data = f.read(size)
            yield zlib.decompress(data) if flags & 1 else data


def lost_list(suite, at, small):
    """The list of what is in it is damaged, or gone: zeros are not taken for the kernel's."""
    with open(small, 'rb') as f:
        data = bytearray(f.read())
    note = data.index(b'STACKINFO\0')
    path = os.path.join(at, 'damaged')
    for what, where, text in (('damaged', note + 40, 'list of what is in it is damaged'),
                              ('gone', note, 'reads as zeros')):
        copy = bytearray(data)
        copy[where] ^= 0xff
        with open(path, 'wb') as f:
            f.write(copy)
        suite.contains(f'a list that is {what}', text, cli.run('xbt', path).err)


def stopped(suite, at, vmcore):
    """Whenever the user stops it, there is no file, or a whole one."""
    folder = os.path.join(at, 'stopped')
    os.mkdir(folder)
    small = os.path.join(folder, 'small')
    chance = random.Random(7)
    begin = time.monotonic()
    pack(vmcore, small)
    took = time.monotonic() - begin
    os.unlink(small)
    for i in range(8):
        with subprocess.Popen([cli.STACKINFO, 'pack', '-o', small, vmcore], env=cli.ENV,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as p:
            # Most of them while it writes, which is the last third.
            while i % 2 and p.poll() is None and not os.listdir(folder):
                time.sleep(.001)
            time.sleep(chance.uniform(0, took / 8))
            p.send_signal((signal.SIGINT, signal.SIGTERM)[i // 2 % 2])
            suite.check('it ends', p.wait(30) is not None)
        left = os.listdir(folder)
        suite.check(f'stopped: what is left ({p.returncode})', left in ([], ['small']), None, left)
        if left:
            suite.equal('stopped too late: it is whole', 0, cli.run('tss', small).status)
            os.unlink(small)


def plain(suite, at, vmcore, small):
    path = os.path.join(at, 'plain')
    suite.equal('--plain: exit status', 0, pack(vmcore, path, '--plain').returncode)
    suite.equal('--plain: the same pages', *(list(map(zlib.crc32, pages(p))) for p in (path, small)))
    sizes = []
    for p, name in ((path, 'plain'), (small, 'packed')):
        with open(p, 'rb') as f:
            packed = len(lzma.compress(f.read(), preset=0))
        sizes.append(packed)
        suite.note(f'{name}: {os.path.getsize(p) / 1024:.0f} KiB, under xz {packed / 1024:.0f}')
    suite.check('--plain: smaller under xz', sizes[0] < sizes[1], sizes[1], sizes[0])
    suite.equal('--plain: the same answer', cli.run('xbt -a -v', small).out,
                cli.run('xbt -a -v', path).out)


def damaged(suite, at, vmcore):
    """What is wrong in a dump is wrong in the small one: the same answer, and an end."""
    small, copy, second = (os.path.join(at, name) for name in ('small', 'copy', 'second'))
    suite.equal('exit status', 0, pack(vmcore, small, '--plain').returncode)
    size = os.path.getsize(small)
    for seed in SEEDS:
        chance = random.Random(seed)
        damage = Damage(small, copy)
        pfns = sorted(damage.by_pfn)
        for pfn in chance.sample(pfns, DAMAGED_PAGES):
            (damage.exclude if seed % 2 else damage.zero)(pfn)
        damage.write()
        p = pack(copy, second, '--force')
        suite.check(f'damaged by {seed}: it ends ({p.returncode})', p.returncode in (0, 1, 3),
                    None, p.stderr[-300:])
        if p.returncode < 3:
            suite.check(f'damaged by {seed}: no larger', os.path.getsize(second) < size)
            for question in ('xbt -A -v', 'tss -v'):
                suite.equal(f'damaged by {seed}: {question}', cli.run(question, copy).out,
                            cli.run(question, second).out)
        # Cut off anywhere: told, or answered as far as it goes.
        with open(copy, 'r+b') as f:
            f.truncate(chance.randrange(size))
        p = pack(copy, second, '--force')
        suite.check(f'cut off by {seed}: it ends ({p.returncode})', p.returncode in (0, 1, 3),
                    None, p.stderr[-300:])
        suite.check(f'cut off by {seed}: is told', p.stderr)
    suite.equal('nothing else is left', ['copy', 'second', 'small'],
                sorted(f for f in os.listdir(at)))


# Its own peak is that of whoever starts the program, if that is more: a small one does.
PEAK = """import os, resource, sys
status = os.spawnv(os.P_WAIT, sys.argv[1], sys.argv[1:])
print(status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def memory(suite, at, vmcore):
    """At most, as the kernel counts it: with all that is mapped of files."""
    for args in (['pack', '-o', os.path.join(at, 'small')], ['-j'], ['xbt', '-A', '-j']):
        p = subprocess.run([sys.executable, '-S', '-c', PEAK, streams.PLAIN, *args, vmcore],
                           stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        status, kib = map(int, p.stdout.splitlines()[-1].split())
        suite.equal(f'{args[0]}: exit status', 0, status)
        suite.check(f'{args[0]}: memory', 0 < kib < MOST_KIB, f'{MOST_KIB} KiB', kib)
        suite.note(f'{args[0]}: {kib} KiB')


def check(suite, at, vmcore):
    small = places(suite, at, vmcore)
    again(suite, at, small)
    lost_list(suite, at, small)
    plain(suite, at, vmcore, small)
