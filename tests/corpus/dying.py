# SPDX-License-Identifier: GPL-2.0-or-later
"""What a CPU did after the registers that were saved: the chain that xbt has below the
copy of them, and what the other commands say of the stacks that it is on.

The kernel prints no trace of that. So each frame is proved by the call before it, as the
dump has it; the chain's far end by the pt_regs there, which must hold what the dying
kernel printed; and where it goes from stack to stack by the words that are there.
"""
import re

import calls
import cli
import expect
import vmcore

RET, SAVED = 16, 8          # below the top of a stack that was called: the return address, rsp
POP_RSP = b'\x5c'           # behind a call that saves rsp (asm/irq_stack.h)
PT_REGS_IP, PT_REGS_SP = 128, 152
TOP_WORDS = 64              # handle_stack_overflow()'s frames are among them
STAYS = {'crash_nmi_callback', 'stop_this_cpu', 'machine_kexec', '__crash_kexec',
         'crash_kexec', 'panic', 'nmi_panic_self_stop'}


def check_calls(suite, what, core, live):
    """Every return address is where it is said to be, and its call leads to the frame
    before: nothing else would be there."""
    inner = None
    for _, frame in cli.frames_of(live):
        ip, slot = cli.number(frame['ip']), frame['return_address_at']
        where = f'{what}: {frame["function"]}+{frame["offset"]}'
        before, inner = inner, frame
        suite.check(f'{where}: is reliable', frame['reliable'], True, frame)
        # The first was found by its return address, right below its stack pointer.
        at = cli.number(slot) if slot else cli.number(frame['sp']) - 8
        suite.equal(f'{where}: the word at {at:#x}', hex(ip), hex(core.u64(at)))
        call = calls.call_before(core, ip)
        suite.check(f'{where}: a call goes before', call is not None, 'call',
                    core.read(ip - 8, 8).hex())
        if before is not None and call and call[0] == 'direct':
            suite.check(f'{where}: the call leads to {before["function"]}',
                        calls.leads_to(core, call[1], before), before['function'],
                        core.names(call[1]) or hex(call[1]))


def check_crossings(suite, what, live):
    for i, segment in enumerate(live['segments']):
        crossing, last = segment['crossing'], i == len(live['segments']) - 1
        suite.equal(f'{what}: stack {i} tells how it was left', not last,
                    crossing is not None)
        if crossing:
            suite.check(f'{what}: crossing of {segment["stack"]["kind"]}',
                        crossing['agree'] is not False, 'agree is not false', crossing)


def check_joins(suite, what, core, chain):
    """The pt_regs at the end holds what the chain of the saved registers begins with."""
    at = cli.number(chain['start']['live']['joins'])
    suite.equal(f'{what}: the pt_regs at {at:#x}',
                (chain['start']['ip'], chain['start']['sp']),
                (hex(core.u64(at + PT_REGS_IP)), hex(core.u64(at + PT_REGS_SP))))


def check_states(suite, dump, what, live, used):
    """All that a frame lies on is in use, and the map says as many bytes."""
    for segment in live['segments']:
        stack = segment['stack']
        slots = [cli.number(f['return_address_at']) for f in segment['frames']
                 if f['return_address_at']]
        low = min(cli.number(f['sp']) for f in segment['frames'])
        doc = cli.ask(suite, 'stackof -j', dump.vmcore, *map(hex, slots + [low]))
        for answer in doc['addresses'] if doc else []:
            suite.equal(f'{what}: {stack["kind"]} at {answer["address"]}', 'live',
                        answer['state'])
        suite.check(f'{what}: bytes of {stack["kind"]} in the map',
                    (used.get(stack['begin']) or 0) >= cli.number(stack['end']) - low,
                    cli.number(stack['end']) - low, used.get(stack['begin']))


def check_chain(suite, dump, core, chain, used):
    live = chain['start'].get('live')
    if not live:
        return 0
    what = f'{dump.name} CPU {chain["cpu"]}: what stopped it'
    frames = cli.frames_of(live)
    suite.check(f'{what}: begins where nothing returns', frames[0][1]['function'] in STAYS,
                STAYS, frames[0][1]['function'])
    check_calls(suite, what, core, live)
    check_crossings(suite, what, live)
    check_joins(suite, what, core, chain)
    check_states(suite, dump, what, live, used)
    return len(frames)


def log_number(dump, text):
    with open(dump.log) as f:
        line = next(line for line in f if text in line)
    return int(line.split(text)[1].split()[0], 16)


def called_stack(core, segment):
    """The word by which handle_stack_overflow() was called there, and the rsp before."""
    top = cli.number(segment['stack']['end'])
    ret = core.u64(top - RET)
    kind, target = calls.call_before(core, ret)
    assert kind == 'direct' and 'handle_stack_overflow' in core.names(target)
    return ret, core.u64(top - SAVED) if core.read(ret, 1) == POP_RSP else None


