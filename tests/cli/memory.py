# SPDX-License-Identifier: GPL-2.0-or-later
"""No memory, from any moment on or just once: an end, and no answer that only looks whole."""
import os
import random
import re
import subprocess

import cli
import streams

FAILS = r"""#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
static long asked;

static int fails(void)
{
	const char *first = getenv("FAIL_FIRST"), *last = getenv("FAIL_LAST");

	asked++;
	if (!first || asked < atol(first) || (last && asked > atol(last)))
		return 0;
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t n) { return fails() ? 0 : __libc_malloc(n); }
void *calloc(size_t nr, size_t n) { return fails() ? 0 : __libc_calloc(nr, n); }
void *realloc(void *p, size_t n) { return fails() ? 0 : __libc_realloc(p, n); }

static void __attribute__((destructor)) tell(void)
{
	fprintf(stderr, "asked %ld times", asked);
}
"""
TOLD = re.compile(rb'asked (\d+) times$')
LINES = ('-j', 'xbt -A -j', 'xbt -A -o folded', 'xbt -u --no-addresses', 'tss -j', 'stackof -m -j')
MOMENTS = 25


def run(library, argv, first=None, last=None):
    env = dict(os.environ, LC_ALL='C', LD_PRELOAD=library)
    env.update({name: str(n) for name, n in (('FAIL_FIRST', first), ('FAIL_LAST', last)) if n})
    p = subprocess.run([streams.PLAIN, *argv], env=env, stdin=subprocess.DEVNULL,
                       capture_output=True, timeout=60)
    told = TOLD.search(p.stderr)
    return p, TOLD.sub(b'', p.stderr), int(told[1]) if told else 0


def check(suite, at, vmcore):
    library = os.path.join(at, 'fails.so')
    made = subprocess.run([os.environ.get('CC', 'cc'), '-shared', '-fPIC', '-x', 'c', '-',
                           '-o', library], input=FAILS, capture_output=True, text=True)
    suite.equal('memory that fails: builds', '', made.stderr)
    # What the dump is opened with is libraries' in the most.
    opened = run(library, ['log', vmcore])[2]
    for line in LINES:
        argv = [*line.split(), vmcore]
        truth, _, nr = run(library, argv)
        suite.check(f'{line}: memory was asked for', nr > opened, opened, nr)
        chance = random.Random(3)
        for _ in range(MOMENTS):
            first = chance.randrange(opened, nr + 1)
            for last in None, first:
                p, err, _ = run(library, argv, first, last)
                what = f'{line}: no memory at {first}{"" if last else " and later"}'
                suite.check(f'{what}: exit status', p.returncode in range(5), 'a status',
                            f'{p.returncode}: {err[-300:]}')
                suite.check(f'{what}: the answer, or a message', err or p.returncode == 4 or
                            (p.returncode, p.stdout) == (truth.returncode, truth.stdout),
                            'one of both', p.stdout[-300:])
