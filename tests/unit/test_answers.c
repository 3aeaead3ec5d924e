/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves each character of what the commands answer, as text and as JSON, on a machine
 * that has some of everything: answers.txt is what was typed and what came, and was read
 * by a human. STACKINFO_ANSWERS=FILE writes what comes now to FILE instead.
 */
#include "fixture.h"
#include "suite.h"

#include "commands/commands.h"

#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#define AT	  (SYN_DATA + 0x100000) /* free room in the image */
#define MM	  AT
#define VMAS	  (AT + 0x1000)
#define AREAS	  (AT + 0x2000)
#define LIST	  (AT + 0x3000)
#define ALLOCATED (SYN_VMALLOC + 0x40000000)

static struct stk *s;
static struct stk_command cmd;
static FILE *now;
static char *came, *wanted;
static size_t came_len;

static void on_error(struct stk_command *self, const char *text)
{
	fprintf(self->out, "complaint: %s\n", text);
}

static bool get_context(struct stk_command *unused, uint64_t *task)
{
	*task = sh;
	return true;
}

struct type {
	const char *name;
	uint32_t offset, size;
};

static void add_types(const struct type *t)
{
	for (; t->name; t++)
		syn_member(m, t->name, t->offset, t->size);
}

static void add_mappings(void)
{
	static const uint64_t vma[][3] = {
		{ 0x30000, 0x31000, 3 },
		{ 0x7f0000000000ull, 0x7f0000001000ull, 5 },
		{ 0x7ffc00000000ull, 0x7ffc00002000ull, 3 },
	};

	syn_mm_types(m);
	syn_put64(m, sh + 0x7f0, MM);
	syn_put64(m, MM + 8, vma[0][0]);
	syn_put64(m, MM + 16, vma[0][1]);
	syn_put64(m, MM + 24, vma[2][0] + 0x800);
	syn_put64(m, MM + 32, VMAS);
	for (size_t i = 0; i < 3; i++) {
		for (size_t k = 0; k < 3; k++)
			syn_put64(m, VMAS + 64 * i + 8 * k, vma[i][k]);
		syn_put64(m, VMAS + 64 * i + 32, i < 2 ? VMAS + 64 * (i + 1) : 0);
	}
}

static void add_allocations(void)
{
	static const struct type types[] = {
		{ "vmap_area", 0, 64 },	       { "vmap_area.va_start", 0, 8 },
		{ "vmap_area.va_end", 8, 8 },  { "vmap_area.list", 40, 16 },
		{ "vmap_area.vm", 56, 8 },     { "vm_struct", 0, 64 },
		{ "vm_struct.addr", 8, 8 },    { "vm_struct.size", 16, 8 },
		{ "vm_struct.flags", 24, 8 },  { "vm_struct.phys_addr", 48, 8 },
		{ "vm_struct.caller", 56, 8 }, { 0 },
	};
	static const uint64_t area[][4] = {
		/* begin, end, flags, phys_addr */
		{ 0, 0x5000, 0x2, 0 },
		{ 0x8000, 0xa000, 0x41, 0xfed00000 },
	};

	add_types(types);
	syn_symbol(m, "vmap_area_list", LIST);
	for (size_t i = 0; i < 2; i++) {
		uint64_t at = AREAS + 0x100 * i, begin = ALLOCATED + area[i][0],
			 end = ALLOCATED + area[i][1];

		syn_put64(m, at, begin);
		syn_put64(m, at + 8, end);
		syn_put64(m, at + 40, i ? LIST : at + 0x100 + 40);
		syn_put64(m, at + 56, at + 0x80);
		syn_put64(m, at + 0x88, begin);
		syn_put64(m, at + 0x90, end - begin);
		syn_put64(m, at + 0x98, area[i][2]);
		syn_put64(m, at + 0xb0, area[i][3]);
		syn_put64(m, at + 0xb8, i ? 0 : syn_sym(m, "vfs_write") + 4);
	}
	syn_put64(m, LIST, AREAS + 40);
}

/* One whose only return address leads nowhere. */
static void add_broken(void)
{
	uint64_t task = syn_task(m, "broken one", 302, 0);
	struct syn_cpu cpu = syn_cpu(m, 1, task);

	syn_syscall(&cpu);
	syn_sleep(&cpu);
	for (uint64_t at = cpu.sp; at < syn_stack(m, task) + SYN_THREAD_SIZE - 0x150;
	     at += 8)
		if (syn_get64(m, at) >> 32 == 0xffffffff &&
		    syn_get64(m, at) % 0x1000 >= 0x40)
			syn_put64(m, at, SYN_DIRECT);
}

static void add_sleepers(void)
{
	struct syn_cpu cpu;

	for (uint32_t pid = 300; pid < 302; pid++) {
		cpu = syn_cpu(m, 1,
			      syn_task(m, pid == 300 ? "one; two" : "other", pid, 0));
		syn_syscall(&cpu);
		syn_sleep(&cpu);
	}
	cpu = syn_cpu(m, 0, syn_task(m, "kworker/0:1", 40, 0));
	syn_kthread(&cpu);
	syn_sleep(&cpu);
	add_broken();
}

