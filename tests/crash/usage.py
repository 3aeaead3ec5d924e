# SPDX-License-Identifier: GPL-2.0-or-later
"""What users do: help, mistakes, pipes, files, other starting points."""
import os
import re
import subprocess
import time

import cli
import doors
from crash_session import options_for
from suite import difference


def alive(suite, what, session):
    """The session goes on: crash's own command and ours both answer."""
    suite.contains(f'{what}: crash answers afterwards', 'decimal: 42', session.command('eval 42'))
    text = session.command('tss -c 0')
    suite.contains(f'{what}: the extension answers afterwards', 'ist[3]', text)


def text_of_an_oops(dump):
    """The end of the dump's log, or of another's, where there are the kernel's registers."""
    for one in (dump, *(d for d in cli.dumps() if d.release == dump.release)):
        with open(one.log) as f:
            lines = f.readlines()[-60:]
        if any('RIP: 0010:' in line for line in lines):
            break
    return lines


def check_help(suite, dump, session, scratch):
    with open(os.path.join(scratch, 'oops.txt'), 'w') as oops:
        oops.writelines(text_of_an_oops(dump))
    # Of a text of another boot; of a machine that did not panic.
    said = ('the text is of another', 'no CPU is known to have panicked')
    for name, word in (('tss', 'task state'), ('stackof', 'ADDRESS'), ('xbt', '--pt-regs=pt_regs')):
        text = session.command(f'help {name}')
        for part in ('NAME', 'SYNOPSIS', 'DESCRIPTION', 'EXAMPLES', f'crash> {name}', word):
            suite.contains(f'{dump.name} help {name}', part, text)
        for line in text.splitlines():
            if line.strip().startswith('crash> '):
                answer = session.command(line.strip()[7:])
                suite.check(f'{dump.name} {line.strip()}: runs as printed',
                            answer.strip() and 'Usage:' not in answer and
                            (not answer.startswith(f'{name}: ') or any(
                                t in answer for t in said)), 'an answer', answer[:300])
    alive(suite, f'{dump.name} help', session)


def check_mistakes(suite, dump, session):
    """Each gets an answer that says what is wrong."""
    for line, answer in (
            ('xbt -Q', 'Usage:'), ('tss -Q', 'Usage:'), ('stackof -Q', 'Usage:'),
            ('xbt -Q', '-Q: no such option'), ('xbt --quick', '--quick: no such option'),
            ('xbt --all -A', '-a and -A exclude each other'), ('tss --cpu', 'cpus is missing'),
            ('stackof', 'Usage:'), ('tss 1', 'Usage:'), ('xbt -a -A', 'Usage:'),
            ('xbt -I 1', 'Usage:'), ('xbt -S', 'Usage:'), ('xbt -c', 'Usage:'),
            ('xbt -c 7', 'no CPU 7'), ('tss -c 7', 'no CPU 7'), ('xbt -c 0-7', 'no CPU'),
            ('xbt -c x', 'not a list of CPUs'), ('xbt -c 1-0', 'not a range'),
            ('xbt -c 99999999999', 'not a list of CPUs'), ('xbt -c ""', 'CPUs'),
            ('stackof no_such_symbol', 'no_such_symbol'), ('stackof 12zz', '12zz'),
            ('stackof current_task:9', 'current_task'), ('stackof init_task+', 'offset'),
            ('stackof 1ffffffffffffffff', 'neither'), ('stackof -f nothing', 'No such file'),
            ('stackof -f a -l', 'Usage:'), ('stackof 2..1', 'not a range'),
            ('stackof 0..ffffffffffffffff', '4 GiB'), ('stackof %rsp:7', 'no CPU 7'),
            ('stackof %none', 'no such register'), ('stackof -c x', 'not a CPU'), ('stackof ' + 'a_' * 300, 'too long'),
            ('xbt 99999999', 'no task with this PID'), ('xbt 0', 'use -c'), ('xbt zz', 'zz'),
            ('xbt ffffffffffffffff', ':'), ('xbt deadbeef00', ':'), ('xbt -1', 'Usage:'),
            ('xbt -S ffff', 'cannot read'), ('xbt -R ffff', 'cannot read'),
            ('xbt -S no_such_symbol', 'no_such_symbol'), ('xbt -R 8000000000000000', 'cannot')):
        what = f'{dump.name} {line[:40]}'
        suite.contains(what, answer, session.command(line))
        alive(suite, what, session)


def check_context(suite, dump, session, scratch):
    """Without an argument: the context that "set" gave, the panicking task at first."""
    whole = doors.ask(suite, f'{dump.name} xbt -a', session, 'xbt -a -j', scratch)
    mine = doors.ask(suite, f'{dump.name} xbt', session, 'xbt -j', scratch)
    if not whole or not mine:
        return
    for chain in whole['chains']:
        session.command(f'set {chain["task"]["address"][2:]}')
        mine = doors.ask(suite, f'{dump.name} xbt', session, 'xbt -j', scratch)
        suite.equal(f'{dump.name} xbt after "set" to CPU {chain["cpu"]}: difference', None,
                    difference([chain], mine['chains']) if mine else 'no answer')


