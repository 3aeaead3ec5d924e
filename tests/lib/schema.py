# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares JSON documents with the schema that is installed with the commands.

jsonschema takes seconds for a thousand chains, most of which look alike. So each element
of a document's lists is reduced to what the schema can see of it: keys, types, codes,
whether a string is an address and a number is negative. What looks like an element that
was valid is valid."""
import json
import os
import re

import jsonschema

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                    '../../src/render/stackinfo.schema.json')
ADDRESS = re.compile('^0x[0-9a-f]+$')
# The key that only one kind of document has.
KINDS = {'findings': 'report', 'crashes': 'sum', 'chains': 'xbt', 'addresses': 'stackof', 'lines': 'stackof_text',
         'stacks': 'stackof_map', 'events': 'oops', 'tss': 'tss_answer', 'entry': 'entry_answer', 'dump': 'batch',
         'packed': 'packed'}

with open(PATH) as schema_file:
    SCHEMA = json.load(schema_file)


def properties(schema):
    """Every (key, schema of it) below @schema."""
    if isinstance(schema, dict):
        yield from schema.get('properties', {}).items()
        schema = list(schema.values())
    if isinstance(schema, list):
        for part in schema:
            yield from properties(part)


# Keys whose values are codes; all of their strings count as they are.
CODES = {key for key, value in properties(SCHEMA) if 'enum' in value or 'const' in value}
VALIDATORS = {kind: jsonschema.Draft7Validator({'$ref': f'#/definitions/{name}',
                                                'definitions': SCHEMA['definitions']})
              for kind, name in KINDS.items()}
valid = set()


def look(value, key=None):
    """All that the schema can see of @value, as something that can be in a set."""
    if isinstance(value, dict):
        return tuple((k, look(v, k)) for k, v in value.items())
    if isinstance(value, list):
        return ('list', frozenset(look(v, key) for v in value))
    if isinstance(value, str):
        return value if key in CODES else 'address' if ADDRESS.match(value) else 'string'
    if isinstance(value, bool) or value is None:
        return value
    return (type(value).__name__, (value > 0) - (value < 0))


def problem(doc):
    """What @doc has that the schema does not allow; None."""
    kind = next((k for k in KINDS if k in doc), None)
    if kind is None:
        return f'no such document: {list(doc)}'
    # Short ones of plain values stay as they are: the schema may say how many there are.
    lists = [k for k, v in doc.items()
             if isinstance(v, list) and any(isinstance(e, (dict, list)) for e in v)]
    new = {k: [] for k in lists}
    looks = set()
    for k in lists:
        for element in doc[k]:
            seen = kind, k, look(element, k)
            if seen not in valid and seen not in looks:
                looks.add(seen)
                new[k].append(element)
    error = jsonschema.exceptions.best_match(VALIDATORS[kind].iter_errors({**doc, **new}))
    if error:
        return f'{"/".join(map(str, error.absolute_path))}: {error.message[:300]}'
    valid.update(looks)
    return None
