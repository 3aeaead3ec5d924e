# SPDX-License-Identifier: GPL-2.0-or-later
"""The schema refuses what it does not name: else no other test of documents could fail."""
import cli
import schema

QUESTIONS = '-j', 'xbt -a -v -j', 'tss -j', 'stackof -m -j', 'oops -j'
ENOUGH = 3  # elements of a list


def shortened(doc):
    if isinstance(doc, list):
        return [shortened(value) for value in doc[:ENOUGH]]
    return {k: shortened(v) for k, v in doc.items()} if isinstance(doc, dict) else doc


def objects(doc, path=''):
    """Each object within @doc, and its name; those of a list have one name."""
    if isinstance(doc, dict):
        yield path, doc
        for key, value in doc.items():
            yield from objects(value, f'{path}/{key}')
    elif isinstance(doc, list):
        for value in doc:
            yield from objects(value, path)


def check(suite, dump):
    for question in QUESTIONS:
        doc = shortened(cli.ask(suite, question, dump.vmcore, doubt=True))
        suite.equal(f'{question}: a short one', None, schema.problem(doc))
        for path, part in objects(doc):
            for key in [*part, 'no such key']:
                kept = dict(part)
                part[key] = {'no such': 'value'}
                suite.check(f'{question}: {path}/{key} is something else', schema.problem(doc))
                part.clear()
                part.update(kept)
