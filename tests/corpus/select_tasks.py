# SPDX-License-Identifier: GPL-2.0-or-later
"""Which tasks the options choose: those that Python picks from the answer on all of them."""
import fnmatch

import cli


def functions(chain, key):
    return {f[key] for _, f in cli.frames_of(chain) if f[key]}


def choices(doc):
    """(options, is this task's chain meant)"""
    def task(test):
        return lambda chain: test(chain['task'])

    yield '--state D', task(lambda t: t['state'] == 'D')
    yield '--state UN,id', task(lambda t: t['state'] in ('D', 'I'))
    yield '--state sleeping --state=R', task(lambda t: t['state'] in ('S', 'R'))
    yield '-N k*', task(lambda t: fnmatch.fnmatchcase(t['comm'], 'k*'))
    yield '-u --name=sleep', task(lambda t: t['comm'] == 'sleep' and not t['kernel_thread'])
    yield '-k -c 1', task(lambda t: t['kernel_thread'] and t['cpu'] == 1)
    yield '--function *_sleep*', lambda c: any(
        fnmatch.fnmatchcase(f, '*_sleep*') for f in functions(c, 'function'))
    yield '-u -M stackcase --state D', lambda c: (
        'stackcase' in functions(c, 'module') and c['task']['state'] == 'D')


def ask(options, dump, command):
    return cli.run(f'{command} {options} -j', dump.vmcore).json()


def pids(doc):
    return sorted((c['task']['pid'], c['task']['address']) for c in doc['chains'])


def check(suite, dump):
    doc, stacks = ask('', dump, 'xbt -A'), ask('', dump, 'stackof -m')
    cli.ask(suite, 'xbt --state D -j', dump.vmcore)
    suite.check('without a choice nothing is unsure', 'tasks_unsure' not in doc, 'no key', doc.keys())
    for options, is_meant in choices(doc):
        want = sorted((c['task']['pid'], c['task']['address']) for c in doc['chains'] if is_meant(c))
        came = ask(options, dump, 'xbt -A')
        suite.equal(f'xbt -A {options}', want, pids(came))
        suite.equal(f'xbt -A {options}: unsure', 0, came['tasks_unsure'])
        # A task that left the lists has a stack all the same.
        rows = ask(options, dump, 'stackof -m')
        suite.equal(f'stackof -m {options}', want, sorted(
            (r['task']['pid'], r['task']['address']) for r in rows['stacks'] if r['task']))
    for options, words in (('--state Z', 'none of'), ('--state D', 'PID: ')):
        text = cli.run(f'xbt -A {options}', dump.vmcore)
        suite.contains(f'xbt -A {options}: text', words, text.out)
        suite.equal(f'xbt -A {options}: exit status', 0, text.status)
    check_use(suite, dump, stacks)
    check_cpus(suite, dump, stacks)
    suite.equal('a choice alone is of all tasks', cli.run('xbt -A -u', dump.vmcore).out,
                cli.run('xbt -u', dump.vmcore).out)
    pid = next(str(c['task']['pid']) for c in doc['chains'] if c['task']['state'] == 'D')
    suite.contains('of a task that is named', f'PID: {pid} ',
                   cli.run('xbt --state D', dump.vmcore, pid, '1').out)
    suite.equal('and no other', 1, cli.run('xbt --state D', dump.vmcore, pid, '1').out.count('PID: '))


def check_use(suite, dump, stacks):
    for option, key, least in (('--used', 'used', 900), ('--deepest', 'deepest', 2600)):
        want = sorted(r['task']['pid'] for r in stacks['stacks']
                      if r['task'] and (r[key] or 0) >= least)
        suite.check(f'{option} {least}: chooses', 0 < len(want) < len(stacks['stacks']) // 2,
                    'some', want)
        for text in (hex(least),):
            came = ask(f'{option} {text}', dump, 'xbt -A')
            suite.equal(f'{option} {text}', want, sorted(c['task']['pid'] for c in came['chains']))


def check_cpus(suite, dump, stacks):
    """With nothing else the CPUs' own stacks, too."""
    came = cli.ask(suite, 'stackof -m -c 1 -j', dump.vmcore)
    want = [r for r in stacks['stacks']
            if (r['task']['cpu'] if r['task'] else r['stack']['cpu']) == 1]
    suite.equal('stackof -m -c 1', want, came['stacks'])
    suite.equal('stackof -m -c 1: the CPUs that it tells of', [1], [p['cpu'] for p in came['live']])
    r = cli.run('stackof -m -c 99', dump.vmcore)
    suite.contains('stackof -m -c 99', 'there is no CPU 99', r.err)
