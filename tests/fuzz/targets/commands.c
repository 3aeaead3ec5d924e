/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole commands on bundled dumps, of each machine one. The first byte chooses the dump,
 * the second the command; each FUZZ_CHANGE bytes behind them change a word of a page that
 * commands read (../pages.h). Types, and unless the first byte has bit 7 also symbols,
 * come from the dump as it was: reading them takes longer than any command, and they have
 * targets of their own.
 *
 * FUZZ_DUMPS has the folder of the dumps; else it is build/dumps.
 */
#include "../answer.h"
#include "../machine.h"
#include "../pages.h"
#include "kernel/kallsyms.h"
#include "kernel/kallsyms_parts.h"

#include <stackinfo/dump.h>
#include <stdlib.h>
#include <string.h>

#define MAX_WORDS 12u
#define STEPS	  (8u << 20)
#define BYTES	  (64u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const dumps[] = {
	"5.10-multi",
	"aarch64/a64-6.12-multi",
	"riscv64/rv-6.12-multi",
};

static const char *const lines[] = {
	"xbt -A",
	"xbt -A -v",
	"xbt -A -j",
	"xbt -a -r",
	"tss -v",
	"tss -j",
	"entry -v",
	"entry -j",
	"log",
	"log -c -T",
	"oops -v",
	"oops -j",
	"stackof -l",
	"stackof -m -v",
	"stackof -m -j",
	"stackof fffffe0000000000..fffffe0000010000 %sp:0 %pc:1 %rsp:0 %rip:1",
	"stackof -v init_task runqueues:1 ffffffff81000000 cpu_tss_rw:0 exception_stacks:1",
	"stackof -j ffff800080000000 7fff00000000 ff00000000000000 401076 0",
	"stackinfo -v",
	"stackinfo -j",
	"sum",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct machine {
	struct stk_dump *dump;
	struct stk_target target;
	struct fuzz_pages pages;
};

static void run(struct stk *s, const char *line)
{
	char copy[128], *argv[MAX_WORDS + 1], *save;
	int argc = 0;

	s->budget.max_steps = s->budget.steps = STEPS;
	s->budget.max_bytes = s->budget.bytes = BYTES;
	s->budget.max_answer = s->budget.answer = BYTES;
	fuzz_assert((size_t)snprintf(copy, sizeof(copy), "%s", line) < sizeof(copy));
	for (char *p = strtok_r(copy, " ", &save); p; p = strtok_r(NULL, " ", &save)) {
		fuzz_assert(argc < (int)MAX_WORDS);
		argv[argc++] = p;
	}
	argv[argc] = NULL;
	fuzz_ask(s, stk_find_command(argv[0], STK_EVERYWHERE), strstr(line, " -j"), argc,
		 argv);
}

/* The names that are asked for hang on the session that asks. */
static void lend_symbols(const struct machine *m, struct stk *s)
{
	const struct stk_kallsyms *known = stk_dump_session(m->dump)->kallsyms.value;
	struct stk_kallsyms *k = stk_arena_alloc(&s->arena, sizeof(*k));

	fuzz_assert(known && k);
	*k = *known;
	k->expanded = stk_arena_array(&s->arena, k->nr, sizeof(*k->expanded));
	fuzz_assert(k->expanded);
	s->kallsyms.value = k;
}

static struct stk *open_session(const struct machine *m)
{
	struct stk *s = stk_open(&m->target, sizeof(m->target));

	fuzz_assert(s);
	return s;
}

static struct machine *load(const char *name)
{
	struct machine *m = calloc(1, sizeof(*m));
	const char *folder = getenv("FUZZ_DUMPS");
	char path[512], error[256];
	uint64_t addr;
	struct stk *s;

	fuzz_assert(m);
	snprintf(path, sizeof(path), "%s/%s/vmcore", folder ? folder : "build/dumps",
		 name);
	if (stk_dump_open(path, NULL, &m->dump, error, sizeof(error))) {
		fprintf(stderr, "%s (make dumps; FUZZ_DUMPS=)\n", error);
		exit(2);
	}
	stk_kallsyms_address(stk_dump_session(m->dump), "_text", &addr);
	m->target = stk_dump_session(m->dump)->target;
	m->pages.real = m->target.memory;
	m->pages.priv = m->target.memory_priv;
	m->target.memory = &fuzz_pages_ops;
	m->target.memory_priv = &m->pages;
	/* In a session of its own each, as later: caches hide nothing. */
	m->pages.learning = true;
	for (size_t i = 0; i < COUNT(lines); i++) {
		s = open_session(m);
		run(s, lines[i]);
		stk_close(s);
	}
	m->pages.learning = false;
	return m;
}

/* Kept until the end: what is opened anew each time is the session. */
static struct machine *machine(unsigned int i)
{
	static struct machine *loaded[COUNT(dumps)];

	if (!loaded[i])
		loaded[i] = load(dumps[i]);
	return loaded[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct machine *m;
	struct stk *s;

	if (size < 2)
		return 0;
	m = machine((data[0] & 0x7f) % COUNT(dumps));
	for (size_t at = 2; at + FUZZ_CHANGE <= size; at += FUZZ_CHANGE)
		fuzz_damage(&m->pages, data + at);
	s = open_session(m);
	if (!(data[0] & 0x80))
		lend_symbols(m, s);
	run(s, lines[data[1] % COUNT(lines)]);
	stk_close(s);
	fuzz_mend(&m->pages);
	return 0;
}
