# SPDX-License-Identifier: GPL-2.0-or-later
"""Each finding is in the manual page, with the severity that its row has."""
import glob
import os
import re

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../..')
SEVERITIES = 'fatal', 'damage', 'suspicious', 'notice'


def rows():
    """What the rows of the table say, by their sources."""
    found = {}
    for path in glob.glob(os.path.join(ROOT, 'src/report/findings/*.c')):
        with open(path) as f:
            for row_id, severity in re.findall(
                    r'\.id = "([^"]+)",\s*\.severity = STK_SEVERITY_([A-Z]+)', f.read()):
                found[row_id] = severity.lower()
    return found


def named_rows():
    """How many rows the table has."""
    with open(os.path.join(ROOT, 'src/report/findings/findings.c')) as f:
        table = f.read().partition('*const all[] = {')[2].partition('};')[0]
    return len(re.findall(r'&stk_finding_\w+', table))


def documented():
    """Of each entry of the section its id, its first severity, and its text."""
    with open(os.path.join(ROOT, 'man/stackinfo.8.in')) as f:
        section = f.read().partition('\n.SH FINDINGS\n')[2].partition('\n.SH ')[0]
    return {m[0].replace('\\-', '-'): (m[1], m[2]) for m in re.findall(
        r'^\.TP\n\.BR? ([a-z0-9\\-]+) "? ?\(([a-z]+)[^\n]*\n(.*?)(?=^\.TP\n|^\.PP\n|\Z)',
        section, re.S | re.M)}


def check(suite):
    of_source, of_page = rows(), documented()
    suite.equal('findings: each row is in the table', named_rows(), len(of_source))
    suite.check('findings: there are some', len(of_source) > 8, '> 8', of_source)
    suite.equal('findings: the manual has each, and no other', sorted(of_source), sorted(of_page))
    for row_id, severity in of_source.items():
        told, text = of_page.get(row_id, ('', ''))
        suite.equal(f'findings: {row_id}: severity', severity, told)
        suite.check(f'findings: {row_id}: what is none', 'Not' in text, '"Not …"', text)
