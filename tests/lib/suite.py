# SPDX-License-Identifier: GPL-2.0-or-later
"""Counts checks. A failed one prints what was expected and what came."""
import sys
import time
import traceback


class Suite:
    def __init__(self, name):
        self.name = name
        self.passed = self.failed = 0
        self.began = time.monotonic()

    def check(self, what, ok, expected=None, came=None):
        if ok:
            self.passed += 1
        else:
            self.failed += 1
            print(f'FAILED {self.name}: {what}')
            if expected is not None or came is not None:
                print(f'  expected: {expected}\n  came:     {came}')
            sys.stdout.flush()
        return bool(ok)

    def equal(self, what, expected, came):
        return self.check(what, expected == came, expected, came)

    def contains(self, what, part, text):
        return self.check(what, part in text, f'a text with {part!r}', repr(text[-600:]))

    def add(self, other):
        """Take over the counts of a suite that ran elsewhere."""
        self.passed += other[0]
        self.failed += other[1]

    def note(self, text):
        print(f'  {text}')
        sys.stdout.flush()

    def whole(self, what, function, *arguments):
        """Call it. That it breaks off is one failed check, not the loss of all others."""
        try:
            return function(*arguments)
        except Exception:
            self.check(f'{what}: goes on to its end', False, 'an end', traceback.format_exc())
            return None

    def end(self):
        """Print the one line that tells all, and give the exit status."""
        # A run that checked nothing has proved nothing.
        if not self.passed:
            self.failed += 1
        took = time.monotonic() - self.began
        print(f'{self.name}: {self.passed} passed, {self.failed} failed ({took:.0f} s)')
        return 1 if self.failed else 0


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
