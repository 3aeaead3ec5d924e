/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "damage.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "asked.h"
#include "other.h"

static bool is_x86(void)
{
	return m->target.machine == EM_X86_64;
}

static uint64_t task_of(uint32_t pid)
{
	const uint32_t tasks = syn_off(m, "task_struct.tasks");
	const uint64_t init = syn_sym(m, "init_task");
	uint32_t found;

	for (uint64_t task = syn_get64(m, init + tasks) - tasks; task != init;
	     task = syn_get64(m, task + tasks) - tasks) {
		syn_read(m, task + syn_off(m, "task_struct.pid"), &found, sizeof(found));
		if (found == pid)
			return task;
	}
	syn_misuse("no task %u", pid);
}

static uint64_t idle_of(unsigned int cpu)
{
	return is_x86() ? syn_idle(m, cpu) : other_idle(m, cpu);
}

uint64_t damage_base(const char *name)
{
	const char *arg = strchr(name, ':'), *at = strchr(name, '@');
	const unsigned int cpu = at ? (unsigned int)atoi(at + 1) : 0;
	char symbol[64];

	if (!strncmp(name, "task:", 5))
		return task_of((uint32_t)atoi(arg + 1));
	if (!strncmp(name, "stack:", 6))
		return syn_stack(m, task_of((uint32_t)atoi(arg + 1)));
	if (!strncmp(name, "idle:", 5))
		return idle_of((unsigned int)atoi(arg + 1));
	if (!strncmp(name, "idlestack:", 10))
		return syn_stack(m, idle_of((unsigned int)atoi(arg + 1)));
	if (!at)
		return syn_sym(m, name);
	if (!strncmp(name, "ist:", 4)) {
		snprintf(symbol, sizeof(symbol), "%.*s", (int)(at - arg - 1), arg + 1);
		return syn_ist_top(m, cpu, symbol) - 0x1000;
	}
	snprintf(symbol, sizeof(symbol), "%.*s", (int)(at - name), name);
	return is_x86() ? syn_percpu(m, symbol, cpu) : other_percpu(m, symbol, cpu);
}

static uint64_t place(char *text)
{
	char *plus = strchr(text, '+');

	syn_assert(plus);
	*plus = '\0';
	return damage_base(text) + strtoull(plus + 1, NULL, 16);
}

