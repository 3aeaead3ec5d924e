# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares JSON documents with the schema that is installed with the commands.

fastjsonschema makes a function of the schema: a thousand chains take it 40 ms, jsonschema
some seconds."""
import functools
import json
import os

import fastjsonschema

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                    '../../src/render/stackinfo.schema.json')
# The key that only one kind of document has.
KINDS = {'findings': 'report', 'crashes': 'sum', 'chains': 'xbt', 'addresses': 'stackof', 'lines': 'stackof_text',
         'stacks': 'stackof_map', 'events': 'oops', 'tss': 'tss_answer', 'entry': 'entry_answer', 'dump': 'batch',
         'packed': 'packed'}

with open(PATH) as schema_file:
    DEFINITIONS = json.load(schema_file)['definitions']


@functools.lru_cache(None)
def validator(kind):
    return fastjsonschema.compile({'$schema': 'http://json-schema.org/draft-07/schema#',
                                   '$ref': f'#/definitions/{KINDS[kind]}',
                                   'definitions': DEFINITIONS})


def problem(doc):
    """What @doc has that the schema does not allow; None."""
    kind = next((k for k in KINDS if k in doc), None)
    if kind is None:
        return f'no such document: {list(doc)}'
    try:
        validator(kind)(doc)
    except fastjsonschema.JsonSchemaException as e:
        return e.message[:300]
    return None