def check_unknown_pid(suite, dump, session, scratch):
    """PIDs that crash's own table lacks: crash 8.0.2 finds few tasks of these dumps."""
    told = {w[1] if w[0] == '>' else w[0]
            for w in (line.split() for line in session.command('ps').splitlines()) if len(w) > 3}
    tasks = cli.ask(suite, 'xbt -A -j', dump.vmcore, namelist=dump.namelist)
    lacks = [c for c in tasks['chains'] if str(c['task']['pid']) not in told] if tasks else []
    suite.check(f'{dump.name}: there are PIDs that crash lacks', lacks, 'some', told)
    for chain in lacks[:5]:
        pid = chain['task']['pid']
        mine = doors.ask(suite, f'{dump.name} xbt {pid}', session, f'xbt -j {pid}', scratch)
        suite.equal(f'{dump.name} xbt {pid}, which crash lacks: difference', None,
                    difference([chain], mine['chains']) if mine else 'no answer')


def rows(chain, begin=0):
    """What two chains must share to be the same from a frame on."""
    found = [(seg['stack']['kind'], seg['stack']['cpu'], f['ip'], f['sp'], f['function'],
              f['offset'], f['module']) for seg, f in cli.frames_of(chain)]
    return found[begin:] + [(chain['end']['reason'], chain['end']['regs'])]


def check_starts(suite, dump, session, scratch):
    """-S/-I/-B and -R in the midst of a known chain give its tail."""
    whole = doors.ask(suite, f'{dump.name} xbt -a', session, 'xbt -a -j', scratch)
    count = 0
    for chain in whole['chains'] if whole else []:
        for i, (_, frame) in enumerate(cli.frames_of(chain)):
            starts = []
            regs = frame['regs']
            if regs:
                starts.append(f'-S {regs["rsp"]} -I {regs["rip"]} -B {regs["rbp"]}')
            if frame['regs_at']:
                starts.append(f'-R {frame["regs_at"]}')
            if frame['return_address_at']:
                starts.append(f'-S {frame["return_address_at"]}')
            for start in starts:
                what = f'{dump.name} xbt {start}'
                doc = doors.ask(suite, what, session, f'xbt -j {start}', scratch)
                if doc:
                    suite.equal(f'{what}: the tail of the chain', rows(chain, i),
                                rows(doc['chains'][0]))
                    count += 1
    if any(cli.frames_of(c) for c in whole['chains']):
        suite.check(f'{dump.name}: other starts', count, 'some', count)
    suite.note(f'{dump.name}: {count} starts in the midst of a chain')


def check_pipes(suite, dump, session, scratch):
    whole = session.command('xbt -a')
    wanted = [line for line in whole.splitlines() if 'PID:' in line]
    came = session.command('xbt -a | grep PID:').strip().splitlines()
    suite.equal(f'{dump.name} xbt -a | grep', wanted, came)
    alive(suite, f'{dump.name} | grep', session)
    # The reader leaves at once: SIGPIPE or EPIPE must not end the session.
    for reader in ('head -1', 'true', 'sleep 0'):
        text = session.command(f'xbt -A | {reader}')
        if reader == 'head -1':
            suite.equal(f'{dump.name} xbt -A | head -1', 1, len(text.strip().splitlines()))
        alive(suite, f'{dump.name} xbt -A | {reader}', session)
    path = os.path.join(scratch, 'text')
    session.command(f'xbt -a > {path}')
    with open(path) as f:
        suite.equal(f'{dump.name} xbt -a > file', whole.strip(), f.read().strip())
    session.command(f'tss >> {path}')
    with open(path) as f:
        suite.contains(f'{dump.name} tss >> file', 'ist[0]', f.read())
    for command in ('xbt -A', 'xbt -c 0'):   # more, and less, than stdio collects
        suite.contains(f'{dump.name} {command} > /dev/full: is told', 'could not be written',
                       session.command(f'{command} > /dev/full'))
    alive(suite, f'{dump.name} > /dev/full', session)


