# SPDX-License-Identifier: GPL-2.0-or-later
"""What a log says of each crash: what the scenario did, and what make/expect took of it.

The kind follows from what the guest was told to do (testdata/README.md), the culprit and
its callers from NAME.expect, the hash from HACKING.md, computed here once more.
"""
import re

import cli
import expect

# The end of a dump's name, and the kind of what it died of.
KINDS = (('oops-irq', {'null-deref'}), ('bug', {'kernel-bug'}), ('overflow', {'stack-guard'}),
         ('guard', {'stack-guard'}), ('mc', {'machine-check'}), ('mc-user', {'machine-check'}),
         ('rv-6.12-multi3', {'null-deref'}),
         # An IRQ stack has no guard page that is known as one before 5.17.
         ('multi3', {'stack-guard', 'double-fault'}), ('nonote', {'sysrq'}), ('entry', set()),
         ('entry-pf', set()), ('multi', {'panic'}), ('multi2', {'panic'}), ('panic', {'panic'}),
         ('graph', {'panic'}), ('kretprobe', {'panic'}), ('nopac', {'panic'}),
         ('null-call', {'null-deref'}), ('sysrq', {'sysrq'}), ('kaslr', {'panic'}),
         ('multi-sv48', {'panic'}), ('multi2-sv39', {'panic'}))
NO_CODE = {'machine-check', 'sysrq'}
SUFFIX = re.compile(r'\.(isra|part|constprop|cold|llvm)(\.|$).*')


def kinds_of(name):
    return next(kinds for end, kinds in KINDS if f'-{name}'.endswith(f'-{end}'))


def hash_of(kind, names):
    value = 0xcbf29ce484222325
    for byte in '\n'.join([kind, *names]).encode():
        value = (value ^ byte) * 0x100000001b3 & (1 << 64) - 1
    return f'v1:{value:016x}'


def true_names(dump):
    """Of the chain of who panicked, which is the first: those that a log can tell. What tells
    of an overflow, on the stack for that, is not to blame."""
    chain = expect.load(dump.expect)[1][0]
    items = chain.items
    if items and items[0].kind == 'stack' and items[0].name == 'OVERFLOW':
        items = items[[x.kind for x in items].index('regs'):]
    names = [SUFFIX.sub('', item.name) for item in items
             if item.kind in ('frame', 'regs') and item.name and not item.untold]
    # What fills memory does what it was told.
    return chain, names[re.match('_*(pi_)?memset', names[0] if names else '') is not None:]


def is_part(names, of):
    rest = iter(of)
    return all(name in rest for name in names)


def check_death(suite, dump, doc, kinds):
    name, signature = dump.name, doc['signature']
    event = doc['events'][doc['death']]
    suite.check(f'{name}: kind', signature['kind'] in kinds, kinds, signature)
    suite.equal(f'{name}: of the event', event['signature'], signature)
    suite.equal(f'{name}: hash', hash_of(signature['kind'], signature['functions']),
                signature['hash'])
    suite.check(f'{name}: title has no number of this machine',
                not re.search(r'\d{3}|0x|CPU|PID', signature['title']), 'none',
                signature['title'])
    if kinds <= NO_CODE:
        suite.equal(f'{name}: nobody is to blame', (None, []),
                    (signature['culprit'], signature['functions']))
        return
    chain, names = true_names(dump)
    suite.equal(f'{name}: culprit', names[0], signature['culprit'])
    suite.equal(f'{name}: module', 'stackcase', signature['module'])
    suite.equal(f'{name}: names begin', names[:5], signature['functions'][:5])
    suite.check(f'{name}: names are of the chain', is_part(signature['functions'], names),
                names, signature['functions'])
    trace = event['traces'][0]
    suite.equal(f'{name}: CPU and task', (chain.cpu, chain.pid, chain.comm),
                (trace['cpu'], trace['pid'], trace['comm']))


def check(suite, dump, core):
    doc = cli.ask(suite, 'oops -j', dump.vmcore)
    kinds = kinds_of(dump.name)
    if not kinds:
        suite.equal(f'{dump.name}: no event', [], doc['events'])
        return
    if not suite.check(f'{dump.name}: died', doc['death'] is not None, 'an event', doc):
        return
    check_death(suite, dump, doc, kinds)
    of_log = cli.ask(suite, 'oops -j', dump.log)
    suite.equal(f'{dump.name}: signature, of the log alone', doc['signature'],
                of_log['signature'])


def same_elsewhere(suite, dumps):
    """The same situation has the same hash on each kernel, and no other has it."""
    found = {}
    for dump in dumps:
        kernel, situation = dump.name.split('-', 1)
        kinds = kinds_of(dump.name)
        if not kinds or kernel == '6.1':
            continue
        with_kernel = f'{kernel} ' if len(kinds) > 1 else ''
        doc = cli.ask(suite, 'oops -j', dump.log)
        found.setdefault(with_kernel + situation.removesuffix('-user'), {})[dump.name] = (
            doc['signature']['hash'])
    for situation, hashes in found.items():
        suite.equal(f'{situation}: one hash', 1, len(set(hashes.values())))
    # What overflowed by the same recursion is the same, wherever it was called.
    apart = {s: next(iter(h.values())) for s, h in found.items() if 'multi3' not in s}
    suite.equal('another situation, another hash', len(apart), len(set(apart.values())))
