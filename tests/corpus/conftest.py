# SPDX-License-Identifier: GPL-2.0-or-later
"""The tests of a dump go to one process, which has it open (--dist loadgroup)."""
import pytest


def pytest_collection_modifyitems(items):
    for item in items:
        dump = getattr(item, 'callspec', None) and item.callspec.params.get('dump')
        if dump:
            item.add_marker(pytest.mark.xdist_group(dump.name))
