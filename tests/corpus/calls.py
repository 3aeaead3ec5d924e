# SPDX-License-Identifier: GPL-2.0-or-later
"""No invented frames: each return address is where it is said to be, a call goes
before it, and that call leads to the next inner frame.

Reads the dump and decodes the calls by itself (lib/vmcore.py), not by the library.
"""
import struct

import cli
import vmcore

# Return addresses that no call pushed: function → the bytes before the address.
PUSHED_OTHERWISE = {
    # pushq $.Lafter_lret; ...; lretq (arch/x86/kernel/head_64.S)
    'secondary_startup_64_no_verify': bytes.fromhex('48cb'),
}

# Called function → what is found in its place, since it leaves by a jump (a tail call).
TAIL_CALLS = {
    # One switch over all system calls; each leaves by a jump, some twice.
    'x64_sys_call': ('__x64_sys_', '__do_sys_', 'ksys_'),
    'schedule_timeout_interruptible': ('schedule_timeout',),
    'schedule_timeout_uninterruptible': ('schedule_timeout',),
    'vfs_open': ('do_dentry_open',),
    'arch_cpu_idle': ('amd_e400_idle', 'default_idle', 'mwait_idle'),  # a static call
}

# What tracers put in place of a return address.
TRAMPOLINES = {'return_to_handler', 'kretprobe_trampoline', '__kretprobe_trampoline',
               'arch_rethook_trampoline'}

# How far into the called function its jump is looked for.
JUMP_RANGE = 1024
LABEL_RANGE = 64


def call_before(core, ip):
    """None, or (kind, target): 'direct' with its target, or 'indirect'."""
    code = core.read(ip - 7, 7)
    if code[2] == 0xe8:
        return 'direct', ip + struct.unpack('<i', code[3:])[0] & vmcore.MASK
    for length in range(2, 8):
        op = code[7 - length:]
        if op[0] != 0xff or op[1] >> 3 & 7 != 2:
            continue
        mod, rm = op[1] >> 6, op[1] & 7
        size = 2 + {0: 0, 1: 1, 2: 4, 3: 0}[mod]
        if mod != 3 and rm == 4:
            size += 1
            if mod == 0 and op[2] & 7 == 5:
                size += 4
        elif mod == 0 and rm == 5:
            size += 4
        if size == length:
            return 'indirect', None
    return None


def base_name(function):
    """Without the suffixes that a compiler gives to the parts of a function."""
    for suffix in ('.cold', '.part.', '.isra.', '.constprop.'):
        function = function.split(suffix)[0]
    return function


def jump_targets(core, target):
    """Where the jmp and jcc rel32 soon after @target lead to."""
    code = b''
    for size in (vmcore.PAGE - target % vmcore.PAGE, JUMP_RANGE):
        try:
            code = core.read_blanked(target, min(size, JUMP_RANGE))
        except vmcore.NotThere:
            if not core.packed and not code:
                raise
            break
    for i in range(1, len(code) - 4):
        if code[i - 1] == 0xe9 or code[i - 1] & 0xf0 == 0x80 and i > 1 and code[i - 2] == 0x0f:
            yield target + i + 4 + struct.unpack_from('<i', code, i)[0] & vmcore.MASK


def jumps_to(core, target, begin, depth=3):
    """Does the function at @target go on in the one at @begin (tail calls)?"""
    onward = set(jump_targets(core, target))
    return begin in onward or depth > 1 and any(
        jumps_to(core, t, begin, depth - 1) for t in onward if core.names(t))


