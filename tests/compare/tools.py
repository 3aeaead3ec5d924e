# SPDX-License-Identifier: GPL-2.0-or-later
"""Asks each tool for the chains of every CPU; what it printed is kept in build/compare."""
import json
import os
import re
import subprocess

import cli
from crash_session import options_for
from judge import Chain

OUT = os.path.join(cli.BUILD, 'compare')
USER_END = 1 << 47
CACHE = os.environ.get('STACKINFO_RIG_CACHE',
                       os.path.expanduser('~/.cache/stackinfo-rig'))


def in_suite(suite, *argv):
    """The command line that runs argv in a Debian release; None: in this one."""
    if suite is None:
        return list(argv)
    return [os.path.join(cli.TOP, 'testdata/make/chroot'), suite, 'run', *argv]


def output_of(argv, timeout=600, **kw):
    p = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, timeout=timeout, **kw)
    return p.stdout.decode(errors='replace')


def kept(path, sources, make):
    """The text of path; make() writes it, unless it is newer than its sources."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if not os.path.exists(path) or any(
            os.path.getmtime(path) < os.path.getmtime(s) for s in sources):
        make()
    with open(path) as f:
        return f.read()


class Ours:
    """build/stackinfo, with no namelist where it needs none."""
    title = 'stackinfo'

    def chains(self, dump):
        doc = cli.run('xbt -a -j', dump.vmcore).json()
        return {c['cpu']: self.chain(c) for c in doc['chains']}

    @staticmethod
    def chain(c):
        regs = c['end']['regs'] if c['end']['reason'] == 'user' else None
        return Chain([cli.number(f['ip']) for _, f in cli.frames_of(c)],
                     cli.number(regs.get('rip') or regs['pc']) if regs else None)


FRAME = re.compile(r'^ *#\d+ \[[0-9a-f]+\] .* at ([0-9a-f]{8,16})(?: \[\S+\])?$')
REGISTERS = re.compile(r'^    RIP: ([0-9a-f]+)  RSP: ([0-9a-f]+)')


def parse_bt(text):
    """What `bt -s` prints for one CPU. An exception's RIP is a frame; crash repeats it
    as the first line on the next stack, and may print the same registers twice."""
    frames, user, exception, last = [], None, False, None
    for line in text.splitlines():
        found = FRAME.match(line)
        if found:
            ip = int(found[1], 16)
            if not (last and last[0] == ip):
                frames.append(ip)
            last = None
        elif line.startswith('    [exception RIP:'):
            exception = True
        elif REGISTERS.match(line):
            ip, sp = (int(x, 16) for x in REGISTERS.match(line).groups())
            if not exception and ip < USER_END:
                user = ip
            elif last != (ip, sp):
                frames.append(ip)
                last = ip, sp
            exception = False
    if not frames and user is None:
        complaint = next((l for l in text.splitlines() if l.startswith('bt:')), 'prints no frame')
        return Chain([], error=complaint.strip())
    return Chain(frames, user)


class Crash:
    """crash with the slim namelist, which it takes as well as the full one."""
    program = ('crash',)
    parse = staticmethod(parse_bt)
    seconds = 600
    first = ''  # commands before those for the chains

    def __init__(self, suite):
        self.suite = suite
        text = output_of(in_suite(suite, *self.program, '--version'))
        self.version = re.search(r'crash (\S+)', text)[1]
        self.title = f'crash {self.version}'
        self.refused = set()  # kernels: it need not try (for a minute) each dump of them

    @staticmethod
    def namelist(dump):
        return dump.namelist

    def ask(self, dump, path):
        commands = path + '.in'
        cpus = range(int(dump.cpus))
        with open(commands, 'w') as f:
            f.write(self.first)
            f.writelines(f'!echo "=== CPU {c}"\nbt -s -c {c}\n' for c in cpus)
            f.write('quit\n')
        # Nobody's .crashrc.
        argv = ['env', 'HOME=/nonexistent', 'TERM=dumb', *self.program, '-s', *options_for(dump),
                '-i', commands, self.namelist(dump), dump.vmcore]
        text = output_of(in_suite(self.suite, *argv), self.seconds)
        with open(path, 'w') as f:
            f.write(text)

    def printed(self, dump):
        path = os.path.join(OUT, f'{dump.name}.crash-{self.version}')
        return kept(path, [dump.vmcore, self.namelist(dump)], lambda: self.ask(dump, path))

    def chains(self, dump):
        """By CPU; None if it does not open the dump."""
        if dump.release in self.refused:
            return None
        parts = re.split(r'^=== CPU (\d+)$', self.printed(dump), flags=re.M)[1:]
        if not parts:
            self.refused.add(dump.release)
            return None
        return {int(c): self.parse(t) for c, t in zip(parts[::2], parts[1::2])}


class Drgn:
    """drgn with the slim namelist or with the full vmlinux: the better one counts."""
    HELPER = os.path.join(cli.TOP, 'tests/compare/ask_drgn.py')
    user_end = USER_END

    def __init__(self, suite, setting):
        self.suite, self.setting = suite, setting
        self.version = output_of(in_suite(suite, 'python3', '-c',
                                          'import drgn; print(drgn.__version__)')).strip()
        self.title = f'drgn {self.version}'

    def vmlinux(self, dump):
        if self.setting == 'slim namelist':
            return dump.namelist
        return os.path.join(CACHE, dump.release, 'vmlinux')

    def answer(self, dump):
        """What ask_drgn.py wrote; an empty dict if it could not."""
        vmlinux = self.vmlinux(dump)
        if not os.path.exists(vmlinux):
            return {'failed': f'no {vmlinux}'}
        path = os.path.join(OUT, f'{dump.name}.drgn-{self.version}-' +
                            self.setting.replace(' ', '-'))
        def ask():
            text = output_of(in_suite(self.suite, 'python3', self.HELPER, dump.vmcore,
                                      vmlinux, path + '.tmp'))
            if os.path.exists(path + '.tmp'):
                os.rename(path + '.tmp', path)
            else:
                with open(path, 'w') as f:
                    json.dump({'failed': text.strip().splitlines()[-1]}, f)
        return json.loads(kept(path, [dump.vmcore, vmlinux, self.HELPER], ask))

    def chains(self, dump):
        answer = self.answer(dump)
        if 'failed' in answer:
            return None
        return {int(c): self.chain(t) for c, t in answer['cpus'].items()}

    @classmethod
    def chain(cls, told):
        if 'error' in told:
            return Chain([], error=told['error'])
        frames = [f['ip'] for f in told['frames']]
        # Frames in user mode are none of ours; one at zero is how some chains end.
        at = next((i for i, ip in enumerate(frames) if ip < cls.user_end), len(frames))
        user = frames[at] if at < len(frames) and frames[at] else None
        return Chain(frames[:at], user)
