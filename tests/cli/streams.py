# SPDX-License-Identifier: GPL-2.0-or-later
"""Standard streams that are closed, full, or not read to the end."""
import os
import pty
import shutil
import signal
import subprocess

import cli
import kdump_shapes

COMMANDS = ('xbt -A', 'xbt -A -j', 'xbt -A -o folded', 'tss', 'tss -j', 'stackof -m',
            'stackof -m -j', 'stackof _text', 'log', 'oops', 'oops -j', '')
PLAIN = os.path.join(cli.BUILD, 'stackinfo')


def start(argv, **kw):
    return subprocess.run([cli.STACKINFO, *argv], env=cli.ENV, timeout=60, **kw)


def argv_of(command, vmcore):
    words = command.split()
    return [*words[:1], vmcore, *words[1:]] if words[1:] == ['_text'] else [*words, vmcore]


def full_disk(suite, vmcore):
    cases = [(c or 'no command', argv_of(c, vmcore)) for c in COMMANDS]
    cases += [(' '.join(a), a) for a in (['--help'], ['--version'], ['help', 'xbt'])]
    for name, argv in cases:
        with open('/dev/full', 'w') as full:
            p = start(argv, stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE)
        suite.equal(f'{name}, to a full disk: exit status', 1, p.returncode)
        suite.contains(f'{name}, to a full disk: is told', 'could not be written',
                       p.stderr.decode())


def closed(suite, at, vmcore):
    def without(*fds):
        return lambda: [os.close(fd) for fd in fds]

    size, last = os.path.getsize(vmcore), os.stat(vmcore).st_mtime_ns
    p = start(['xbt', '-a', vmcore], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
              preexec_fn=without(1))
    suite.equal('without standard output: exit status', 1, p.returncode)
    suite.contains('without standard output: is told', 'could not be written', p.stderr.decode())
    p = start(['stackof', vmcore, '-'], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
              preexec_fn=without(0))
    suite.equal('without standard input, stackof reads nothing',
                (0, b'stackof: no word of this text is an address of the kernel; '
                    b'-v explains other numbers, too\n'),
                (p.returncode, p.stdout))
    p = start(['--batch', 'tss'], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
              preexec_fn=without(0))
    suite.equal('without standard input, --batch has an empty list', (0, b'', b''),
                (p.returncode, p.stdout[:80], p.stderr[:300]))
    # Complaints must not go into what happens to be open in their stead.
    path = os.path.join(at, 'copy')
    shutil.copyfile(vmcore, path)
    os.truncate(path, size // 2)
    for fds in ((2,), (1, 2), (0, 1, 2)):
        p = start(['xbt', '-A', path], preexec_fn=without(*fds),
                  **({} if 1 in fds else {'stdout': subprocess.DEVNULL}))
        suite.check(f'without {fds}: ends', p.returncode >= 0 and p.returncode != 99,
                    'an exit status', p.returncode)
    suite.equal('nothing is written to the dump', (size, last, size // 2),
                (os.path.getsize(vmcore), os.stat(vmcore).st_mtime_ns, os.path.getsize(path)))


def reader_goes(suite, vmcore):
    for ignored in (False, True):
        p = subprocess.Popen([cli.STACKINFO, 'xbt', '-A', '-v', vmcore], env=cli.ENV,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, restore_signals=not ignored)
        p.stdout.read(100)
        p.stdout.close()
        err = p.stderr.read()
        suite.equal(f'its reader goes away (SIGPIPE ignored: {ignored}): ends, and quietly',
                    (-signal.SIGPIPE, b''), (p.wait(60), err))


def waits_for_text(suite, vmcore):
    """Who sits before a terminal is told what it waits for, and nobody else."""
    text = b'RSP: ffffffff81000000\n'
    wanted = start(['stackof', vmcore, '-'], input=text, capture_output=True)
    suite.equal('stackof -: text from a pipe, no word', b'', wanted.stderr)
    for said_to_terminal in (True, False):
        master, slave = pty.openpty()
        os.write(master, text + b'\n')
        p = start(['stackof', vmcore, '-'], stdin=slave, stdout=subprocess.PIPE,
                  stderr=slave if said_to_terminal else subprocess.PIPE)
        os.close(slave)
        said = os.read(master, 1 << 16).replace(b'\r', b'').replace(text + b'\n', b'')
        os.close(master)
        suite.equal('stackof - on a terminal: the answer', wanted.stdout, p.stdout)
        suite.equal('stackof - on a terminal: it says what it waits for',
                    b'stackof: paste or type text; an empty line or Ctrl-D ends it\n'
                    if said_to_terminal else b'', said + (p.stderr or b''))


def memory(suite, at, kdump, elf):
    """What libkdumpfile does to memory no sanitizer of ours sees; where valgrind is."""
    if not shutil.which('valgrind'):
        suite.note('no valgrind: libkdumpfile is not watched')
        return
    flat = os.path.join(at, 'flat')
    kdump_shapes.flatten(kdump, flat)
    for name, path in (('kdump', kdump), ('ELF', elf), ('flattened', flat)):
        p = subprocess.run(['valgrind', '-q', '--error-exitcode=9', PLAIN, 'xbt', '-a', path],
                           stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
        suite.check(f'{name}: no error of memory', p.returncode == 0, 0,
                    p.stderr.decode(errors='replace')[-1500:])


def check(suite, at, kdump, elf):
    full_disk(suite, kdump)
    closed(suite, at, kdump)
    reader_goes(suite, kdump)
    waits_for_text(suite, kdump)
    memory(suite, at, kdump, elf)
