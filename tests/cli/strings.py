# SPDX-License-Identifier: GPL-2.0-or-later
"""Strings that attack who reads them: in the dump, in its namelist, on the command line.

Nothing of them may reach a terminal or a JSON document as it is: what is printed is UTF-8
of characters that can be seen, as Unicode's categories tell, with tabs where a line of text
had them; on a terminal that reads bytes, ASCII.
"""
import json
import os
import pty
import re
import struct
import subprocess
import sys
import unicodedata

import cli
import lost
from vmcore import PAGE

sys.path.insert(0, os.path.join(cli.TOP, 'tests/corpus'))
from regions import Truth   # noqa: E402

# Clears the screen, is no UTF-8, ends a JSON string; C1 controls as one byte and as UTF-8;
# turns the direction of the writing; DEL, other controls, ends of lines, formats.
HOSTILE = (b'\x1b[2J\xff\xfe"x\x9b31m' + '\u009b\u202eabc\u2066'.encode() +
           b'\x7f\r\n\x08\x01\\%s%n\xc3\x28\xed\xa0\x80')
# What is left of the beginning of it: as a name, and as text.
AS_NAME, AS_TEXT = '?[2J??"x', '\\x1b[2J\\xff\\xfe"x'
# What nobody sees, or what changes how others are seen.
HIDDEN = ('Cc', 'Cf', 'Cs', 'Zl', 'Zp')
SEEN = 'Größe→漢字'