def check_guard(suite, dump, core, doc, tss):
    """A fault in a guard page with rsp where it should be: the CPU dies on #DF."""
    wanted = next(c for c in expect.load(dump.expect)[1] if c.items)
    chain = next(c for c in doc['chains'] if c['cpu'] == wanted.cpu)
    what, live = f'{dump.name} CPU {wanted.cpu}: the guard page', chain['start']['live']
    if not suite.check(f'{what}: the CPU has a live part', live, 'segments', live):
        return
    df, task = live['segments'][0], live['segments'][-1]
    suite.equal(f'{what}: stacks', ['#DF', 'TASK'],
                [g['stack']['kind'] for g in live['segments']])
    # What the kernel printed is where that part ends.
    at = cli.number(live['joins'])
    suite.equal(f'{what}: the registers in the log',
                (hex(wanted.items[0].regs['sp']), True),
                (hex(core.u64(at + PT_REGS_SP)), wanted.items[0].name ==
                 chain['segments'][0]['frames'][0]['function']))
    top = cli.number(df['stack']['end'])
    passed = [core.u64(top - RET - 8 * i) for i in range(1, TOP_WORDS)]
    suite.check(f'{what}: the pt_regs that was passed on', at in passed, hex(at),
                [hex(w) for w in passed])
    names = [f['function'] for _, f in cli.frames_of(live)]
    for name in ('crash_kexec', 'oops_end', 'handle_stack_overflow', 'exc_page_fault',
                 'asm_exc_page_fault'):
        suite.check(f'{what}: {name}() is in it', name in names, name, names)
    ret, before = called_stack(core, df)
    suite.equal(f'{what}: last on #DF', hex(ret), df['frames'][-1]['ip'])
    suite.equal(f'{what}: the saved rsp', before and hex(before), df['crossing']['link'])
    # All of the frame that went on to #DF is in use, and not what lies below.
    fault = log_number(dump, 'CR2: ')
    sp = before or next(cli.number(r['sp']) for r in doc['map']['stacks']
                        if r['stack']['begin'] == task['stack']['begin'])
    if not before:
        # Its last call before left its return address there.
        call = calls.call_before(core, core.u64(sp - 8))
        suite.check(f'{what}: a call of the same function below rsp', call and any(
            calls.base_name(df['frames'][-1]['function']) == calls.base_name(n)
            for n in function_of(core, core.u64(sp - 8), df['frames'][-1])), call, hex(sp))
    answers = cli.ask(suite, 'stackof -j', dump.vmcore, hex(sp), hex(sp - 8), hex(top - 8),
                      hex(fault))
    suite.equal(f'{what}: rsp, below it, #DF, the fault', ['live', 'stale', 'live', 'guard'],
                [a['state'] for a in answers['addresses']])
    suite.equal(f'{what}: whose guard it is', task['stack']['begin'],
                answers['addresses'][3]['stack']['begin'])
    slot = next(s for t in tss['tss'] if t['cpu'] == wanted.cpu for s in t['slots']
                if s['name'] == 'ist[0]')
    suite.equal(f'{what}: tss on ist[0]', 'live', slot['state'])
    # From the #DF stack the same way as from where the registers say.
    first = df['frames'][-2]
    doc = cli.ask(suite, 'xbt -j -S ' + hex(cli.number(first['return_address_at'])),
                  dump.vmcore)
    again = doc['chains'][0]
    suite.equal(f'{what}: xbt -S on #DF', (True, False),
                (again['end']['ok'], again['segments'][0]['crossing']['agree'] is False))


def function_of(core, ip, frame):
    """Names of the function of @frame, if @ip is in it: between its start and the next."""
    start = cli.number(frame['ip']) - frame['offset']
    return core.names(start) if start < ip <= start + 0x1000 else set()


PLACE = ('ip', 'sp', 'function', 'return_address_at', 'interrupted', 'reliable')


def places(chain, keys=PLACE):
    return [tuple(f[k] for k in keys) for _, f in cli.frames_of(chain)]