static uint64_t changed(uint64_t old, const char *how)
{
	const struct {
		const char *how;
		uint64_t value;
	} row[] = {
		{ "zero", 0 },
		{ "ones", ~0ull },
		{ "odd", old ^ 1 },
		{ "next", old + 8 },
		{ "less", old - 8 },
		{ "low", old & 0xffffffff },
		{ "page", old ^ 0x1000 },
		{ "text", syn_sym(m, "task_spin") + 0x48 },
		{ "panic", syn_sym(m, "panic") },
		{ "user", SYN_USER_IP },
		{ "sleeper", syn_stack(m, task_of(300)) + 0x2f00 },
		{ "worker", task_of(600) },
		{ "entry", is_x86() ? syn_cea(m, 1) + 0x1f00 : 0 },
		{ "here", syn_stack(m, sh) + 0x3f00 },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (!strcmp(row[i].how, how))
			return row[i].value;
	syn_misuse("no change %s", how);
}

static void change_note(const char *number, const char *reg, const char *how)
{
	struct syn_note *n = &m->note[atoi(number)];
	const struct {
		const char *name;
		uint64_t *wide;
		uint32_t *narrow;
	} sys[] = {
		{ "cr2", &n->cr2, NULL },
		{ "cr3", &n->cr3, NULL },
		{ "cr4", &n->cr4, NULL },
		{ "gs", &n->gs_base, NULL },
		{ "tr", &n->tr_base, NULL },
		{ "gdt", &n->gdt_base, NULL },
		{ "idt", &n->idt_base, NULL },
		{ "selector", NULL, &n->tr_selector },
		{ "tr_limit", NULL, &n->tr_limit },
		{ "gdt_limit", NULL, &n->gdt_limit },
		{ "idt_limit", NULL, &n->idt_limit },
		{ "pid", NULL, &n->pid },
	};

	syn_assert((size_t)atoi(number) < m->nr_notes);
	for (size_t i = 0; i < sizeof(sys) / sizeof(sys[0]); i++) {
		if (strcmp(sys[i].name, reg))
			continue;
		if (sys[i].wide)
			*sys[i].wide = changed(*sys[i].wide, how);
		else
			*sys[i].narrow = (uint32_t)changed(*sys[i].narrow, how);
		return;
	}
	syn_assert((size_t)atoi(reg) < sizeof(n->gpr) / sizeof(n->gpr[0]));
	n->gpr[atoi(reg)] = changed(n->gpr[atoi(reg)], how);
}

static void take_away(const char *what, const char *name)
{
	if (!strcmp(what, "symbol"))
		syn_no_symbol(m, name);
	else if (!strcmp(what, "member"))
		syn_no_member(m, name);
	else if (!strcmp(what, "line"))
		syn_no_vmcoreinfo(m, name);
	else
		syn_misuse("no %s?", what);
}

static void one_damage(char *line)
{
	char *save, *word[4] = { NULL };
	uint64_t at;

	for (size_t i = 0; i < 4; i++)
		word[i] = strtok_r(i ? NULL : line, " ", &save);
	syn_assert(word[1]);
	if (!strcmp(word[0], "no")) {
		take_away(word[1], word[2]);
	} else if (!strcmp(word[0], "symbol")) {
		syn_find_symbol(m, word[1])->addr += 8;
	} else if (!strcmp(word[0], "member")) {
		syn_find_type(m, word[1])->m.offset += 8;
	} else if (!strcmp(word[0], "note")) {
		change_note(word[1], word[2], word[3]);
	} else if (!strcmp(word[0], "unreadable")) {
		syn_fail(m, place(word[1]), STK_ERR_EXCLUDED);
	} else if (!strcmp(word[0], "unmapped")) {
		syn_unmap(m, place(word[1]));
	} else {
		syn_assert(!strcmp(word[0], "word") && word[2]);
		at = place(word[1]);
		syn_put64(m, at, changed(syn_get64(m, at), word[2]));
	}
}

void damage(const char *line)
{
	char copy[400], *save;

	syn_assert((size_t)snprintf(copy, sizeof(copy), "%s", line) < sizeof(copy));
	for (char *one = strtok_r(copy, ",", &save); one;
	     one = strtok_r(NULL, ",", &save))
		one_damage(one);
}

static void add_answer(FILE *out, struct stk *s, const char *line)
{
	ask(s, "%s", line);
	fprintf(out, "%s%s", asked.out ? asked.out : "", asked.errors);
	asked_free();
}

char *damage_answer(void)
{
	syn_open(m);
	return damage_answer_again();
}

char *damage_answer_again(void)
{
	char *text = NULL, places[400];
	struct stk *s = m->s;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	snprintf(places, sizeof(places),
		 "stackof -v %llx %llx %llx %llx %llx 1000 7f1122334455 ffff000000001000",
		 (unsigned long long)syn_sym(m, "task_spin") + 0x40,
		 (unsigned long long)m->direct + 0x30000100ull, (unsigned long long)sh,
		 (unsigned long long)(is_x86() ? SYN_VMEMMAP : m->direct) + 0x40,
		 (unsigned long long)(is_x86() ? syn_cea(m, 1) + 0x10 : c.sp));
	add_answer(out, s, "xbt -A -v");
	add_answer(out, s, "entry");
	if (is_x86())
		add_answer(out, s, "tss");
	add_answer(out, s, "stackof -m");
	add_answer(out, s, places);
	fclose(out);
	return text;
}

struct line {
	const char *at;
	size_t len;
	bool used;
};

static struct line *lines_of(const char *text, size_t *nr)
{
	struct line *line = NULL;

	*nr = 0;
	while (*text) {
		const size_t len = strcspn(text, "\n");

		if (!(*nr & 255))
			line = realloc(line, (*nr + 256) * sizeof(*line));
		line[(*nr)++] = (struct line){ text, len, false };
		text += len + (text[len] == '\n');
	}
	return line;
}

/* In their order: what comes later in both is not the same line as one before. */
void damage_compare(FILE *out, const char *before, const char *now)
{
	size_t nr_before, nr_now, gone = 0;
	struct line *a = lines_of(before, &nr_before), *b = lines_of(now, &nr_now);

	for (size_t i = 0; i < nr_now; i++) {
		size_t j = 0;

		while (j < nr_before && (a[j].used || a[j].len != b[i].len ||
					 memcmp(a[j].at, b[i].at, b[i].len)))
			j++;
		if (j < nr_before)
			a[j].used = true;
		else
			fprintf(out, "%.*s\n", (int)b[i].len, b[i].at);
	}
	for (size_t j = 0; j < nr_before; j++)
		gone += !a[j].used;
	if (gone)
		fprintf(out, "(%zu lines gone)\n", gone);
	free(a);
	free(b);
}
