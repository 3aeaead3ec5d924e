# SPDX-License-Identifier: GPL-2.0-or-later
"""Registers by hand, of a dump that has none: the chains must be those of its notes."""
import os
import struct
import subprocess

import capture
import cli
from vmcore import MASK, Vmcore, symbols_of


NAMES = ('r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs rflags rsp '
         'ss').split()


def noted(core, cpu):
    """The registers in the CPU's note, by a reader that is not ours."""
    notes = core.u64(core.symbol('crash_notes'))
    at = notes + core.u64(core.symbol('__per_cpu_offset') + 8 * cpu) & MASK
    return dict(zip(NAMES, struct.unpack('<21Q', core.read(at + 20 + 112, 21 * 8))))


def bt(regs):
    """As crash prints them, below a header and a frame of its own."""
    text = ' #0 [fffffe0000045f00] machine_kexec at ffffffff81090521\n' \
           '    [exception RIP: some_function+17]\n'
    for i, name in enumerate(NAMES):
        text += f'{name.upper():>8}: {regs[name]:016x}' + ('\n' if i % 3 == 2 else ' ')
    return text


def monitor(regs):
    """As QEMU's monitor does."""
    text = ''.join(f'{name.upper():3}={regs[name]:016x}' + ('\n' if i % 4 == 3 else ' ')
                   for i, name in enumerate(n for n in NAMES if n[0] == 'r' and n != 'rflags'))
    return text + (f'\nRFL={regs["rflags"]:08x} [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=0\n'
                   f'CS ={regs["cs"]:04x} 0000000000000000 ffffffff 00a09b00 DPL=0 CS64 [-RA]\n'
                   f'SS ={regs["ss"]:04x} 0000000000000000 ffffffff 00c09300 DPL=0 DS   [-WA]\n')


def debugger(regs):
    """As gdb does."""
    return ''.join(f'{name:<15}{regs[name]:#x}   {regs[name]}\n' for name in NAMES
                   if name != 'orig_rax').replace('rflags ', 'eflags ')


def formats(log, regs):
    """(what, its text) of registers of CPU 1"""
    yield 'oops', log
    yield 'oops, colours', log.replace('RIP:', '\033[31mRIP:\033[0m').replace('\n', '\r\n')
    yield 'oops, syslog', ''.join(f'Nov 26 07:06:26 host kernel: {line}\n'
                                  for line in log.splitlines())
    yield 'oops, JSON log', log.replace('\n', '\\n')
    yield 'bt', f'PID: 1  TASK: 0  CPU: 1  COMMAND: "sh"\n{bt(regs)}'
    yield 'bt, no CPU', bt(regs)
    yield 'monitor', f'\nCPU#1\n{monitor(regs)}'
    yield 'gdb', debugger(regs)


def wrong(suite, at, path):
    for text, options, told in (
            ('nothing\n', '', 'no registers of a CPU in it\n'),
            (bt(dict.fromkeys(NAMES, 0x33)), '', 'but those of user mode'),
            ('CPU: 9 PID: 1\nRIP: 0010:0xffffffff81000000\nRSP: 0018:ffff888000000000\n', '',
             'there is no CPU 9'),
            ('CPU: 1 PID: 1\nRIP: 0010:no_such+0x1/0x2\nRSP: 0018:ffff888000000000\n', '',
             'no function no_such'),
            ('CPU: 1 PID: 1\nRIP: 0010:0xffffffff81000000\n', '', 'there is no rsp'),
            ('CPU: 1 PID: 1\nRIP: 0010:0xffffffff81000000\nRSP: 0018:ffff888000000000\n', '0:',
             'registers of CPU 1, not of 0')):
        name = os.path.join(at, 'wrong')
        with open(name, 'w') as f:
            f.write(text)
        r = cli.run(f'xbt --regs {options}{name}', path)
        suite.equal(f'wrong: {told}: exit status', 2, r.status)
        suite.contains(f'wrong: {told}', told, r.err)
    r = cli.run('xbt --regs /nonexistent', path)
    suite.equal('wrong: no file: exit status', 2, r.status)
    suite.contains('wrong: no file', 'No such file', r.err)


def garbage(suite, at, path):
    """Registers of who knows where: no chain of theirs is certain."""
    name = os.path.join(at, 'garbage')
    with open(name, 'w') as f:
        f.write('CPU: 1 PID: 1\nRIP: 0010:schedule+0x1/0x2\nRSP: 0018:ffff888000000000\n')
    for chain in cli.run(f'xbt -a -j --regs {name}', path).json()['chains']:
        if chain['cpu'] == 1:
            suite.equal('garbage: from', 'text', chain['start']['from'])
            suite.equal('garbage: confidence', 'broken', chain['confidence'])


def check(suite, at, dump):
    """CPU 1 died of an oops, CPU 0 printed its registers before."""
    path, name = os.path.join(at, 'silent'), os.path.join(at, 'regs')
    core = Vmcore(dump.vmcore, symbols_of(dump.namelist))
    wanted = {c['cpu']: c for c in cli.ask(suite, 'xbt -a -j', dump.vmcore)['chains']}
    capture.silent(path, dump, wanted)
    with cli.keep(path):
        check_texts(suite, at, dump, path, core, name, wanted)
    subprocess.run(['rm', '-f', path], check=True)


def check_texts(suite, at, dump, path, core, name, wanted):
    with open(dump.log) as f:
        log = f.read()
    for what, text in formats(log, noted(core, 1)):
        with open(name, 'w') as f:
            f.write(text)
        answer = cli.ask(suite, f'xbt -j --regs {name}', path)
        chains = {c['cpu']: c for c in answer['chains']} if answer else {}
        suite.check(f'{what}: the chain of CPU 1', 1 in chains, 'one', sorted(chains))
        for cpu, chain in chains.items():
            of = f'{what}: CPU {cpu}'
            suite.equal(f'{of}: that of its note', capture.frames(wanted[cpu]),
                        capture.frames(chain))
            suite.equal(f'{of}: from', 'text', chain['start']['from'])
            suite.equal(f'{of}: is told', f'registers from {name}', chain['start']['note'])
            # The code that stopped it has left the same registers on a stack.
            suite.equal(f'{of}: confidence', wanted[cpu]['confidence'], chain['confidence'])
        suite.contains(f'{what}: is told in text', f'(registers from {name})',
                       cli.run(f'xbt --regs {name}', path).out)
    with open(name, 'w') as f:
        f.write(monitor(noted(core, 0)))
    for command in (f'xbt -c 0 --regs {name}', f'xbt --regs 0:{name}'):
        chain = cli.ask(suite, f'{command} -j', path)['chains'][0]
        suite.equal(f'{command}: CPU', 0, chain['cpu'])
    moved(suite, at, path, core, name)
    wrong(suite, at, path)
    garbage(suite, at, path)


def moved(suite, at, path, core, name):
    """Nothing in the dump has these registers: they are the user's word."""
    regs = dict(noted(core, 1), rflags=0x202)
    with open(name, 'w') as f:
        f.write(bt(regs))
    chain = cli.run(f'xbt -j --regs 1:{name}', path).json()['chains'][0]
    suite.equal('not in the dump: confidence', 'doubtful', chain['confidence'])
    suite.contains('not in the dump: is told', 'nothing in the dump vouches',
                   chain['confidence_why'])
    first = chain['segments'][0]['frames'][0]
    suite.equal('not in the dump: the first frame', False, first['reliable'])