def check_whole(suite, dump, chain):
    """One list: what stopped the CPU, the registers that were saved, what they are of."""
    live, whole = chain['start'].get('live'), chain['whole']
    what = f'{dump.name} CPU {chain["cpu"]}: the whole chain'
    suite.equal(f'{what}: is there with what stopped the CPU', bool(live), bool(whole))
    if not whole:
        return
    suite.equal(f'{what}: confidence', ('certain', None),
                (whole['confidence'], whole['confidence_why']))
    suite.equal(f'{what}: joins', live['joins'], whole['joins'])
    came, since, saved = places(whole), places(live), places(chain)
    # Where the first was found is told here.
    first = cli.frames_of(whole)[0][1]
    suite.equal(f'{what}: the first word', hex(cli.number(first['sp']) - 8),
                first['return_address_at'])
    suite.equal(f'{what}: frames', [p[:3] for p in since + saved], [p[:3] for p in came])
    suite.equal(f'{what}: all of them', since[1:] + saved, came[1:])
    if saved:
        joint = cli.frames_of(whole)[len(since)][1]
        suite.equal(f'{what}: the saved registers', cli.frames_of(chain)[0][1]['regs'],
                    joint['regs'])
        suite.equal(f'{what}: are the copy', whole['joins'], joint['regs_at'])
    stacks = [s['stack']['begin'] for s in whole['segments']]
    suite.equal(f'{what}: each stack once', sorted(set(map(str, stacks))),
                sorted(map(str, stacks)))
    check_crossings(suite, what, {'segments': whole['segments']})


PANICKED = re.compile(r'\bCPU: (\d+) .*\bPID: \d+|\bCPU (\d+): Machine Check')


def check_panicked(suite, dump, doc):
    """The last CPU of which the dying kernel printed a trace, or a machine check."""
    with open(dump.log) as f:
        found = [m for m in map(PANICKED.search, f) if m]
    died = int(next(n for n in found[-1].groups() if n)) if found else None
    suite.equal(f'{dump.name}: the CPU that panicked', died, doc['panic_cpu'])
    suite.equal(f'{dump.name}: how that is known', 'panic_cpu' if found else None,
                doc['panic_cpu_from'])
    if not found:
        return
    suite.equal(f'{dump.name}: its chain is the first', died, doc['chains'][0]['cpu'])
    alone = cli.ask(suite, 'xbt -p -j', dump.vmcore)
    suite.equal(f'{dump.name}: xbt -p', doc['chains'][:1], alone['chains'])


FOLDED = re.compile(r' +(\d+) x .*, \d+ bytes: #(\d+)-#(\d+)$')


def numbered_lines(part):
    """The numbers and functions of a chain's text, with all rounds of a recursion."""
    numbers, functions = [], []
    for line in part.splitlines():
        folded = FOLDED.match(line)
        if folded:
            rounds, first, last = map(int, folded.groups())
            period = (last - first + 1) // rounds
            functions += functions[-period:] * (rounds - 1)
            numbers += range(first + period, last + 1)
        elif re.match(r' *\??#\d+ ', line):
            numbers.append(int(line.split('#')[1].split()[0]))
            name = line.split('] ')[1].split('+')[0]
            functions.append(None if name.startswith('(unknown)') else name)
    return numbers, functions


def check_overflow(suite, dump, doc):
    """rsp is in the guard page, below a recursion: as the log has it, and in few lines."""
    what = f'{dump.name}: the overflow'
    chain = doc['chains'][0]
    sp = next(cli.number(s['frames'][0]['sp']) for s in chain['segments'] if s['overflow'])
    over = next(s['overflow'] for s in chain['segments'] if s['overflow'])
    base = cli.number(over['stack']['begin'])
    suite.equal(f'{what}: rsp in the log', log_number(dump, 'RSP: 0018:'), sp)
    suite.equal(f'{what}: bytes', base - sp, over['bytes'])
    suite.equal(f'{what}: whose', (chain['task']['address'], 'TASK'),
                (over['stack']['task'], over['stack']['kind']))
    title = (f'guard page below the TASK stack of PID {chain["task"]["pid"]}, '
             f'{hex(base - sp)} below its base')
    for command in ('xbt -p', 'xbt -p -v', 'stackof -m -v'):
        suite.contains(f'{what}: {command}', title, cli.run(command, dump.vmcore).out)
    suite.contains(f'{what}: stackof -m', f', overflowed by {hex(base - sp)}\n',
                   cli.run('stackof -m', dump.vmcore).out)
    short, full = (cli.run(c, dump.vmcore).out.splitlines() for c in ('xbt -p', 'xbt -p -v'))
    folded = [FOLDED.match(line) for line in short if FOLDED.match(line)]
    rounds = [f for s in chain['segments'] for f in s['frames']
              if f['function'] == 'sc_recurse' and not f['interrupted']]
    suite.equal(f'{what}: rounds', [len(rounds)], [int(f[1]) for f in folded])
    suite.equal(f'{what}: lines', (1, len(rounds)),
                (sum('] sc_recurse+' in line for line in short),
                 sum('] sc_recurse+' in line for line in full)))


