# SPDX-License-Identifier: GPL-2.0-or-later
"""Options that leave something out, or show more: against the answer without them."""
import re

import cli


def check_function(suite, vmcore, doc):
    for chosen, all_chains in (((), doc), (('-a',), cli.ask(suite, 'xbt -a -j', vmcore)),
                               (('1', '2'), cli.ask(suite, 'xbt -j', vmcore, '1', '2'))):
        for function in ('do_wait', 'default_idle', 'kthreadd', 'no_such'):
            with_it = [c for c in all_chains['chains']
                       if any(f['function'] == function for _, f in cli.frames_of(c))]
            r = cli.run(f'xbt -j -R {function}', vmcore, *chosen)
            suite.equal(f'xbt -R {function} {chosen}: those with it', with_it,
                        r.json()['chains'])
            suite.equal(f'xbt -R {function} {chosen}: as --function',
                        cli.run(f'xbt -j --function {function}', vmcore, *chosen).out, r.out)


def check_idle(suite, vmcore, doc):
    for option, all_chains in (('-a', cli.ask(suite, 'xbt -a -j', vmcore)), ('-A', doc)):
        panicked = all_chains.get('panic_cpu')
        left = [c for c in all_chains['chains']
                if c['task']['pid'] or (panicked is not None and c['cpu'] == panicked)]
        r = cli.run(f'xbt {option} -j -n idle', vmcore)
        suite.equal(f'xbt {option} -n idle: the others', left, r.json()['chains'])


def check_quiet(suite, vmcore):
    answer = re.compile('    [0-9a-f]{16}: ')
    quiet, loud = (cli.run(f'stackof {o} -l', vmcore).out.splitlines() for o in ('-q', ''))
    suite.equal('stackof -q: lines with an answer, and those', [
        line for line, after in zip(loud, loud[1:] + [''])
        if answer.match(line) or answer.match(after)], quiet)
    doc = cli.ask(suite, 'stackof -q -l -j', vmcore)
    suite.check('stackof -q -j: each line has an answer', doc['lines'] and
                all(line['addresses'] for line in doc['lines']), 'some', doc['lines'][:2])


def check_dates(suite, vmcore):
    dated = [line for line in cli.run('log -T', vmcore).out.splitlines() if line.startswith('[')]
    suite.check('log -T: dates', dated and all(
        re.match(r'\[\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d UTC \d{4}\] ', line)
        for line in dated), 'each line', dated[:2])
    crashed = re.search(r' (\d\d:\d\d:\d\d) UTC$', cli.run('', vmcore).out, re.M)[1]
    suite.contains('log -T: the last is of the crash', crashed, dated[-1])


def check_words(suite, vmcore):
    all_words, words = (cli.run(f'xbt {o}', vmcore, '1').out.splitlines() for o in ('-T', '-t'))
    suite.check('xbt -T: what -t has, and more', set(words) < set(all_words), len(words),
                len(all_words))
    sp = words[1][6:22]
    suite.check('xbt -T: what is below the first frame stands above it',
                all_words[1].startswith('   ? [') and all_words[1][6:22] < sp, sp, all_words[1])


def check(suite, dump):
    doc = cli.ask(suite, 'xbt -A -j', dump.vmcore)
    check_function(suite, dump.vmcore, doc)
    check_idle(suite, dump.vmcore, doc)
    check_quiet(suite, dump.vmcore)
    check_dates(suite, dump.vmcore)
    check_words(suite, dump.vmcore)
