# SPDX-License-Identifier: GPL-2.0-or-later
"""Mutants of a C file by operator: what a slip of the pen would make of it.

Nothing is listed by hand and no source text is quoted, so that the source can be moved,
renamed and formatted. A mutant is named by its file, function, operator and how often
that operator could be applied in the function before.
"""
import re
from typing import NamedTuple

TOKEN = re.compile(r'''
    (?P<pp>^[ \t]*\#(?:[^\n\\]|\\\n|\\.)*) |
    (?P<comment>/\*.*?\*/|//[^\n]*) |
    (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*') |
    (?P<space>\s+) |
    (?P<number>\b(?:0[xX][0-9a-fA-F]+|[0-9]+)(?:[uUlL]*)\b) |
    (?P<word>[A-Za-z_]\w*) |
    (?P<op>->|\+\+|--|<<=|>>=|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|.)
''', re.X | re.M | re.S)

SWAPPED = {
    'boundary': {'<': '<=', '<=': '<', '>': '>=', '>=': '>'},
    'comparison': {'==': '!=', '!=': '=='},
    'connective': {'&&': '||', '||': '&&'},
    'sign': {'+': '-', '-': '+', '+=': '-=', '-=': '+=', '<<': '>>', '>>': '<<', '&': '|'},
    'answer': {'true': 'false', 'false': 'true'},
}
KEYWORDS = {'if', 'while', 'for', 'switch', 'return', 'sizeof', 'do', 'else', 'case', 'default',
            'break', 'continue', 'goto'}
TYPES = {'const', 'static', 'struct', 'enum', 'union', 'unsigned', 'int', 'bool', 'char', 'void',
         'long', 'size_t', 'extern', 'double', 'float', 'typedef', 'volatile', 'register', 'short'}


class Token(NamedTuple):
    kind: str
    text: str
    at: int


class Mutant(NamedTuple):
    name: str
    line: int
    begin: int
    end: int
    text: str
    is_table: bool

    def apply(self, source):
        return source[:self.begin] + self.text + source[self.end:]


def tokens_of(source):
    found = [Token(m.lastgroup, m.group(), m.start()) for m in TOKEN.finditer(source)]
    return [t for t in found if t.kind not in ('space', 'comment')]


def closing(tokens, i):
    """Index of the bracket that closes the one at i."""
    pairs, depth = {'(': ')', '{': '}', '[': ']'}, 0
    opens, closes = tokens[i].text, pairs[tokens[i].text]
    for j in range(i, len(tokens)):
        if tokens[j].kind == 'op':
            depth += (tokens[j].text == opens) - (tokens[j].text == closes)
            if not depth:
                return j
    return len(tokens) - 1


def blocks_of(tokens):
    """(name, is it a table, first, last): the body of each function, and each table."""
    i = 0
    while i < len(tokens):
        t = tokens[i]
        if t.text != '{' or t.kind != 'op':
            i += 1
            continue
        end, name, before = closing(tokens, i), None, i - 1
        is_table = tokens[before].text == '='
        if tokens[before].text == ')':
            depth = 0
            while before >= 0:
                depth += (tokens[before].text == ')') - (tokens[before].text == '(')
                if not depth:
                    break
                before -= 1
            name = tokens[before - 1].text
        elif tokens[before].text == '=':
            before -= 1
            while tokens[before].kind != 'word' or tokens[before + 1].text not in '=[':
                before -= 1
            name = tokens[before].text
        if name:
            yield name, is_table, i, end
        i = end + 1


def is_binary(tokens, i):
    before = tokens[i - 1]
    if before.kind == 'number' or before.text in (')', ']'):
        # A cast's parenthesis is left to the compiler: most such mutants do not build.
        return True
    return before.kind == 'word' and before.text not in KEYWORDS | TYPES


def operands(tokens, first, last, text):
    """Spans of what && or || connects at the top of tokens first..last."""
    depth, begin, found = 0, first, []
    for i in range(first, last + 1):
        depth += (tokens[i].text in '([{') - (tokens[i].text in ')]}')
        if not depth and tokens[i].text == text:
            found.append((begin, i - 1))
            begin = i + 1
    return found + [(begin, last)] if found else []


def end_of(token):
    return token.at + len(token.text)


def sites(tokens, first, last):
    """(operator, begin, end, text) of each change in one block."""
    for i in range(first, last):
        t, after = tokens[i], tokens[i + 1]
        for operator, table in SWAPPED.items():
            if t.text in table and t.kind in ('op', 'word') and (
                    operator != 'sign' or is_binary(tokens, i)):
                yield operator, t.at, end_of(t), table[t.text]
        if t.kind == 'number' and not (tokens[i - 1].text == '[' and after.text == ']'):
            digits = t.text.rstrip('uUlL')
            suffix = t.text[len(digits):]
            value = int(digits, 16 if digits[:2] in ('0x', '0X') else
                        8 if digits[0] == '0' and len(digits) > 1 else 10)
            yield 'off-by-one', t.at, end_of(t), f'{value + 1}{suffix}'
            if value > 1:
                yield 'constant', t.at, end_of(t), f'{value * 2 + 3}{suffix}'
        if t.text == '!' and t.kind == 'op':
            yield 'negation', t.at, end_of(t), ''
        if t.text == 'if' and after.text == '(':
            close = closing(tokens, i + 1)
            begin, end = end_of(after), tokens[close].at
            yield 'never', begin, end, '0'
            yield 'always', begin, end, '1'
            for connective, neutral in (('&&', '1'), ('||', '0')):
                for a, b in operands(tokens, i + 2, close - 1, connective):
                    yield 'dropped', tokens[a].at, end_of(tokens[b]), neutral
        if t.text == 'return' and after.text not in (';', '('):
            close = next(j for j in range(i, len(tokens)) if tokens[j].text == ';')
            for connective, neutral in (('&&', '1'), ('||', '0')):
                for a, b in operands(tokens, i + 1, close - 1, connective):
                    yield 'dropped', tokens[a].at, end_of(tokens[b]), neutral
        starts = t.text in (';', '{', '}', ')', 'else', ':') and after.kind == 'word' and \
            after.text not in KEYWORDS | TYPES
        if starts and tokens[i + 2].text in ('=', '(', '.', '->', '[', '+=', '-=', '|=', '++'):
            close = i + 1
            while tokens[close].text not in (';', '{', '}', ','):
                close = closing(tokens, close) + 1 if tokens[close].text in '([' else close + 1
            if tokens[close].text == ';' and close < last:
                yield 'deleted', after.at, tokens[close].at, ''


def mutants_of(file, source):
    """Every mutant of a file that may build."""
    tokens = tokens_of(source)
    for name, is_table, first, last in blocks_of(tokens):
        count = {}
        for operator, begin, end, text in sites(tokens, first, last):
            count[operator] = count.get(operator, 0) + 1
            yield Mutant(f'{file}:{name}:{operator}:{count[operator]}',
                         source.count('\n', 0, begin) + 1, begin, end, text, is_table)
