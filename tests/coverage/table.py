# SPDX-License-Identifier: GPL-2.0-or-later
"""table.py OBJECTS - how many lines of src/ were run, by folder, as gcov has it.

OBJECTS is where the objects are that were compiled with --coverage. Prints a table, then
the functions that were never entered; those of a header count once.
"""
import collections
import json
import pathlib
import subprocess
import sys


def files(folder):
    """What gcov says of each source of each object."""
    for notes in sorted(folder.rglob('*.gcno')):
        # A program that did not run has left no counts: then gcov says 0.
        text = subprocess.run(['gcov', '--json-format', '--stdout', notes], check=True,
                              capture_output=True, text=True).stdout
        for line in text.splitlines():
            yield from json.loads(line)['files']


def main():
    objects = pathlib.Path(sys.argv[1], 'src')
    lines, functions = collections.Counter(), collections.Counter()
    for file in files(objects):
        name = file['file']
        if not name.startswith(('src/', 'include/')):
            continue
        for line in file['lines']:
            lines[name, line['line_number']] += line['count']
        for function in file['functions']:
            functions[name, function['name']] += function['execution_count']
    total, run = collections.Counter(), collections.Counter()
    for (name, _), count in lines.items():
        for folder in (str(pathlib.PurePath(name).parent), 'all'):
            total[folder] += 1
            run[folder] += count > 0
    if not total:
        sys.exit(f'no counts in {objects}')
    print(f'{"folder":<18}{"lines":>7}{"run":>7}{"%":>7}')
    for folder in sorted(total, key=lambda f: (f == 'all', f)):
        print(f'{folder:<18}{total[folder]:>7}{run[folder]:>7}'
              f'{100 * run[folder] / total[folder]:>7.1f}')
    print('\nnever entered:')
    missing = collections.defaultdict(list)
    for (name, function), count in sorted(functions.items()):
        if not count:
            missing[name].append(function)
    for name, names in missing.items():
        print(f'  {name}: {", ".join(names)}')


if __name__ == '__main__':
    main()
