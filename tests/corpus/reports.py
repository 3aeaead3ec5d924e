# SPDX-License-Identifier: GPL-2.0-or-later
"""The report of each dump: what the log and the stacks say together.

What it died of is known from the scenario (events.py); which findings there must be, and
that there are no others, follows from it, too.
"""
import os
import re
import tempfile

import cli
import events
from btf import btf_of

# The end of a dump's name: findings beside the module that is to blame for all of them.
OVERFLOWS = ('overflow', 'multi3')
# They write to the guard page below their stack, and have their stack pointer above it.
GUARD = 'guard'
NO_MODULE = {'machine-check', 'sysrq'}
# RCU's watchdog came before the machine check: the CPU spun on until that.
EARLIER = {'7.3-mc': 'rcu-stall'}

# One of each kernel.
WITH_NAMELIST = ('-multi', 'nmi-panic')


def findings_of(dump, kinds):
    ids = set()
    if kinds and not kinds & NO_MODULE:
        ids.add('module-in-chain')
    if dump.name.endswith(OVERFLOWS):
        ids |= {'stack-guard-hit', 'stack-recursion'}
    if dump.name.endswith(GUARD):
        ids.add('stack-guard-hit')
    if dump.name in EARLIER:
        ids.add('stuck')
    return ids


def check_guard(suite, dump, doc, found):
    """By the log: which address that was, and of what the dead task's stack begins at."""
    name, death = dump.name, doc['events'][doc['death']]
    chain = next(c for c in doc['chains'] if c['cpu'] == doc['panic_cpu'])
    base = next(int(s['stack']['begin'], 16) for s in chain['segments'] if s['stack']['kind'] == 'TASK')
    below = base - int(death['address'], 16)
    suite.check(f'{name}: in the page below the stack', 0 < below <= 4096, '1 to 4096', below)
    suite.check(f'{name}: whose guard, and how far below', re.search(
        rf'touched {death["address"]}, in the guard page, {below} bytes below the base of the TASK '
        rf'stack of PID {chain["task"]["pid"]} "sh", {base:#x}, in sc_go_guard\+\S+ \[stackcase\]; '
        r'its stack pointer was still on that stack', found['text']), (death, base), found)
    suite.equal(f'{name}: severity, place', ('fatal', death['address'], 'sc_go_guard'), (
        found['severity'], found['address'], found['function']))


def check_stuck(suite, name, earlier, stuck):
    """RCU told of it, and it is there still."""
    if not suite.check(f'{name}: what came before', earlier, 'an event', earlier):
        return
    cpu = earlier[0]['traces'][0]['cpu']
    suite.contains(f'{name}: what is stuck', f'(line {earlier[0]["first_line"]} of the log',
                   stuck['text'])
    suite.check(f'{name}: where', cpu == stuck['cpu'] and stuck['text'].startswith(
        f'CPU {cpu} is still in sc_hard_spin < sc_hard_act < '), cpu, stuck)


def check_findings(suite, dump, doc, kinds):
    name, found = dump.name, {f['id']: f for f in doc['findings']}
    suite.equal(f'{name}: findings', findings_of(dump, kinds), set(found))
    order = ['fatal', 'damage', 'suspicious', 'notice']
    ranks = [order.index(f['severity']) for f in doc['findings']]
    suite.equal(f'{name}: the worst first', sorted(ranks), ranks)
    if 'module-in-chain' in found:
        suite.equal(f'{name}: the module', 'stackcase', found['module-in-chain']['module'])
    if name in EARLIER:
        earlier = [e for e in doc['events'] if e['kind'] == EARLIER[name]]
        check_stuck(suite, name, earlier, found['stuck'])
    if name.endswith(GUARD) and 'stack-guard-hit' in found:
        check_guard(suite, dump, doc, found['stack-guard-hit'])
    if 'stack-recursion' not in found:
        return
    suite.equal(f'{name}: which recursion', 'sc_recurse', found['stack-recursion']['function'])
    chain = doc['chains'][0]
    at = [int(f['return_address_at'], 16) for s in (chain['whole'] or chain)['segments'] for f in s['frames']
          if f['function'] == 'sc_recurse' and not f['interrupted']]
    suite.check(f'{name}: how often, and its bytes', re.search(
        rf' {len(at)} times .* {at[-1] - at[0]} bytes, {at[1] - at[0]} for each',
        found['stack-recursion']['text']), (len(at), at[-1] - at[0]), found['stack-recursion'])
    over = found['stack-guard-hit']
    below = [s['overflow'] for s in chain['segments'] if s.get('overflow')]
    suite.check(f'{name}: how far', below and f' {below[0]["bytes"]} bytes below the base '
                f'{below[0]["stack"]["begin"]}' in over['text'], below, over)