def check_fault(suite, dump, doc):
    """What interrupted the code that died, and what the log has of it."""
    frames = [f for c in doc['chains'] if c['cpu'] == doc['panic_cpu']
              for _, f in cli.frames_of(c['whole'] or c) if f['fault']]
    wanted = next((w for end, w in FAULTS.items() if dump.name.endswith(end)), None)
    if not wanted:
        return
    what = f'{dump.name}: the exception'
    suite.check(f'{what}: is there', frames, 'a fault', frames)
    fault = frames[0]['fault']
    suite.equal(f'{what}: vector', wanted[0], fault['vector'])
    suite.equal(f'{what}: error code', wanted[1], fault['error_code'])
    # CR2 of 5.10-overflow is that of the dump of the code, which begins in no page.
    told = wanted[2] and dump.name != '5.10-overflow'
    suite.equal(f'{what}: CR2', hex(log_number(dump, 'CR2: ')) if told else None,
                fault['address'])
    text = f'    (exception {wanted[0]}: {fault["name"]}'
    text += f', error code {int(wanted[1], 16):04x}' if wanted[1] else ''
    text += f', CR2 {int(fault["address"], 16):016x}' if told else ''
    suite.contains(f'{what}: text', text + ')\n', cli.run('xbt -p', dump.vmcore).out)


# Vector, error code, and is CR2 of it?
FAULTS = {
    '-oops-irq': (14, '0x2', True),
    '-guard': (14, None, True),
    '-overflow': (8, None, True),
    '-bug': (6, None, False),
    '-mc': (18, None, False),
}


def check_text(suite, dump, doc):
    """The text is the whole chain, numbered through; xbt alone has the first."""
    r = cli.run('xbt -a', dump.vmcore)
    parts = r.out.rstrip('\n').split('\n\n')
    for part, chain in zip(parts, doc['chains']):
        what = f'{dump.name} CPU {chain["cpu"]}: text'
        frames = [f for _, f in cli.frames_of(chain['whole'] or chain)]
        numbered = [f for i, f in enumerate(frames) if not i or not f['interrupted']]
        numbers, functions = numbered_lines(part)
        suite.equal(f'{what}: numbers', list(range(len(numbered))), numbers)
        suite.equal(f'{what}: functions', [f['function'] for f in numbered], functions)
        suite.equal(f'{what}: exceptions',
                    [f['function'] for f in frames[1:] if f['interrupted']],
                    [line.split()[2].split('+')[0] for line in part.splitlines()
                     if '[exception RIP: ' in line])
        suite.equal(f'{what}: empty', not frames, 'its kernel stacks are empty' in part)
        suite.equal(f'{what}: panicked', chain['cpu'] == doc['panic_cpu'],
                    '  (panicked)  [' in part.splitlines()[0])
    alone = cli.run('xbt', dump.vmcore).out.rstrip('\n').split('\n', 1)
    suite.check(f'{dump.name}: xbt alone says which', alone[0].startswith(
        f'CPU {doc["panic_cpu"]} panicked; ' if doc['panic_cpu'] is not None else
        'No CPU is known to have panicked: this is CPU 0; '), 'which', alone[0])
    suite.equal(f'{dump.name}: xbt alone', parts[0], alone[1])


def check_guards(suite, dump, doc):
    """Every task's stack has the same guards here and in the map."""
    wanted = {(r['stack']['kind'], r['stack']['begin']): r['stack']
              for r in doc['map']['stacks']}
    for chain in doc['chains']:
        live = chain['start'].get('live') or {'segments': []}
        for segment in chain['segments'] + live['segments']:
            stack = segment['stack']
            if stack['kind'] != 'UNKNOWN':
                suite.equal(f'{dump.name} CPU {chain["cpu"]}: the {stack["kind"]} stack',
                            wanted[stack['kind'], stack['begin']], stack)


def check(suite, dump, core):
    doc = cli.ask(suite, 'xbt -a -j', dump.vmcore)
    stack_map = cli.ask(suite, 'stackof -m -j', dump.vmcore)
    tss = cli.ask(suite, 'tss -j', dump.vmcore)
    if not doc or not stack_map or not tss:
        return
    doc['map'] = stack_map
    used = {r['stack']['begin']: r['used'] for r in stack_map['stacks']}
    frames = [check_chain(suite, dump, core, chain, used) for chain in doc['chains']]
    for chain in doc['chains']:
        check_whole(suite, dump, chain)
    check_panicked(suite, dump, doc)
    check_text(suite, dump, doc)
    check_fault(suite, dump, doc)
    if dump.name.endswith('-overflow'):
        check_overflow(suite, dump, doc)
    check_guards(suite, dump, doc)
    if dump.name.endswith('-guard'):
        try:
            check_guard(suite, dump, core, doc, tss)
        except (vmcore.NotThere, StopIteration, AssertionError) as e:
            suite.check(f'{dump.name}: the words of the #DF stack', False, 'there', repr(e))
    suite.note(f'{dump.name}: {sum(map(bool, frames))} CPUs with what stopped them, '
               f'{sum(frames)} frames')