static void setup(void)
{
	struct syn_cpu cpu;

	m = syn_kernel(SYN_6_1);
	syn_fill(m, AT, 0x4000, 0);
	syn_module(m, "dummy", SYN_MODULE, "dummy_fn");
	add_sleepers();
	cpu = syn_cpu(m, 0, syn_idle(m, 0));
	syn_idle_loop(&cpu);
	syn_irq(&cpu);
	syn_panic(&cpu);
	syn_crash_note(&cpu);
	/* What older calls left behind: in a frame, and on a stack that is not in use. */
	syn_put64(m, syn_irq_top(0) - 0xb0, syn_sym(m, "vfs_write") + 0x9b);
	syn_put64(m, syn_ist_top(m, 0, "NMI") - 0x100, SYN_DIRECT);
	sh = syn_task(m, "sh", 227, 0);
	cpu = syn_cpu(m, 1, sh);
	syn_syscall(&cpu);
	syn_irq(&cpu);
	syn_nmi(&cpu);
	syn_crash_note(&cpu);
	add_mappings();
	add_allocations();
	/* What deviates, on one CPU. */
	syn_put32(m, syn_percpu(m, "cpu_tss_rw", 0) + 100, 0x70u << 16);
	syn_put64(m, syn_percpu(m, "cpu_tss_rw", 0) + 36 + 16,
		  syn_ist_top(m, 0, "DB") - 4096);
	s = syn_open(m);
	now = open_memstream(&came, &came_len);
}

static void teardown(void)
{
	if (now)
		fclose(now);
	free(came);
	free(wanted);
	now = NULL;
	came = wanted = NULL;
}

/* A document is one line: so many objects to a line, so much to read in a difference. */
static void put_answer(const char *text)
{
	for (; *text; text++) {
		fputc(*text, now);
		if (!strncmp(text, "}, {", 4))
			fputs(",\n", now), text += 2;
	}
}

static void run(const char *line)
{
	char copy[512], *argv[32], *save, *out = NULL;
	size_t len;
	int argc = 0;
	enum stk_command_result res;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *p = strtok_r(copy, " ", &save); p; p = strtok_r(NULL, " ", &save))
		argv[argc++] = p;
	argv[argc] = NULL;
	cmd = (struct stk_command){ .s = s,
				    .out = open_memstream(&out, &len),
				    .error = on_error,
				    .context = get_context };
	res = stk_run_words(stk_find_command(argv[0], STK_EVERYWHERE), &cmd, argc, argv);
	fclose(cmd.out);
	fprintf(now, "$ %s\n", line);
	put_answer(out);
	fprintf(now, "result %d\n", (int)res);
	free(out);
}

/* The file beside this one. */
static char *read_answers(void)
{
	char source[] = __FILE__, path[256], *text = NULL;
	size_t len = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/answers.txt", dirname(source));
	f = fopen(path, "r");
	ck_assert_msg(f != NULL, "no %s", path);
	ck_assert_int_gt(getdelim(&text, &len, '\0', f), 0);
	fclose(f);
	return text;
}

static void run_all(const char *text)
{
	for (const char *p = text; p; p = strstr(p, "\n$ ")) {
		char line[512];

		p += *p == '\n' ? 3 : 2;
		snprintf(line, sizeof(line), "%.*s", (int)strcspn(p, "\n"), p);
		run(line);
	}
	fflush(now);
}

/* Where they part: the command and the line. */
static void tell_difference(void)
{
	const char *a = wanted, *b = came, *command = wanted;

	while (*a && *b) {
		size_t la = strcspn(a, "\n"), lb = strcspn(b, "\n");

		if (!strncmp(a, "$ ", 2))
			command = a;
		if (la != lb || memcmp(a, b, la))
			break;
		a += la + (a[la] != '\0');
		b += lb + (b[lb] != '\0');
	}
	ck_abort_msg("%.*s: \"%.*s\", not \"%.*s\"", (int)strcspn(command, "\n"), command,
		     (int)strcspn(b, "\n"), b, (int)strcspn(a, "\n"), a);
}

START_TEST(every_character)
{
	const char *path = getenv("STACKINFO_ANSWERS");

	wanted = read_answers();
	run_all(wanted);
	if (path) {
		FILE *f = fopen(path, "w");

		fputs(came, f);
		fclose(f);
	} else if (strcmp(wanted, came)) {
		tell_difference();
	}
}
END_TEST

static const struct unit_test t_tests[] = {
	TEST(every_character),
	{ 0 },
};

const struct unit_suite suite_answers = {
	"answers",
	{
		{ "answers", t_tests, setup, teardown },
	},
};