def check_death(suite, dump, doc):
    name, join = dump.name, {j['event']: j for j in doc['joins']}
    of_log = cli.ask(suite, 'oops -j', dump.log)
    suite.equal(f'{name}: died', True, doc['died'])
    suite.equal(f'{name}: signature, by the log alone', of_log['signature'], doc['signature'])
    suite.equal(f'{name}: the log tells', ('log', None, None), (
        doc['signature_from'], doc['stack_event'], doc['log_missing']))
    if name.endswith(WITH_NAMELIST):
        with_names = cli.ask(suite, '-j', dump.vmcore, namelist=dump.namelist)
        suite.equal(f'{name}: signature, with a namelist', doc['signature'],
                    with_names['signature'])
    if doc['death'] in join:
        suite.equal(f'{name}: log and stack', 'agrees', join[doc['death']]['verdict'])
        suite.check(f'{name}: by many frames', join[doc['death']]['same_frames'] > 5, '> 5',
                    join[doc['death']])
    else:
        trace = next(iter(doc['events'][doc['death']]['traces']), None)
        suite.check(f'{name}: nothing to compare', trace is None or not trace['frames'],
                    'no trace', trace)


# What the log alone knows: CR2. Of a panic it has the text.
BY_STACK = {'null-deref': 'page-fault'}


def check_without_log(suite, dump, doc, at):
    """The stack tells the same, but for what only the log knows."""
    name, small = dump.name, os.path.join(at, dump.name)
    cli.run(f'pack --no-log -o {small}', dump.vmcore)
    alone = cli.ask(suite, '-j', small)
    if not alone or not suite.check(f'{name}: died, by the stack', alone['died'] and
                                    alone['stack_event'], 'an event', alone['stack_event']):
        return
    signature, other = doc['signature'], alone['signature']
    kind = BY_STACK.get(signature['kind'], signature['kind'])
    suite.equal(f'{name}: by the stack', (kind, 'stack', signature['functions']),
                (other['kind'], alone['signature_from'], other['functions']))
    if kind == signature['kind']:
        suite.equal(f'{name}: hash by the stack', signature['hash'], other['hash'])


def check_clocks(suite, dump, core, doc, tasks):
    """By the structures themselves: of tasks in D, the one that was put on a CPU the longest
    ago; and the clock that counts from the start of the machine."""
    btf = btf_of(core)
    offsets = (core.u64(core.symbol('__per_cpu_offset') + 8 * cpu)
               for cpu in range(dump_cpus(doc)))
    now = max(btf.read(core, core.symbol('runqueues') + at, 'rq', 'clock') for at in offsets)
    suite.check(f'{dump.name}: how long it was up', abs(doc['uptime'] - now / 10**9) < 5,
                now / 10**9, doc['uptime'])
    told = doc['tasks']['longest_blocked']
    if not btf.member('task_struct', 'sched_info.last_arrival'):
        suite.equal(f'{dump.name}: built without CONFIG_SCHED_INFO', None, told)
        return
    waits = {}
    for chain in tasks:
        task = chain['task']
        if task['state_name'] == 'uninterruptible':
            waits[task['pid']] = now - btf.read(core, int(task['address'], 16), 'task_struct',
                                                'sched_info.last_arrival')
    longest = max(waits, key=waits.get)
    suite.equal(f'{dump.name}: waits longest', (longest, waits[longest]),
                (told['pid'], told['ns']))


def dump_cpus(doc):
    return 1 + max(chain['cpu'] for chain in doc['chains'])


