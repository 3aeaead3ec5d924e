/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oops.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stackinfo/kernel.h>

#include "../arch/arch.h"
#include "../base/safe.h"
#include "../kernel/kallsyms.h"
#include "../machine/vmcoreinfo.h"

/* Longer lines are looked at as far as this: what a kernel prints is shorter. */
#define LOOKED_AT 1024u

/* Something that the text says, @same as the dump or not. */
static void note_trait(struct stk_oops_origin *o, enum stk_oops_trait trait, bool same,
		       const char *theirs, const char *ours)
{
	struct stk_oops_find *f = &o->find[trait];

	if (same) {
		f->same++;
		return;
	}
	if (f->differ++)
		return;
	f->line = o->nr_lines;
	stk_safe_text(f->theirs, sizeof(f->theirs), theirs);
	stk_safe_text(f->ours, sizeof(f->ours), ours);
}

/* The word at @text, without what @after has, in @buf. */
static size_t copy_word(const char *text, char *buf, size_t size)
{
	size_t len = strcspn(text, " \t)");

	if (len >= size)
		len = 0;
	memcpy(buf, text, len);
	buf[len] = '\0';
	return len;
}

/* ---- the architecture, by how its registers stand in an oops ---- */

static const struct {
	const char *mark, *name; /* as uname -m has it */
} machines[] = {
	{ "RAX: ", "x86_64" },	    { "EAX: ", "i686" },
	{ "pstate: ", "aarch64" },  { "pc : ", "aarch64" },
	{ "x29: ", "aarch64" },	    { "psr: ", "arm" },
	{ "PC is at ", "arm" },	    { "epc : ", "riscv64" },
	{ "badaddr: ", "riscv64" }, { "NIP: ", "ppc64le" },
	{ "NIP [", "ppc64le" },	    { "Krnl PSW : ", "s390x" },
	{ "Krnl GPRS: ", "s390x" }, { "epc   : ", "mips64" },
	{ "ERA: ", "loongarch64" }, { "BADV: ", "loongarch64" },
	{ "TSTATE: ", "sparc64" },
};

static bool has_mark(const char *line, const char *mark)
{
	const char *p = line;

	while ((p = strstr(p, mark))) {
		if (p == line || strchr(" \t]>:", p[-1]))
			return true;
		p++;
	}
	return false;
}

static void compare_machine(struct stk *s, struct stk_oops_origin *o, const char *line)
{
	const char *ours = stk_arch_name(s);

	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		if (!has_mark(line, machines[i].mark))
			continue;
		/* 32-bit ARM has "pc : [<c0008000>]", too, and "psr: " behind it. */
		if (!strcmp(machines[i].mark, "pc : ") && strstr(line, "psr: "))
			continue;
		note_trait(o, STK_OOPS_ARCHITECTURE, !strcmp(machines[i].name, ours),
			   machines[i].name, ours);
		return;
	}
}

/* ---- the release, and its build ---- */

#define BANNER "Linux version "

/* The same release is built again and again; each build has its number and time. */
static void compare_build(struct stk *s, struct stk_oops_origin *o, const char *text)
{
	const char *build = strstr(text, " #");
	struct stk_machine m;

	if (!build || !isdigit((unsigned char)build[2]) || stk_machine(s, &m) ||
	    !m.version)
		return;
	build++;
	note_trait(o, STK_OOPS_BUILD, !strncmp(build, m.version, strlen(m.version)),
		   build, m.version);
}

static void compare_release(struct stk *s, struct stk_oops_origin *o, const char *line)
{
	const char *at = strstr(line, BANNER), *ours = stk_release(s);
	char release[65];
	bool same;

	if (!at || !*ours || !isdigit((unsigned char)at[strlen(BANNER)]) ||
	    !copy_word(at + strlen(BANNER), release, sizeof(release)))
		return;
	same = !strcmp(release, ours);
	note_trait(o, STK_OOPS_RELEASE, same, release, ours);
	if (same)
		compare_build(s, o, at);
}

/*
 * dump_stack_print_info() in lib/dump_stack.c: "CPU: 1 PID: 12 Comm: sh Tainted: G   OE
 * 6.1.0-13-amd64 #1": the word before the number of the build. Before 3.10: "Pid: 12,
 * comm: sh Not tainted 2.6.32 #1".
 */
static void compare_header(struct stk *s, struct stk_oops_origin *o, const char *line)
{
	const char *at = strstr(line, "ainted"), *end, *ours = stk_release(s);
	char release[65];

	if (!at || !*ours || !(strstr(line, "omm: ") || strstr(line, "Pid: ")))
		return;
	for (end = at; (end = strstr(end, " #")); end++)
		if (isdigit((unsigned char)end[2]))
			break;
	if (!end)
		return;
	for (at = end; at > line && !strchr(" (", at[-1]); at--)
		;
	if (isdigit((unsigned char)*at) && copy_word(at, release, sizeof(release)))
		note_trait(o, STK_OOPS_RELEASE, !strcmp(release, ours), release, ours);
}

/* ---- the boot: what KASLR added ---- */