def hostile(size):
    return (HOSTILE * (size // len(HOSTILE) + 1))[:size]


class Attack(lost.Copy):
    """A copy of the dump in which every string is hostile."""

    def write(self, at, data):
        while data:
            part = data[:PAGE - at % PAGE]
            self.patch(self.core.translate(at), part)
            at, data = at + len(part), data[len(part):]

    def string(self, at, room=64):
        """A string of which only the place is known: as long as it is."""
        old = self.core.read(at, room).split(b'\0')[0]
        self.write(at, hostile(len(old)))
        return bool(old)

    def tasks(self, truth):
        init = self.core.symbol('init_task')
        head = init + truth.btf.member('task_struct', 'tasks')[0]
        yield init
        for task in truth.btf.list(self.core, head, 'task_struct', 'tasks'):
            yield task

    def task_names(self, truth):
        at, size = truth.btf.member('task_struct', 'comm')
        for task in self.tasks(truth):
            self.write(task + at, hostile(size))   # without an end

    def mappings(self, truth):
        mms = {truth.read(task, 'task_struct', 'mm') for task in self.tasks(truth)} - {0}
        files = set()
        for mm in mms:
            for vma in truth.vmas(mm):
                file = truth.read(vma, 'vm_area_struct', 'vm_file')
                if file:
                    dentry = truth.read(file, 'file', 'f_path.dentry')
                    files.add(truth.read(dentry, 'dentry', 'd_name.name'))
                elif self.core.symbol('special_mapping_vmops') == \
                        truth.read(vma, 'vm_area_struct', 'vm_ops'):
                    mapping = truth.read(vma, 'vm_area_struct', 'vm_private_data')
                    files.add(truth.read(mapping, 'vm_special_mapping', 'name'))
        return sum(self.string(at) for at in files)

    def modules(self, truth):
        core, btf = self.core, truth.btf
        at, size = btf.member('module', 'name')
        for module in btf.list(core, core.symbol('modules'), 'module', 'list'):
            self.write(module + at, hostile(size))
            kallsyms = truth.read(module, 'module', 'kallsyms')
            symbols, strings, count = (truth.read(kallsyms, 'mod_kallsyms', m)
                                       for m in ('symtab', 'strtab', 'num_symtab'))
            table = core.read(symbols, 24 * count)
            last = max(struct.unpack_from('<I', table, 24 * i)[0] for i in range(count))
            old = core.read(strings, last + 1)
            # One long string for several, and the others as long as they were.
            new = b'\0'.join(hostile(len(s)) for s in old.split(b'\0'))
            self.write(strings, new[:last])

    def uts(self, truth):
        at = self.core.symbol('init_uts_ns') + truth.btf.member('uts_namespace', 'name')[0]
        for member in ('release', 'version', 'nodename'):
            where, size = truth.btf.member('new_utsname', member)
            self.write(at + where, hostile(size))

    def log(self, truth):
        prb = self.core.u64(self.core.symbol('prb'))
        ring = prb + truth.btf.member('printk_ringbuffer', 'text_data_ring')[0]
        bits = truth.read(ring, 'prb_data_ring', 'size_bits')
        data = truth.read(ring, 'prb_data_ring', 'data')
        old = self.core.read(data, 1 << bits)
        # Each is behind the ID of its descriptor.
        for run in re.finditer(rb'[\x20-\x7e]{6,}', old):
            self.write(data + run.start(), hostile(len(run.group())))

    def release(self):
        """The note's: same length, so that nothing else moves."""
        with open(self.target, 'r+b') as f:
            head = f.read(1 << 16)
            for m in re.finditer(rb'OSRELEASE=([^\n]+)', head):
                f.seek(m.start(1))
                f.write(hostile(len(m.group(1))).replace(b'\n', b'\x0b'))


def is_hidden(c):
    # Noncharacters; what has no category yet is no attack.
    return unicodedata.category(c) in HIDDEN or ord(c) & 0xfffe == 0xfffe or \
        0xfdd0 <= ord(c) <= 0xfdef


def is_clean(suite, what, out, err=b''):
    for stream in (out, err):
        try:
            bad = next((c for c in stream.decode() if c not in '\n\t' and is_hidden(c)), None)
        except UnicodeDecodeError as e:
            bad = str(e)
        suite.check(f'{what}: only what can be seen', bad is None, 'no other character',
                    f'{bad!r} in {stream[:400]!r}')


def run(suite, what, argv, stdin=b'', parse=False, **kw):
    p = subprocess.run([cli.STACKINFO, *argv], input=stdin, capture_output=True, env=cli.ENV,
                       timeout=120, **kw)
    r = cli.Result(p.returncode, p.stdout.decode(errors='replace'),
                   p.stderr.decode(errors='replace'))
    suite.check(f'{what}: does not crash', not r.crashed, 'an answer', r.err[-1500:])
    is_clean(suite, what, p.stdout, p.stderr)
    if parse:
        try:
            for line in r.out.splitlines():
                json.loads(line)
        except ValueError as e:
            suite.check(f'{what}: is JSON', False, 'a document', f'{e}: {r.out[:300]!r}')
    return r


def in_dump(suite, at, dump):
    path = os.path.join(at, 'strings')
    with Attack(dump, path) as attack:
        truth = Truth(attack.core, 2)
        attack.task_names(truth)
        names = attack.mappings(truth)
        attack.modules(truth)
        attack.uts(truth)
        attack.log(truth)
        stack = next(truth.read(t, 'task_struct', 'stack') for t in attack.tasks(truth))
        code = [truth.read(m, 'module', 'core_layout.base') for m in truth.btf.list(
            attack.core, attack.core.symbol('modules'), 'module', 'list')]
        mm, pid = truth.process()
        vmas = [truth.mapping(v)[0] for v in truth.vmas(mm)]
    Attack.release(attack)
    suite.check('there are mappings of files', names > 3, 'some', names)
    addresses = [f'{a:x}' for a in [stack + 64, *code, *(c + 0x400 for c in code), *vmas]]
    ranges = [f'{code[0]:x}..{code[0] + 0x4000:x}', f'{stack:x}..{stack + 0x4000:x}']
    seen = ''
    for command, args in [(c, []) for c in (
            '', 'tss -v', 'log', 'log -c', 'oops', 'oops -v', 'stackof -m', 'stackof -m -v', 'stackof -l',
            'stackof -c 0 -v', 'xbt -a', 'xbt -A -v', 'xbt -A -f', 'xbt -A -t', 'xbt -A -g',
            'xbt -A -o folded')] + [('stackof -v -p ' + str(pid), addresses + ranges),
                                    ('stackof', [f'{a:x}' for a in code])]:
        r = run(suite, f'hostile strings: {command}', [*command.split(), path, *args])
        suite.check(f'hostile strings: {command}: an answer', r.out, 'a text', r.err)
        seen += r.out + r.err
    for command, args in [(c, []) for c in (
            'tss -j', 'oops -j', 'stackof -j -m', 'stackof -j -l', 'stackof -j -c 0', 'xbt -j -A')] + [(f'stackof -j -v -p {pid}', addresses + ranges)]:
        r = run(suite, f'hostile strings: {command}', [*command.split(), path, *args],
                parse=True)
        suite.check(f'hostile strings: {command}: an answer', r.out, 'a text', r.err)
        seen += r.out
    for argv in ([], ['xbt', '-A'], ['tss'], ['stackof', '-m'], ['stackof', *addresses]):
        run(suite, f'hostile strings: --batch {argv[:1]}', ['--batch', *argv],
            stdin=path.encode() + b'\n', parse=True)
    # The attack was one: each kind of string is in the answers, made harmless.
    for what, text in (('task', f'COMMAND: "{AS_NAME}'), ('module', f'[{AS_NAME}'),
                       ('symbol', f' {AS_NAME}'), ('file', f' file r--p {AS_NAME[:6]}'),
                       ('version', f'-amd64 {AS_NAME}'), ('host', f'host {AS_NAME}'),
                       # It is not the banner's: another VMCOREINFO is looked for.
                       ('release', f'note is of {AS_TEXT[:8]}'), ('message', f'] {AS_TEXT}'),
                       ('special mapping', ': ?[2J')):
        suite.contains(f'hostile strings: the name of a {what} is told', text, seen)


def in_names(suite, at, dump):
    """The kernel's own symbols: each "k" of them is the beginning of a sequence."""
    path = os.path.join(at, 'tokens')
    with Attack(dump, path) as attack:
        begin = attack.core.symbol('kallsyms_token_table')
        size = attack.core.symbol('kallsyms_token_index') - begin
        table = attack.core.read(begin, size)
        attack.write(begin, table.replace(b'k', b'\x9b'))
    for command in ('xbt -A -v', 'xbt -A -f', 'xbt -A -j', 'stackof -m', 'tss -v'):
        r = run(suite, f'hostile kallsyms: {command}',
                ['-n', dump.namelist, *command.split(), path], parse='-j' in command)
        suite.check(f'hostile kallsyms: {command}: an answer', r.out, 'a text', r.err)
    run(suite, 'hostile kallsyms: without a namelist', ['xbt', '-A', path])


def in_vmcoreinfo(suite, at, dump):
    """What is told of VMCOREINFO when a namelist does not go with it."""
    path = os.path.join(at, 'info')
    for name in (rb'BUILD-ID=([^\n]+)', rb'SYMBOL\((_stext)\)', rb'SYMBOL\((init_uts_ns)\)'):
        with lost.Copy(dump, path):
            pass
        with open(path, 'r+b') as f:
            head = f.read(1 << 16)
            for m in re.finditer(name, head):
                f.seek(m.start(1))
                f.write(hostile(len(m.group(1))).replace(b'\n', b'\x0b'))
            if b'BUILD' not in name:
                for m in re.finditer(b'BUILD-ID', head):
                    f.seek(m.start())
                    f.write(b'WHATEVER')
        r = run(suite, f'hostile VMCOREINFO: {name.decode()}',
                ['-n', dump.namelist, 'xbt', '-a', path])
        suite.check(f'hostile VMCOREINFO: {name.decode()}: told', r.err or r.out, 'a text', '')


def in_arguments(suite, at, dump):
    word = HOSTILE.replace(b'/', b'')
    name = os.path.join(os.fsencode(at), word)
    with open(name, 'wb') as f:
        f.write(b'no dump ' * 1000)
    for argv in ([word], ['xbt', name], ['xbt', name + b'.none'], ['-n', name, 'xbt', dump],
                 ['xbt', dump, word], ['stackof', dump, word], ['stackof', dump, b'%' + word],
                 ['stackof', dump, word + b'..1'], ['stackof', dump, word + b':1'],
                 ['stackof', dump, b'init_task:' + word], ['stackof', dump, b'_text+' + word],
                 ['stackof', '-c', word, dump], ['stackof', '-p', word, dump],
                 ['stackof', '-f', name + b'.none', dump], ['tss', '-c', word, dump],
                 ['tss', '-c', b'0-' + word, dump], ['xbt', '-S', word, dump],
                 ['xbt', '-o', word, dump], ['--' + 'x', word], [b'--' + word], [b'-' + word],
                 ['nosuch' + '\x1b', 'x'], ['help', word], [word, word]):
        what = f'hostile argument: {argv!r:.60}'
        r = run(suite, what, argv)
        suite.check(f'{what}: refused', r.status and r.err, 'a complaint', r.status)
    r = run(suite, 'hostile text', ['stackof', '-f', name, '-j', dump], parse=True)
    text = HOSTILE + b'\ttab 0xffffffff81000000\n' + b'\x1b' * 9000 + b'\n'
    for option in ([], ['-j']):
        r = run(suite, f'hostile text {option}', ['stackof', *option, dump, '-'], stdin=text,
                parse=bool(option))
        # A terminal's sequence goes, as a colour does; what is none is told.
        out = r.out.replace('\\\\', '\\')
        suite.check(f'hostile text {option}: no sequence', '[2J' not in out, 'no [2J', out[:200])
        suite.contains(f'hostile text {option}: is told', '\\x1b\\x1b', out)
    names = b'\n'.join((name, name + b'.none', word.replace(b'\n', b'')))
    run(suite, '--batch of hostile names', ['--batch', 'tss'], stdin=names.replace(
        b'\r\n', b'') + b'\n', parse=True)


def in_every_language(suite, at, dump):
    """Every character there is, as a text; and names that are none of ASCII's."""
    path = os.path.join(at, 'characters')
    every = [chr(n) for n in range(0x80, 0x110000)]
    with open(path, 'wb') as f:
        for i in range(0, len(every), 256):
            f.write(''.join(every[i:i + 256]).encode('utf-8', 'surrogatepass') + b'\n')
    r = run(suite, 'every character', ['stackof', '-f', path, dump.vmcore])
    printed = set(r.out)
    # What is assigned and has a category of what is seen.
    wanted = {c for c in every if unicodedata.category(c)[0] in 'LNPS' and not is_hidden(c)}
    # Fillers are letters by name only.
    wanted -= set('\u115f\u1160\u3164\uffa0\ufffc')
    suite.equal('characters that are kept back', [], sorted(wanted - printed)[:20])

    path = os.path.join(at, 'names')
    with Attack(dump, path) as attack:
        truth = Truth(attack.core, 2)
        comm, size = truth.btf.member('task_struct', 'comm')
        for task in attack.tasks(truth):
            attack.write(task + comm, SEEN.encode()[:size - 1].ljust(size, b'\0'))
    # The kernel cuts names between bytes.
    seen = SEEN.encode()[:size - 1].decode(errors='ignore')
    for command in ('xbt -A', 'stackof -m', 'xbt -A -g', 'xbt -A -j', 'xbt -A -o folded'):
        r = run(suite, f'names in UTF-8: {command}', [*command.split(), path],
                parse='-j' in command)
        suite.contains(f'names in UTF-8: {command}', seen, r.out)
    for locale, wanted in (('C.UTF-8', seen), ('C', '"Gr\\xc3\\xb6\\xc3\\x9f')):
        out = on_terminal([cli.STACKINFO, 'xbt', '-A', path], locale)
        suite.contains(f'names on a terminal in {locale}', wanted, out.decode())
        if locale == 'C':
            suite.check('no byte that is none of ASCII', out.isascii(), 'none', '')


def on_terminal(argv, locale):
    """What a terminal shows. It has no room for much: it is read all the time."""
    master, slave = pty.openpty()
    p = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=slave, stderr=slave,
                         env=dict(cli.ENV, LC_ALL=locale))
    os.close(slave)
    out = b''
    try:
        while part := os.read(master, 1 << 16):
            out += part
    except OSError:   # nobody writes any more
        pass
    os.close(master)
    p.wait(60)
    return out


def check(suite, at, dump):
    in_every_language(suite, at, dump)
    in_dump(suite, at, dump)
    in_names(suite, at, dump)
    in_vmcoreinfo(suite, at, dump)
    in_arguments(suite, at, dump.vmcore)
