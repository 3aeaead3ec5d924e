# SPDX-License-Identifier: GPL-2.0-or-later
"""Is a chain right? One rule for every tool.

The frames of the truth file must be there, all of them, in order, none between and none
after them. Newer ones may go before, if that is the code that stopped the CPU or the
handler of the exception or interrupt with which the truth begins, and all of them are
code. If the chain ends in user mode and the tool tells where, that must be true. Nothing else counts:
no register, stack or symbol that a tool does or does not show.
"""
import truth

# How a CPU stops for good: in the NMI of a kdump, in the interrupt of a panic without.
STOPPING = truth.DUMP_MACHINERY | truth.AFTER_PANIC | {
    'default_do_nmi', 'exc_nmi', 'asm_exc_nmi', 'end_repeat_nmi', 'first_nmi', 'repeat_nmi',
    'nmi_restore', 'nmi_handle', 'nmi_handle.part.0', '__sysvec_reboot', 'sysvec_reboot',
    'asm_sysvec_reboot', 'asm_call_on_stack', 'asm_call_irq_on_stack', 'native_halt',
    'default_cpu_halt', 'halt'}


class Chain:
    """What a tool says: the frames' addresses, newest first; user: the instruction
    pointer in user mode, or None if it is not told."""

    def __init__(self, frames, user=None, error=None):
        self.frames, self.user, self.error = frames, user, error


def wrong_user(wanted, chain):
    ip = wanted.end_regs.get('ip')
    if wanted.end == 'user' and None not in (ip, chain.user) and ip != chain.user:
        return f'user mode at {chain.user:#x}, not {ip:#x}'
    return None


def judge(names, wanted, chain):
    """None if the chain is right, or what is wrong first, in a few words."""
    if chain.error:
        return chain.error
    # Whether a tool marks the interrupted frame as such does not count.
    frames = [{'ip': ip, 'interrupted': True,
               'function': next(iter(names.functions(ip) & STOPPING), None)}
              for ip in chain.frames]
    code = [x for x in wanted.items if x.kind in ('frame', 'regs')]
    if not code:
        for frame in frames:
            if not frame['function']:
                return f'invented: {names.text(frame["ip"])} above user mode'
        if chain.user is None:
            return 'does not reach user mode'
        return wrong_user(wanted, chain)
    at, newer = truth.first_expected(code[0], frames, names.fits, STOPPING,
                                     handler=code[0].kind == 'regs')
    if newer:
        return f'begins with {names.text(newer["ip"])}, not {code[0]!r}'
    if at is None:
        return f'lacks {code[0]!r}'
    for frame in frames[:at]:
        if not names.known(frame['ip']):
            return f'invented: {frame["ip"]:#x}, newer than {code[0]!r}'
    before = None
    for item in wanted.items:
        if item.kind == 'stack':
            continue
        here = at < len(frames) and names.fits(item, frames[at])
        if item.kind == 'called-by':
            at += here  # a tool may show it as a frame, or not
            continue
        if at >= len(frames):
            return f'stops after {names.text(before["ip"])}' if before else 'is empty'
        if not here:
            return (f'{names.text(frames[at]["ip"])} instead of {item!r}' +
                    (f', after {names.text(before["ip"])}' if before else ''))
        before = frames[at]
        at += 1
    if at < len(frames):
        return (f'invented: {names.text(frames[at]["ip"])} after the last, '
                f'{names.text(before["ip"])}')
    return wrong_user(wanted, chain)
