# SPDX-License-Identifier: GPL-2.0-or-later
"""What the command says of itself, of the machine, and of its own options and streams."""
import datetime
import os
import re
import subprocess
import time

import cli

OK, USAGE = 0, 2


def start(*args, stdin=''):
    return subprocess.run([cli.STACKINFO, *args], capture_output=True, text=True, input=stdin,
                          env=cli.ENV, timeout=60)


def check_report(suite, vmcore):
    """Against the kernel's own first line, its last, and the dump's header."""
    log = cli.run('log', vmcore).out
    banner = re.search(r'Linux version (\S+) .*? (#\d.*)', log)
    last = int(re.findall(r'^\[ *(\d+)\.', log, re.M)[-1])
    online = {c['cpu'] for c in cli.ask(suite, 'xbt -a -j', vmcore)['chains']}
    crashed = re.search(rb'\0?CRASHTIME=(\d+)', open(vmcore, 'rb').read(1 << 16))
    date = datetime.datetime.fromtimestamp(int(crashed[1]), datetime.timezone.utc)
    machine = re.match(r'MACHINE((?: .*\n)+)', cli.run('', vmcore).out)[1]
    suite.check('report: what machine this is', ' '.join(machine.split()).startswith(
        f'{banner[1]} {banner[2]}, x86_64, {len(online)} CPUs, up 0:00:{last:02}, '
        f'{date:%F %T} UTC'), log[:200], machine)


def check_help(suite):
    r = start('--help')
    suite.equal('help without an argument', r.stdout, start('help').stdout)
    usage, _, rest = r.stdout.partition('\n\nCOMMANDS\n')
    commands, _, options = rest.partition('\n\nOPTIONS\n')
    suite.equal('--help: each way to call it', 4, len(re.findall('stackinfo ', usage)))
    purpose = dict(re.findall(r'^    (\w+) +(\S.*)$', commands, re.M))
    last = purpose.pop('Without')
    suite.equal('--help: the commands', {'xbt', 'tss', 'entry', 'stackof', 'log', 'oops', 'sum',
                                          'help', 'pack'},
                set(purpose))
    suite.equal('--help: without a command', 'one: why did this machine die? What its stacks and '
                'its log say together.', last)
    suite.equal('--help: the options', {
        '--namelist', '--raw', '--memory', '--vmcoreinfo', '--kaslr', '--phys-base',
        '--debuginfod', '--batch', '--timeout', '--jobs', '--help', '--version'},
        set(re.findall(r'^    (?:-\w,|   ) (--[a-z-]+)', options, re.M)))
    suite.check('--help: its last line', r.stdout.endswith(
        '\n\n"stackinfo help COMMAND" tells more.\n'), 'how to ask for more', r.stdout[-60:])
    for name, text in purpose.items():
        lines = start('help', name).stdout.splitlines()
        suite.equal(f'help {name}: its title', [f'{name} - {text}', ''], lines[:2])
        synopsis = lines[2:lines.index('', 2)]
        suite.check(f'help {name}: its synopsis', synopsis[0].startswith(f'stackinfo {name} ') and
                    all(re.match(' {6}[^ ]', line) for line in synopsis[1:]), 'in lines',
                    synopsis)
        wrong = start(name, '--nosuch')
        # "usage: " takes room in the first line.
        suite.equal(f'{name} --nosuch: the same synopsis', ['usage:'] + ' '.join(synopsis).split(),
                    wrong.stderr.partition('\n')[2].split())
        suite.check(f'{name} --nosuch: in lines', all(re.match(' {6}[^ ]', line) for line in
                    wrong.stderr.splitlines()[2:]), 'as in the help', wrong.stderr)
        suite.equal(f'{name} --help: the same', '\n'.join(lines), start(
            name, '--help').stdout.rstrip('\n'))
        suite.check(f'help {name}: its examples', any(f'    stackinfo {name} ' in line for line in
                    lines[lines.index('EXAMPLES'):]), 'one at least', lines[-3:])
    suite.equal('help bt', start('help', 'xbt').stdout, start('help', 'bt').stdout)
    suite.equal('help: one command at a time', USAGE, start('help', 'xbt', 'tss').returncode)
    wrong = start('--nosuch')
    suite.equal('--nosuch: how it is called', usage, wrong.stderr.partition('\n')[2].rstrip('\n'))


def check_seconds(suite):
    for text, status in (('0', OK), ('1', OK), ('2147483647', OK), ('08', OK), ('', USAGE),
                         ('-1', USAGE), ('+1', USAGE), (' 1', USAGE), ('1x', USAGE),
                         ('1a', USAGE), ('0x10', USAGE), ('1.5', USAGE), ('2147483648', USAGE),
                         ('99999999999999999999', USAGE)):
        suite.equal(f'--timeout "{text}"', status,
                    start('--batch', '--timeout', text, 'tss').returncode)


def check_jobs(suite):
    for text, status in (('1', OK), ('64', OK), ('0', USAGE), ('65', USAGE), ('', USAGE),
                         ('x', USAGE), ('-1', USAGE)):
        suite.equal(f'-J "{text}"', status, start('--batch', '-J', text, 'tss').returncode)
    suite.contains('-J alone', '-J needs --batch', start('-J', '2', 'tss', 'x').stderr)


def check_numbers(suite, vmcore):
    for value, known in (('x', '--kaslr'), ('', '--kaslr'), ('-1', '--kaslr'), ('1g', '--kaslr'),
                         ('x', '--phys-base'), ('', '--phys-base'), ('-', '--phys-base'),
                         ('1g', '--phys-base'), ('9' * 30, '--phys-base')):
        r = start('tss', f'{known}={value}', vmcore)
        suite.equal(f'{known}={value}: exit status', USAGE, r.returncode)
        suite.contains(f'{known}={value}: is told', f'{known}: not a number', r.stderr)


def check_descriptors(suite):
    """Without a standard stream no other file takes its place."""
    for closed in ((), (0,), (1,), (2,), (1, 2), (0, 1, 2)):
        ours, theirs = os.pipe()
        p = subprocess.Popen(
            ['sh', '-c', f'exec "$0" --batch tss {" ".join(f"{fd}>&-" for fd in closed)}'
             f' {"" if 0 in closed else f"< /dev/fd/{ours}"}', cli.STACKINFO],
            env=cli.ENV, pass_fds=(ours,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(ours)
        if 0 not in closed:
            # It waits for its list: by then what it needs is open.
            until = time.monotonic() + 20
            while time.monotonic() < until:
                with open(f'/proc/{p.pid}/wchan') as f:
                    if 'pipe' in f.read():
                        break
                time.sleep(0.01)
            open_now = {int(fd) for fd in os.listdir(f'/proc/{p.pid}/fd')} - {ours}
            suite.equal(f'without {closed}: what is open', {0, 1, 2}, open_now)
            suite.equal(f'without {closed}: what stands there', {'/dev/null'}, {
                os.readlink(f'/proc/{p.pid}/fd/{fd}') for fd in closed} or {'/dev/null'})
        os.close(theirs)
        suite.check(f'without {closed}: ends', p.wait(60) in (0, 1), 'an end', p.returncode)


def check(suite, dump):
    check_report(suite, dump.vmcore)
    check_help(suite)
    check_jobs(suite)
    check_seconds(suite)
    check_numbers(suite, dump.vmcore)
    check_descriptors(suite)
    r = start('tss', '-n', dump.namelist, dump.vmcore, '-n', os.path.dirname(dump.namelist))
    suite.equal('-n, twice: exit status', OK, r.returncode)
