# SPDX-License-Identifier: GPL-2.0-or-later
"""What the suites in Python share. Each is run by itself: pytest tests/corpus.

A test gets a `suite`, with which it makes as many checks as it likes: all failures are
told, not only the first. The sum of the checks stands at the end.
"""
import os
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, 'lib'))

from suite import Suite


@pytest.fixture
def suite(request):
    return Suite(request.node.name)


@pytest.fixture
def at():
    """A folder that is empty and goes away. On the disk of the build, since /tmp may be small."""
    import tempfile
    import cli
    with tempfile.TemporaryDirectory(dir=cli.BUILD) as path:
        yield path


def pytest_collection_modifyitems(items):
    """Whoever is alone at the end should not be so for long."""
    items.sort(key=lambda item: item.get_closest_marker('long') is None)


@pytest.hookimpl(hookwrapper=True)
def pytest_pyfunc_call(pyfuncitem):
    outcome = yield
    suite = pyfuncitem.funcargs.get('suite')
    if not suite:
        return
    pyfuncitem.user_properties += [('checks', suite.passed + suite.failed),
                                   ('notes', suite.notes)]
    told = '\n'.join(suite.failures)
    if told:
        print(told)
    outcome.get_result()
    if told:
        pytest.fail(f'{suite.failed} of {suite.passed + suite.failed} checks', pytrace=False)
    # A test that checked nothing has proved nothing.
    assert suite.passed, 'nothing was checked'


def pytest_terminal_summary(terminalreporter):
    checks = 0
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, 'when', None) != 'call':
                continue
            properties = dict(report.user_properties)
            checks += properties.get('checks', 0)
            for note in properties.get('notes', ()):
                terminalreporter.write_line(f'  {note}')
    terminalreporter.write_line(f'{checks} checks')
