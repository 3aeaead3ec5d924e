# SPDX-License-Identifier: GPL-2.0-or-later
"""oops: a text from anywhere, a dump, both at once, and none."""
import json
import os
import subprocess

import cli
import schema

OK, FAILED, USAGE = 0, 1, 2
NOTHING = 'no event of the kernel in this text\n'
PANIC = ('[    1.5] Kernel panic - not syncing: \x1b[31mA\x9b\x1b]0;x\x07B\n'
         '[    1.5] CPU: 0 PID: 1 Comm: \x1b[2Jinit\u202e Not tainted 6.1.0 #1 \x9bx\n'
         '[    1.5] Call Trace:\n'
         '[    1.5]  panic+0x118/0x2f4\n'
         '[    1.5]  foo_\u202elost+0x2f/0x60 [mod\x9b]\n'
         '[    1.5]  foo_lost+0x2f/0x60 [mod]\n')


def oops(*args, stdin=b''):
    p = subprocess.run([cli.STACKINFO, 'oops', *args], input=stdin, capture_output=True,
                       env=cli.ENV, timeout=60)
    return cli.Result(p.returncode, p.stdout.decode(), p.stderr.decode())


def ways(suite, dump):
    """The same answer, however the text comes; a dump has the lines before, too."""
    with open(dump.log, 'rb') as f:
        text = f.read()
    by_name, by_pipe, by_dash = oops(dump.log), oops(stdin=text), oops('-', stdin=text)
    suite.equal('oops FILE: exit status', OK, by_name.status)
    for title in ('MACHINE', 'DIED OF', 'SIGNATURE', 'CHAIN', 'EVENTS'):
        suite.contains(f'oops FILE: {title}', f'\n{title}  ', '\n' + by_name.out)
    suite.check('oops FILE: fits', all(len(line) <= 100 for line in by_name.out.splitlines()),
                '100 columns', by_name.out)
    suite.equal('oops, from a pipe', by_name.out, by_pipe.out)
    suite.equal('oops -', by_name.out, by_dash.out)
    told = by_name.out.partition('EVENTS')[0]
    for args in (('oops', dump.vmcore), (dump.vmcore, 'oops')):
        p = subprocess.run([cli.STACKINFO, *args], capture_output=True, text=True,
                           env=cli.ENV, timeout=60)
        suite.equal(f'{" ".join(args)}: as of its log', told, p.stdout.partition('EVENTS')[0])
    doc = oops('-j', dump.log).json()
    suite.equal('oops -j: what the schema does not allow', None, schema.problem(doc))
    suite.check('oops -j: no kernel but the text\'s', 'kernel' not in doc, 'none', doc.keys())
    of_dump = oops('-j', dump.vmcore).json()
    suite.equal('oops -j VMCORE: what the schema does not allow', None, schema.problem(of_dump))
    suite.equal('oops -j VMCORE: signature', doc['signature'], of_dump['signature'])
    suite.equal('oops -j VMCORE: whose', doc['machine']['release'], of_dump['kernel']['release'])
    p = subprocess.run([cli.STACKINFO, '--batch', 'oops', dump.vmcore], capture_output=True,
                       text=True, env=cli.ENV, timeout=60)
    suite.equal('--batch oops', of_dump, json.loads(p.stdout)['answer'])


def pipes(suite, at):
    """To look whether it is a dump takes nothing of it: the event is in its first bytes."""
    text = b'Kernel panic - not syncing: all of it\n'
    path = os.path.join(at, 'oops first')
    with open(path, 'wb') as f:
        f.write(text)
    ours, theirs = os.pipe()
    os.write(theirs, text)
    os.close(theirs)
    p = subprocess.run([cli.STACKINFO, 'oops', '/dev/stdin'], stdin=ours, capture_output=True,
                       text=True, env=cli.ENV, timeout=60)
    os.close(ours)
    suite.contains('oops FILE: the panic', 'panic: all of it', p.stdout)
    suite.equal('oops FILE, which is a pipe', oops(path).out, p.stdout)


def nothing(suite, at):
    for name, text in (('empty', b''), ('zeros', bytes(5000)), ('one line', b'\n' * 9),
                       ('noise', bytes(range(256)) * 99), ('long', b'BUG' * 99999)):
        path = os.path.join(at, f'oops {name}')
        with open(path, 'wb') as f:
            f.write(text)
        r = oops(path)
        suite.equal(f'oops of {name}', (OK, NOTHING, ''), (r.status, r.out, r.err))
        doc = oops('-j', path).json()
        suite.equal(f'oops -j of {name}', ([], None, None),
                    (doc['events'], doc['death'], doc['signature']))
        suite.equal(f'oops -j of {name}: schema', None, schema.problem(doc))
    for args, status, text in ((('/none',), FAILED, '/none: No such file'), ((at,), FAILED, at),
                               (('a', 'b'), USAGE, 'usage: stackinfo oops'),
                               (('-x',), USAGE, 'usage: stackinfo oops')):
        r = oops(*args)
        suite.equal(f'oops {args}: exit status', status, r.status)
        suite.contains(f'oops {args}: is told', text, r.err)
        suite.equal(f'oops {args}: no answer', '', r.out)


def attack(suite):
    """Whatever the text has, nothing but printable ASCII comes out."""
    text = PANIC.encode()
    for args in ((), ('-v',), ('-j',)):
        r = oops(*args, stdin=text)
        suite.equal(f'oops {args}, hostile: exit status', OK, r.status)
        suite.check(f'oops {args}, hostile: printable', all(' ' <= c <= '~' or c == '\n'
                                                            for c in r.out), 'ASCII', r.out)
        suite.contains(f'oops {args}, hostile: an answer', 'foo_lost', r.out)
    suite.equal('oops -j, hostile: schema', None, schema.problem(oops('-j', stdin=text).json()))


def check(suite, at, dump):
    ways(suite, dump)
    pipes(suite, at)
    nothing(suite, at)
    attack(suite)
