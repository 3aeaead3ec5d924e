# SPDX-License-Identifier: GPL-2.0-or-later
"""Every CPU's chain against what the dying kernel printed (NAME.expect)."""
import re

import cli
import expect
import truth
from truth import same_code

GOOD_END = {'user': 'user', 'idle': 'idle', 'thread': 'thread_start'}


def text_of(frame):
    module = f' {frame["module"]}' if frame['module'] else ''
    offset = frame['offset']
    return f'{frame["function"]}+{"?" if offset is None else hex(offset)}{module}'


def check_regs(suite, what, wanted, came):
    """Every register of the truth file, all at once so that a failure shows them all."""
    machine = 'x86_64' if 'rip' in (came or {'rip': 0}) else 'another'
    wanted = {expect.json_register(k, machine): v for k, v in wanted.items()}
    came = {k: int(v, 16) for k, v in (came or {}).items()}
    wrong = [k for k in wanted if came.get(k) != wanted[k]]
    suite.check(f'{what}: {len(wanted)} registers', not wrong,
                {k: hex(wanted[k]) for k in wrong},
                {k: hex(came[k]) if k in came else None for k in wrong})


def skip_newer(suite, what, chain, first, newer):
    """Drop our frames that are newer than the first expected one. The kernel printed
    its trace from within panic(), so what goes before can only be that."""
    frames = cli.frames_of(chain)
    at, wrong = truth.first_expected(first, [f for _, f in frames], newer=newer)
    if suite.check(f'{what}: newer than {first!r} is only the dump machinery', wrong is None,
                   'a reliable frame of it',
                   wrong and f'{text_of(wrong)} reliable={wrong["reliable"]}') and \
            suite.check(f'{what}: has the first expected frame', at is not None, first, 'none'):
        return frames[at:]
    return None


def check_frames(suite, what, wanted, frames):
    """frames: the (segment, frame) that must match the items, one by one."""
    stack = None  # of the kernel's markers; None: not told
    at = 0
    for i, item in enumerate(wanted.items):
        if item.kind == 'stack':
            stack = item.name
            continue
        if item.kind == 'called-by':
            note = frames[at - 1][1]['note'] if at else None
            suite.contains(f'{what}: note of the frame before {item!r}',
                           f'called by {item.name}+{item.offset}', note or '')
            continue
        if at >= len(frames):
            suite.check(f'{what}: frame {at}', False, item, 'the chain is over')
            return
        segment, frame = frames[at]
        ok = suite.check(f'{what}: frame {at}', same_code(item, frame), item, text_of(frame))
        if not ok:
            return
        # The stack of interrupted code may be named by the next stack line only.
        marks = {stack}
        if item.kind == 'regs':
            following = [x for x in wanted.items[i + 1:i + 2] if x.kind == 'stack']
            marks = {x.name for x in following} or marks
        # The log names the stack that overflowed; the stack pointer is below it.
        if any(f'sp is in the guard page below the {m} stack' in (frame['note'] or '')
               for m in marks):
            marks = {'UNKNOWN'}
        # On no kernel stack: the user's rsp, or no stack pointer at all (CR3).
        marks = {'UNKNOWN' if m in ('USER', 'NONE') else m for m in marks}
        if marks != {None}:
            suite.check(f'{what}: the stack of frame {at}, {item!r}',
                        segment['stack']['kind'] in marks, marks, segment['stack']['kind'])
        suite.check(f'{what}: frame {at} is reliable', frame['reliable'], True, text_of(frame))
        if item.kind == 'regs':
            suite.equal(f'{what}: {item!r} was interrupted', True, frame['interrupted'])
            check_regs(suite, f'{what}: {item!r}', item.regs, frame['regs'])
        elif at:
            # The first may be the instruction pointer itself.
            suite.equal(f'{what}: {item!r} is a return address', False, frame['interrupted'])
        at += 1
    suite.check(f'{what}: nothing after the last expected frame', at == len(frames),
                f'{at} frames', [text_of(f) for _, f in frames[at:]])


def check_end(suite, what, wanted, chain):
    end = chain['end']
    suite.equal(f'{what}: end', (GOOD_END[wanted.end], True), (end['reason'], end['ok']))
    if wanted.end_regs:
        check_regs(suite, f'{what}: user mode', wanted.end_regs, end.get('regs'))