def check_text(suite, dump, doc, kinds):
    r = cli.run('', dump.vmcore)
    head, _, rest = r.out.partition('\n\n')
    suite.equal(f'{dump.name}: exit status', 0, r.status)
    suite.contains(f'{dump.name}: which machine', f'MACHINE    {dump.release} ', head)
    if not kinds:
        suite.contains(f'{dump.name}: did not die', '\nDIED OF    nothing: ', head)
        suite.check(f'{dump.name}: no findings', 'FINDINGS' not in r.out, 'none', r.out)
    else:
        title, hash_ = doc['signature']['title'], doc['signature']['hash']
        suite.contains(f'{dump.name}: its title', f'\nSIGNATURE  {title}', head)
        suite.contains(f'{dump.name}: its hash', f'  {hash_}', head + '\n')
        suite.contains(f'{dump.name}: who died', f'\nCPU {doc["panic_cpu"]} *', '\n' + rest)
    for chain in doc['chains']:
        suite.check(f'{dump.name}: CPU {chain["cpu"]}', re.search(
            rf'^(CPU {chain["cpu"]} |CPUs? idle )', rest, re.M), 'a line', rest[:300])
    suite.check(f'{dump.name}: tasks', f'\nTASKS      {doc["tasks"]["count"]}: ' in rest,
                doc['tasks'], rest[-600:])


# They died of an exception, and the dump has the chain that it came to.
FAULTS = ('oops-irq', 'bug', 'guard')


def check_registers(suite, dump, doc):
    """Each register of the fault as stackof has its value."""
    text = cli.run('-v', dump.vmcore).out.partition('\nREGISTERS ')[2].partition('\n\n')[0]
    told = dict(re.findall(r'^  (\w+) +([0-9a-f]{16}): ', text, re.M))
    if not dump.name.endswith(FAULTS):
        return
    regs = {r['name']: r['value'] for r in next(
        iter(doc['events'][doc['death']]['traces']))['registers']}
    suite.check(f'{dump.name}: registers of the fault', len(told) > 3, 'some', text)
    for name, value in told.items():
        if name in regs:
            suite.equal(f'{dump.name}: {name}', int(regs[name], 16), int(value, 16))
    words = ' '.join(text.split())
    for line in cli.run('stackof', dump.vmcore, *told.values()).out.splitlines():
        suite.contains(f'{dump.name}: what it is', line.partition(';')[0][:60], words)


def check(suite, dump, core):
    doc = cli.ask(suite, '-j', dump.vmcore)
    with cli.unsanitized():
        check_rest(suite, dump, core, doc)


def identity(chain):
    """What two tasks share that are in the same place."""
    whole = chain['whole'] or chain
    return (whole['end']['reason'], whole['confidence'],
            tuple((seg['stack'] and seg['stack']['kind'], *(f['ip'] for f in seg['frames']))
                  for seg in whole['segments']))


def check_rest(suite, dump, core, doc):
    kinds = events.kinds_of(dump.name)
    for key, value in cli.ask(suite, 'xbt -a -j', dump.vmcore).items():
        suite.equal(f'{dump.name}: {key}, as of xbt -a', value, doc[key])
    for key, value in cli.ask(suite, 'oops -j', dump.vmcore).items():
        suite.equal(f'{dump.name}: {key}, as of oops', value, doc[key])
    tasks = cli.ask(suite, 'xbt -A -j', dump.vmcore)['chains']
    pids = [c['task']['state_name'] for c in tasks if c['task']['pid']]
    suite.equal(f'{dump.name}: how many tasks', len(pids), doc['tasks']['count'])
    sleeping = [c for c in tasks if c['task']['pid'] and c['start']['from'] == 'thread_sp']
    suite.equal(f'{dump.name}: sleeping tasks',
                sum(c['task']['state_name'] == 'sleeping' for c in sleeping),
                doc['tasks']['states']['sleeping'])
    suite.equal(f'{dump.name}: different chains', len(set(map(identity, tasks))),
                doc['tasks']['different_chains'])
    check_clocks(suite, dump, core, doc, tasks)
    check_findings(suite, dump, doc, kinds)
    if kinds:
        check_death(suite, dump, doc)
        check_registers(suite, dump, doc)
        with tempfile.TemporaryDirectory(dir=cli.BUILD) as at:
            check_without_log(suite, dump, doc, at)
    else:
        suite.equal(f'{dump.name}: lives', (False, None), (doc['died'], doc['signature']))
    check_text(suite, dump, doc, kinds)