def leads_to(core, target, inner):
    """Does a direct call to target explain that the next inner frame is inner? None: the
    code that would tell is not in the small dump."""
    if inner['function'] is None:
        return True  # code without a name: nobody knows where it begins
    start = cli.number(inner['ip']) - inner['offset']
    if target == start:
        return True
    names = core.names(target)
    if any(n.startswith('__x86_indirect_thunk_') for n in names):
        return True  # the thunk jumps to what a register holds
    # A jump at the end of the called function (a tail call), or a label within it.
    if jumps_to(core, target, start) or target < start < target + LABEL_RANGE:
        return True
    if inner['module'] is not None:
        return False
    if base_name(inner['function']) in {base_name(n) for n in names}:
        return True  # f() went on in f.cold or f.part.0
    if any(inner['function'].startswith(TAIL_CALLS.get(n, ())) for n in names):
        return True
    return None if core.packed else False


def freed(core, ip):
    """The kernel frees the code of its start; pages are zero or not in the dump."""
    return core.symbol('_sinittext') <= ip < core.symbol('_einittext')


class Counts:
    def __init__(self):
        self.frames = self.direct = self.indirect = self.other = self.freed = 0
        self.untold = 0


def check_chain(suite, what, core, chain, counts):
    inner = None
    for _, frame in cli.frames_of(chain):
        slot, ip = frame['return_address_at'], cli.number(frame['ip'])
        where = f'{what}: {frame["function"]}+{frame["offset"]} at {frame["ip"]}'
        before, inner = inner, frame
        if not frame['reliable'] or slot is None:
            continue
        counts.frames += 1
        word = core.u64(cli.number(slot))
        if (frame['note'] or '').startswith('return address replaced'):
            suite.check(f'{where}: a trampoline is at {slot}',
                        core.names(word) & TRAMPOLINES, TRAMPOLINES, core.names(word))
        else:
            suite.equal(f'{where}: the word at {slot}', hex(ip), hex(word))
        # The namelist must agree about where the function begins.
        if frame['module'] is None and frame['function']:
            names = core.names(ip - frame['offset'])
            suite.check(f'{where}: the namelist has it there', frame['function'] in names,
                        frame['function'], names)
        if freed(core, ip):
            counts.freed += 1
            continue
        call = call_before(core, ip)
        if call is None:
            wanted = PUSHED_OTHERWISE.get(frame['function'])
            counts.other += 1
            suite.check(f'{where}: a call goes before',
                        wanted is not None and core.read(ip - len(wanted), len(wanted)) == wanted,
                        'call', core.read(ip - 8, 8).hex())
            continue
        if call[0] == 'indirect':
            counts.indirect += 1
            continue
        counts.direct += 1
        if before is None:
            # A sleeping task's first frame: whoever saved its stack pointer.
            suite.check(f'{where}: calls the switch',
                        '__switch_to_asm' in core.names(call[1]), '__switch_to_asm',
                        core.names(call[1]))
            continue
        leads = leads_to(core, call[1], before)
        counts.untold += leads is None
        suite.check(f'{where}: the call leads to {before["function"]}', leads is not False,
                    before['function'], core.names(call[1]) or hex(call[1]))


def check(suite, dump, core):
    counts = Counts()
    for command in ('xbt -a -j', 'xbt -A -j'):
        doc = cli.ask(suite, command, dump.vmcore)
        for chain in doc['chains'] if doc else []:
            task = chain['task'] or {'pid': None}
            check_chain(suite, f'{dump.name} {command[4:6]} PID {task["pid"]}', core, chain,
                        counts)
    suite.check(f'{dump.name}: there were calls to check', counts.direct > 100, '> 100',
                counts.direct)
    suite.note(f'{dump.name}: {counts.frames} return addresses: after {counts.direct} direct '
               f'and {counts.indirect} indirect calls, {counts.other} pushed otherwise, '
               f'{counts.freed} in code that was freed')
    suite.check(f'{dump.name}: calls to code that is not there are few',
                counts.untold < counts.direct / 50, counts.direct / 50, counts.untold)
    # Those are known: the way from the kernel's start to the first idle task.
    suite.check(f'{dump.name}: frames in freed code', counts.freed <= 4, '<= 4', counts.freed)