#define OFFSET "Kernel Offset: "

static void compare_offset(struct stk *s, struct stk_oops_origin *o, const char *line)
{
	const char *at = strstr(line, OFFSET);
	char theirs[24], ours[24], *end;
	uint64_t value = 0, kaslr;

	if (!at || !stk_vmcoreinfo_number(s, "KERNELOFFSET", 16, &kaslr))
		return;
	at += strlen(OFFSET);
	if (strncmp(at, "disabled", 8)) {
		value = strtoull(at, &end, 16);
		/* "0x1a000000 from 0x…": not what is left of a line that was cut. */
		if (strncmp(at, "0x", 2) || end == at || *end != ' ')
			return;
	}
	snprintf(theirs, sizeof(theirs), "%#" PRIx64, value);
	snprintf(ours, sizeof(ours), "%#" PRIx64, kaslr);
	note_trait(o, STK_OOPS_BOOT, value == kaslr, theirs, ours);
}

/* ---- functions ---- */

static void compare_function(struct stk *s, struct stk_oops_origin *o,
			     const struct stk_oops_function *f)
{
	char theirs[160], ours[160];
	uint64_t addr, start, size;
	const char *name;

	/* A function in assembly may have no size; the kernel then has none to tell. */
	if (f->in_module || !f->size || stk_kallsyms_address(s, f->name, &addr) ||
	    stk_kallsyms_lookup(s, addr, &name, &start, &size) || !size)
		return;
	if (size != f->size && !stk_kallsyms_sized(s, f->name, f->size, &addr))
		size = f->size;
	snprintf(theirs, sizeof(theirs), "%.100s is %#" PRIx64 " bytes long", f->name,
		 f->size);
	snprintf(ours, sizeof(ours), "%#" PRIx64, size);
	note_trait(o, STK_OOPS_FUNCTION_SIZE, size == f->size, theirs, ours);
	if (size != f->size || !f->has_addr)
		return;
	snprintf(theirs, sizeof(theirs), "%.100s is at %" PRIx64, f->name,
		 f->addr - f->offset);
	snprintf(ours, sizeof(ours), "%" PRIx64, addr);
	note_trait(o, STK_OOPS_ADDRESS, f->addr - f->offset == addr, theirs, ours);
}

static void compare_functions(struct stk *s, struct stk_oops_origin *o, const char *line)
{
	struct stk_oops_function f;
	size_t at = 0;

	while (o->nr_functions < STK_OOPS_FUNCTIONS &&
	       stk_oops_function(line, strlen(line), &at, &f)) {
		o->nr_functions++;
		compare_function(s, o, &f);
	}
}

void stk_oops_compare(struct stk *s, struct stk_oops_origin *o, const char *line,
		      size_t len)
{
	char text[LOOKED_AT + 1];

	o->nr_lines++;
	if (len > LOOKED_AT)
		len = LOOKED_AT;
	memcpy(text, line, len);
	text[len] = '\0';
	compare_machine(s, o, text);
	compare_release(s, o, text);
	compare_header(s, o, text);
	compare_offset(s, o, text);
	compare_functions(s, o, text);
}

static const struct {
	const char *code;
	const char *of;	    /* "another kernel" */
	const char *format; /* their word, then ours */
} trait_text[] = {
	[STK_OOPS_ARCHITECTURE] = { "architecture", "another architecture",
				    "line %zu is of %s, this dump of %s" },
	[STK_OOPS_RELEASE] = { "release", "another kernel",
			       "line %zu has %s, this dump %s" },
	[STK_OOPS_BUILD] = { "build", "another build of this kernel",
			     "line %zu has \"%s\", this dump \"%s\"" },
	[STK_OOPS_FUNCTION_SIZE] = { "function_size", "another build of this kernel",
				     "in line %zu %s, in this dump %s" },
	[STK_OOPS_BOOT] = { "boot", "another boot of this kernel",
			    "line %zu has the kernel offset %s, this dump %s" },
	[STK_OOPS_ADDRESS] = { "address", "another boot of this kernel",
			       "in line %zu %s, in this dump at %s" },
};

const char *stk_oops_trait_code(enum stk_oops_trait trait)
{
	return trait_text[trait].code;
}

bool stk_oops_foreign(const struct stk_oops_origin *o, enum stk_oops_trait trait,
		      char *text, size_t size)
{
	const struct stk_oops_find *f = &o->find[trait];
	char detail[480];

	if (!f->differ)
		return false;
	snprintf(detail, sizeof(detail), trait_text[trait].format, f->line, f->theirs,
		 f->ours);
	if (trait == STK_OOPS_FUNCTION_SIZE)
		snprintf(detail + strlen(detail), sizeof(detail) - strlen(detail),
			 " (%zu of %zu functions differ)", f->differ,
			 f->differ + f->same);
	snprintf(text, size, "%s is of %s: %s",
		 f->same && trait != STK_OOPS_FUNCTION_SIZE ? "part of the text"
							    : "the text",
		 trait_text[trait].of, detail);
	return true;
}
