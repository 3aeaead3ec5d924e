# SPDX-License-Identifier: GPL-2.0-or-later
"""The examples of help, README and manual page run as they are printed.

In a folder that has a "vmcore", an "oops.txt", a "memory.img", "reports.json" and, for -n, a "vmlinux".
"""
import glob
import os
import re
import shlex
import subprocess

import cli
import images

# Needs root, and a machine that may be looked at.
NOT_HERE = '/proc/kcore'
RAW = '--raw'
NO_NOTE, LOSS = 'no VMCOREINFO note', 'not in the dump'
OK, FAILED, DOUBT = 0, 1, 4
# What commands of other machines say of an x86_64 one.
ELSEWHERE = {'entry': 'entry: x86_64 has a TSS: see the command tss'}


def prepare(at, dump, elf):
    os.makedirs(os.path.join(at, 'bin'))
    os.symlink(os.path.abspath(dump.vmcore), os.path.join(at, 'vmcore'))
    os.symlink(os.path.abspath(dump.namelist), os.path.join(at, 'vmlinux'))
    os.symlink(os.path.abspath(cli.STACKINFO), os.path.join(at, 'bin/stackinfo'))
    with open(dump.log) as f, open(os.path.join(at, 'oops.txt'), 'w') as oops:
        oops.writelines(f.readlines()[-60:])
    with open(os.path.join(at, 'reports.json'), 'w') as f:
        subprocess.run([cli.STACKINFO, '--batch', dump.vmcore], stdout=f, check=True)
    with open(elf.vmcore, 'rb') as f:
        memory = images.Memory(f)
        images.write_raw(memory, os.path.join(at, 'memory.img'), [(0, memory.end)])


def run(at, line):
    # What an example before has written.
    for name in glob.glob(os.path.join(at, '*.vmcore')):
        os.unlink(name)
    env = dict(cli.ENV, PATH=f'{at}/bin:{os.environ["PATH"]}')
    return subprocess.run(line, shell=True, cwd=at, env=env, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60)


def commands(text):
    """Lines of a text that begin with one of ours, without what a comment says."""
    return [re.sub(r'\s{2,}#.*', '', line).strip() for line in text.splitlines()
            if re.match(r'(    |)(stackinfo|find) ', line)]


def of_page(path):
    with open(path) as f:
        blocks = re.findall(r'^\.SH EXAMPLES\n\.EX\n(.*?)^\.EE', f.read(), re.S | re.M)
    return commands('\n'.join(blocks).replace('\\-', '-').replace('\\e', '\\'))


def of_readme(path):
    with open(path) as f:
        return commands(f.read())


def of_tables(path):
    """What stands between backquotes in the rows of tables."""
    with open(path) as f:
        rows = [line for line in f if line.startswith('|')]
    return list(dict.fromkeys(re.findall('`(stackinfo [^`]*)`', ''.join(rows))))


def of_help(at):
    listed = run(at, 'stackinfo help').stdout
    names = re.findall(r'^    ([a-z]+) ', listed.split('COMMANDS')[1].split('OPTIONS')[0], re.M)
    return {n: commands(run(at, f'stackinfo help {n}').stdout.partition('EXAMPLES')[2])
            for n in names}


def check_help(suite, at, name):
    """A command's help: the option of every command, and "--help" after it, say the same."""
    text = run(at, f'stackinfo help {name}').stdout
    suite.contains(f'help {name}: how it is called here', f'\nstackinfo {name} ', text)
    suite.check(f'help {name}: nothing that only a format has', '%%' not in text and
                '%s' not in text, 'no %%', text)
    suite.check(f'help {name}: fits', all(len(line) <= 80 for line in text.splitlines()),
                '80 columns', text)
    suite.equal(f'{name} --help', text, run(at, f'stackinfo {name} --help').stdout)


def elsewhere(at):
    """The same with the dump of another machine; None: there is none."""
    dump = next(iter(cli.other_machines()), None)
    if not dump:
        return None
    folder = os.path.join(at, 'elsewhere')
    os.makedirs(folder)
    os.symlink(os.path.join(at, 'bin'), os.path.join(folder, 'bin'))
    os.symlink(os.path.abspath(dump.vmcore), os.path.join(folder, 'vmcore'))
    return folder


def check(suite, at, dump, elf):
    prepare(at, dump, elf)
    sources = of_help(at)
    for name in sources:
        check_help(suite, at, name)
    other = elsewhere(at)
    sources['README'] = of_readme(os.path.join(cli.TOP, 'README.md'))
    sources['COMING-FROM'] = of_tables(os.path.join(cli.TOP, 'COMING-FROM.md'))
    for page in ('stackinfo.1', 'stackinfo-json.5'):
        sources[page] = of_page(os.path.join(cli.BUILD, page))
    answers = {}  # many stand in more than one place
    for source, lines in sources.items():
        suite.check(f'{source}: has examples', lines, 'some', lines)
        for line in lines:
            if NOT_HERE in line:
                continue
            if line not in answers:
                answers[line] = run(at, line.replace('/var/crash', shlex.quote(at)))
            p = answers[line]
            told_here = ELSEWHERE.get(line.split()[1])
            if told_here:
                suite.equal(f'{source}: {line}: of x86_64', (FAILED, '', told_here + '\n'),
                            (p.returncode, p.stdout, p.stderr))
                if not other:
                    continue
                p = run(other, line)
            suite.check(f'{source}: {line}', p.returncode in (OK, DOUBT) and p.stdout,
                        'an answer', f'{p.returncode}: {p.stderr[-500:]}')
            # A small dump may have been made by a program that did not know the command.
            expected = NO_NOTE if RAW in line else LOSS if told_here else None
            told = [c for c in p.stderr.splitlines() if not expected or expected not in c]
            suite.equal(f'{source}: {line}: complaints', [], told)