def check_crossings(suite, what, chain):
    """No witness is against any of it; all frames, and the chain, are certain."""
    for i, segment in enumerate(chain['segments']):
        crossing = segment['crossing']
        last = i == len(chain['segments']) - 1
        if crossing is None:
            # A change of stacks that nothing explains is a hole in the chain.
            suite.check(f'{what}: segment {i} tells how it was left', last, 'a crossing', None)
            continue
        suite.check(f'{what}: crossing of {segment["stack"]["kind"]}',
                    crossing['agree'] is not False, 'agree is not false', crossing)
        against = [w['what'] for w in crossing['witnesses'] if not w['agrees']]
        suite.equal(f'{what}: witnesses against it', [], against)
        if chain.get('saved_words', True) and \
                segment['stack']['kind'] in ('IRQ', 'NMI', '#DF', '#DB', '#MC'):
            suite.check(f'{what}: {segment["stack"]["kind"]} has a saved word',
                        crossing['link'] is not None, 'a link', crossing)
        # The hardware's words and the entry code's copy of them are two.
        if segment['stack']['kind'] == 'NMI':
            suite.check(f'{what}: two words agree', crossing['agree'] is True,
                        'agree is true', crossing)
    doubtful = [text_of(f) for _, f in cli.frames_of(chain)
                if not f['reliable'] and not truth.is_unknown(f)]
    suite.equal(f'{what}: frames in doubt', [], doubtful)
    if any(truth.is_unknown(f) for _, f in cli.frames_of(chain)[:2]):
        suite.equal(f'{what}: confidence', 'doubtful', chain['confidence'])
        return
    if chain['start']['foreign'] and chain['start']['from'] == 'stack':
        # Its registers are the firmware's: its stack has calls, and no more.
        suite.equal(f'{what}: confidence', 'doubtful', chain['confidence'])
        suite.contains(f'{what}: why', 'no registers were saved', chain['confidence_why'])
        return
    suite.equal(f'{what}: confidence', ('certain', None),
                (chain['confidence'], chain['confidence_why']))


def check_entry(suite, what, wanted, start):
    """How far it was in the entry code; the stack is that of the first frame."""
    if wanted.entry is None:
        return
    stack = next(x.name for x in wanted.items if x.kind == 'stack')
    stack = {'USER': 'user', 'NONE': None}.get(stack, stack)
    suite.equal(f'{what}: entry state', dict(wanted.entry, stack=stack),
                start.get('entry_state'))


def check_chain(suite, dump, wanted, chain, newer):
    what = f'{dump.name} CPU {wanted.cpu}'
    task = chain['task'] or {}
    suite.equal(f'{what}: task', (wanted.pid, wanted.comm), (task.get('pid'), task.get('comm')))
    if wanted.unsaved:
        suite.equal(f'{what}: start', 'pt_regs', chain['start']['from'])
        suite.contains(f'{what}: start note', 'no registers were saved',
                       chain['start']['note'] or '')
    code = [x for x in wanted.items if x.kind in ('frame', 'regs')]
    frames = cli.frames_of(chain)
    if code and wanted.source == 'log':
        frames = skip_newer(suite, what, chain, code[0], newer)
    elif wanted.source == 'log':
        for _, frame in frames:
            suite.check(f'{what}: above user mode is only the dump machinery',
                        frame['function'] in newer and frame['reliable'],
                        'a reliable frame of it', text_of(frame))
        frames = []
    if frames is not None:
        check_frames(suite, what, wanted, frames)
    check_entry(suite, what, wanted, chain['start'])
    check_end(suite, what, wanted, chain)
    check_crossings(suite, what, chain)


def online(core):
    """Those of stopped CPUs go: after a panic stop_this_cpu() takes them off the mask,
    while CPUs that crash_kexec() stopped stay there."""
    return bin(core.u64(core.symbol('__cpu_online_mask'))).count('1')


def check_kernel(suite, dump, core, head, kernel):
    """The guests have no host name."""
    if not core:
        suite.equal(f'{dump.name}: kernel', (head['kernel'], dump.machine, '(none)'),
                    (kernel['release'], kernel['arch'], kernel['node']))
        return
    crashed = core.info.get('CRASHTIME')
    version = re.search(rb'#\d[^\0]*', core.read_blanked(core.symbol('init_uts_ns'), 400))
    suite.equal(f'{dump.name}: kernel', {
        'release': head['kernel'], 'arch': 'x86_64', 'cpus': online(core),
        'version': version[0].decode(), 'node': '(none)',
        'crash_time': int(crashed) if crashed else None}, kernel)


def check(suite, dump, core):
    """@core: None where there is no second reader of such dumps."""
    head, wanted = expect.load(dump.expect)
    doc = cli.ask(suite, 'xbt -a -j', dump.vmcore, doubt=not core)
    if not doc:
        return
    check_kernel(suite, dump, core, head, doc['kernel'])
    for chain in doc['chains']:
        chain['saved_words'] = dump.machine == 'x86_64'
    came = {c['cpu']: c for c in doc['chains']}
    # Without kdump a panic takes all others off the mask: one that was off looks like them,
    # but on riscv64, where it runs the firmware.
    masked = not core and dump.machine != 'riscv64'
    cpus = int(head['possible'] if masked and 'possible' in head else head['cpus'])
    suite.equal(f'{dump.name}: CPUs with a chain', list(range(cpus)), sorted(came))
    suite.check(f'{dump.name}: CPUs with an expectation', {c.cpu for c in wanted} <= set(came),
                'of those', [c.cpu for c in wanted])
    newer = truth.DUMP_MACHINERY | (truth.AFTER_PANIC if head['how'] == 'qemu' else set())
    for chain in wanted:
        if chain.cpu in came:
            check_chain(suite, dump, chain, came[chain.cpu], newer)
    suite.note(f'{dump.name}: {len(wanted)} CPU chains, '
               f'{sum(len(cli.frames_of(c)) for c in came.values())} frames')
