# SPDX-License-Identifier: GPL-2.0-or-later
"""Counts checks and keeps what failed: what was expected and what came."""

MOST_TOLD = 40


class Suite:
    def __init__(self, name):
        self.name = name
        self.passed = self.failed = 0
        self.failures, self.notes = [], []

    def check(self, what, ok, expected=None, came=None):
        if ok:
            self.passed += 1
            return True
        self.failed += 1
        if len(self.failures) < MOST_TOLD:
            told = '' if expected is None and came is None else \
                f'\n  expected: {expected}\n  came:     {came}'
            self.failures.append(f'FAILED {what}{told}')
        return False

    def equal(self, what, expected, came):
        return self.check(what, expected == came, expected, came)

    def contains(self, what, part, text):
        return self.check(what, part in text, f'a text with {part!r}', repr(text[-600:]))

    def note(self, text):
        """A line for the end of the run."""
        self.notes.append(text)

    def end(self):
        """For those that run by themselves: all that failed, and the exit status."""
        for text in self.failures + self.notes:
            print(text)
        print(f'{self.name}: {self.passed} passed, {self.failed} failed')
        return 1 if self.failed or not self.passed else 0


def difference(a, b, path=''):
    """Where two JSON values differ first, or None."""
    if type(a) is not type(b):
        return f'{path}: {a!r:.200} and {b!r:.200}'
    if isinstance(a, dict):
        for key in sorted(a.keys() | b.keys()):
            if key not in a or key not in b:
                return f'{path}.{key}: only in one of them'
            found = difference(a[key], b[key], f'{path}.{key}')
            if found:
                return found
        return None
    if isinstance(a, list):
        for i, (x, y) in enumerate(zip(a, b)):
            found = difference(x, y, f'{path}[{i}]')
            if found:
                return found
        return None if len(a) == len(b) else f'{path}: {len(a)} and {len(b)} elements'
    return None if a == b else f'{path}: {a!r:.200} and {b!r:.200}'
