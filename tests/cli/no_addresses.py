# SPDX-License-Identifier: GPL-2.0-or-later
"""--no-addresses: two dumps of one kernel can be compared with diff."""
import cli


def ask(options, dump, command):
    return cli.run(f'{command} {options} -j', dump.vmcore).json()


def used(chain):
    """Of the task's own stack."""
    own = [s for s in chain['segments'] if s['stack']['kind'] == 'TASK']
    return cli.number(own[-1]['stack']['end']) - cli.number(own[-1]['frames'][0]['sp']) if own else 0


def sections(text):
    """By its first line, which names the task."""
    return dict(part.partition('\n')[::2] for part in text.split('\n\n'))


def frames(chain):
    return [(f['function'], f['offset'], f['module'], s['stack']['kind'])
            for s, f in cli.frames_of(chain)]


def check(suite, one, other):
    """Two dumps of a kernel at two places: what is equal reads equal."""
    with cli.keep(one.vmcore), cli.keep(other.vmcore):
        compare(suite, one, other)


def compare(suite, one, other):
    docs = [ask('-k', d, 'xbt -A') for d in (one, other)]
    texts = [cli.run('xbt -A -k --no-addresses', d.vmcore).out for d in (one, other)]
    chains = [{(c['task']['pid'], c['task']['comm'], used(c)): frames(c) for c in d['chains']}
              for d in docs]
    bodies = [{line.split('  ')[0] + line.partition('COMMAND: ')[2].split('  ')[0]: body
               for line, body in sections(t).items()} for t in texts]
    same = [k for k in chains[0] if chains[0][k] == chains[1].get(k)]
    suite.check('tasks that are equal', len(same) > 10, 'more than 10', len(same))
    for pid, comm, _ in same:
        key = f'PID: {pid}"{comm}"'
        suite.equal(f'{one.name} and {other.name}: {key}', bodies[0][key].strip(),
                    bodies[1][key].strip())
    for command in ('xbt -A --no-addresses', 'xbt -A -v -r -t --no-addresses', 'xbt -A -g --no-addresses',
                    'xbt -a -v --no-addresses', 'stackof -m --no-addresses'):
        for dump in (one, other):
            text = cli.run(command, dump.vmcore).out
            suite.check(f'{dump.name} {command}: an answer', len(text) > 1000, 'text', text)
            suite.equal(f'{dump.name} {command}: addresses that are left', [],
                        [w for w in text.replace('-', ' ').split()
                         if len(w) == 16 and w[:2] == 'ff' and not w.startswith('fffffffffffff')
                         and all(x in '0123456789abcdef' for x in w)])