def check_text(suite, dump, session, scratch):
    """An oops as stackof gets it in crash: a file, the command's own input, the terminal."""
    wanted = cli.run(f'stackof -f {dump.log}', dump.vmcore, namelist=dump.namelist).out
    suite.equal(f'{dump.name} stackof -f', wanted.splitlines(),
                session.command(f'stackof -f {dump.log}').splitlines())
    alive(suite, f'{dump.name} stackof -f', session)

    # crash runs the command once for each line, and takes blanks and quotes away.
    def words(text):
        return [line.replace('"', '').split() for line in text.splitlines() if line.strip()]
    # One line by itself does not tell that the whole text has no address.
    wanted = re.sub(r'^stackof: no word of this text .*\n', '', wanted, flags=re.M)
    suite.equal(f'{dump.name} stackof < file', words(wanted),
                words(session.command(f'stackof < {dump.log}')))
    alive(suite, f'{dump.name} stackof < file', session)

    with open(dump.log) as f:
        lines = [line.rstrip('\n') for line in f][-60:]
    path = os.path.join(scratch, 'pasted')
    with open(path, 'w') as f:
        f.write('\n'.join(line for line in lines if line) + '\n')
    wanted = cli.run(f'stackof -f {path}', dump.vmcore, namelist=dump.namelist).out
    session.send(f'stackof - > {path}')
    for line in lines:
        if line:
            session.send(line)
    suite.contains(f'{dump.name} stackof -: prompts', 'paste or type text; an empty line',
                   session.command(''))
    with open(path) as f:
        suite.equal(f'{dump.name} stackof -: what was pasted', wanted, f.read())
    alive(suite, f'{dump.name} stackof -', session)

    # Ctrl-C while it waits.
    session.send('stackof -')
    session.send('RSP: 0018:ffffffff81000000')
    time.sleep(0.5)
    session.interrupt()
    session.settle()
    alive(suite, f'{dump.name} stackof -, Ctrl-C', session)

    # A command's output cannot be piped to another's input; by way of a file it can.
    session.command(f'log > {path}')
    with open(path) as f:
        suite.contains(f'{dump.name} log > file', lines[-1].split('] ', 1)[-1], f.read())
    through_file = [line for line in session.command(f'stackof -f {path}').splitlines()
                    if line.startswith('    ffff')]
    suite.equal(f'{dump.name} stackof -l, and log > file', through_file,
                [line for line in session.command('stackof -l').splitlines()
                 if line.startswith('    ffff')])
    alive(suite, f'{dump.name} stackof -l', session)


def check_script(suite, dump):
    """Commands from a pipe: what follows "stackof -" is its text, up to an empty line."""
    with open(dump.log) as f:
        line = [line for line in f if 'RSP: 0018:' in line][-1].strip()
    script = f'extend {cli.EXTENSION}\nstackof -\n{line}\n\neval 42\nquit\n'
    p = subprocess.run(['crash', '-s', *options_for(dump), dump.namelist, dump.vmcore],
                       input=script, capture_output=True, text=True, timeout=120,
                       env=dict(os.environ, HOME='/nonexistent', LC_ALL='C'))
    suite.equal(f'{dump.name} crash < script: exit status', 0, p.returncode)
    address = line.split('RSP: 0018:')[1].split()[0]
    suite.contains(f'{dump.name} crash < script: stackof -', f'{line}\n    {address}: ', p.stdout)
    suite.contains(f'{dump.name} crash < script: what follows', 'decimal: 42', p.stdout)


def check_map(suite, dump, session):
    for command in ('stackof -m', 'stackof -m -v'):
        wanted = cli.run(command, dump.vmcore, namelist=dump.namelist).out
        suite.equal(f'{dump.name} {command}', wanted.splitlines(),
                    session.command(command).splitlines())
    alive(suite, f'{dump.name} stackof -m', session)


def check_reload(suite, dump, session):
    before = session.command('xbt -a')
    for _ in range(3):
        suite.contains(f'{dump.name} extend -u', 'unloaded',
                       session.command(f'extend -u {cli.EXTENSION}'))
        text = session.command('xbt -a')
        suite.contains(f'{dump.name} xbt when unloaded', 'not found', text)
        suite.contains(f'{dump.name} extend again', 'shared object loaded',
                       session.command(f'extend {cli.EXTENSION}'))
        suite.equal(f'{dump.name} xbt -a after extend again', before, session.command('xbt -a'))
    suite.contains(f'{dump.name} extend twice', 'already loaded',
                   session.command(f'extend {cli.EXTENSION}'))
    alive(suite, f'{dump.name} extend', session)


def load(suite, dump, session):
    """extend and the first question, with the time that each takes."""
    began = time.monotonic()
    suite.contains(f'{dump.name} extend', 'shared object loaded',
                   session.command(f'extend {cli.EXTENSION}'))
    loaded = time.monotonic()
    text = session.command('xbt -a')
    first = time.monotonic()
    suite.contains(f'{dump.name} first xbt -a', 'PID:', text)
    suite.note(f'{dump.name}: extend took {(loaded - began) * 1000:.1f} ms, '
               f'the first "xbt -a" {(first - loaded) * 1000:.1f} ms')


def check_minimal(suite, dump, session):
    """crash --minimal has no tasks and no types: it must refuse, and go on."""
    text = session.command(f'extend {cli.EXTENSION}')
    suite.contains(f'{dump.name} --minimal extend', 'minimal mode', text)
    for line in ('tss', 'stackof 0', 'xbt -a'):
        text = session.command(line)
        suite.contains(f'{dump.name} --minimal {line}', 'minimal mode', text)
        suite.contains(f'{dump.name} --minimal {line}: crash answers afterwards', 'jiffies',
                       session.command('sym jiffies'))


def check(suite, dump, session, scratch):
    check_help(suite, dump, session, scratch)
    check_mistakes(suite, dump, session)
    check_context(suite, dump, session, scratch)
    check_unknown_pid(suite, dump, session, scratch)
    check_starts(suite, dump, session, scratch)
    check_pipes(suite, dump, session, scratch)
    check_text(suite, dump, session, scratch)
    if not dump.name.endswith('-entry-pf'):  # its log has no registers
        check_script(suite, dump)
    check_map(suite, dump, session)
    check_reload(suite, dump, session)
