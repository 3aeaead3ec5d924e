/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine's facts as lines of text; testdata/README.md lists them. */
#include "machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool parse_vmcoreinfo(struct syn *m, const char *line)
{
	char key[128], value[128];

	if (sscanf(line, "vmcoreinfo %127[^=]=%127s", key, value) != 2)
		return false;
	syn_vmcoreinfo(m, key, "%s", value);
	return true;
}

static bool parse_percpu(struct syn *m, const char *line)
{
	unsigned long long offset;
	unsigned int cpu;

	if (sscanf(line, "percpu %u %llx", &cpu, &offset) != 2)
		return false;
	syn_assert(cpu < SYN_MAX_CPUS);
	m->percpu[cpu] = offset;
	if (cpu >= m->nr_percpu)
		m->nr_percpu = cpu + 1;
	return true;
}

static bool parse_symbol(struct syn *m, const char *line)
{
	unsigned long long value;
	char name[640], type = 'A';

	if (sscanf(line, "percpu_symbol %639s %llx", name, &value) != 2 &&
	    sscanf(line, "symbol %llx %c %639s", &value, &type, name) != 3)
		return false;
	syn_symbol_of_type(m, name, value, type);
	return true;
}

static bool parse_type(struct syn *m, const char *line)
{
	unsigned int offset = 0, size;
	char name[96];

	if (sscanf(line, "struct %95s size %u", name, &size) != 2 &&
	    sscanf(line, "union %95s size %u", name, &size) != 2 &&
	    sscanf(line, "member %95s offset %u size %u", name, &offset, &size) != 3)
		return false;
	syn_member(m, name, offset, size);
	return true;
}

/* In the order of struct pt_regs. */
static const char *const reg_names[] = {
	"r15", "r14", "r13", "r12", "bp",      "bx", "r11", "r10",   "r9", "r8", "ax",
	"cx",  "dx",  "si",  "di",  "orig_ax", "ip", "cs",  "flags", "sp", "ss",
};

/* QEMU counts CPUs from 1. */
static struct syn_note *note_of(struct syn *m, unsigned int cpu)
{
	for (size_t i = 0; i < m->nr_notes; i++)
		if (m->note[i].kind == STK_NOTE_QEMU && m->note[i].pid == cpu + 1)
			return &m->note[i];
	return syn_note(m, STK_NOTE_QEMU, cpu + 1);
}

static bool parse_reg(struct syn *m, const char *line)
{
	unsigned long long value;
	unsigned int cpu;
	char name[32];

	if (sscanf(line, "reg %u %31s %llx", &cpu, name, &value) != 3)
		return false;
	syn_assert(cpu < SYN_MAX_CPUS);
	for (size_t i = 0; i < sizeof(reg_names) / sizeof(reg_names[0]); i++)
		if (!strcmp(name, reg_names[i]))
			note_of(m, cpu)->gpr[i] = value;
	return true;
}

static bool parse_mem(struct syn *m, const char *line)
{
	uint64_t addr;
	char *p;

	if (strncmp(line, "mem ", 4) != 0)
		return false;
	addr = strtoull(line + 4, &p, 0);
	if (*p != ':')
		return false;
	for (p++;; addr += 8) {
		char *end;
		uint64_t value = strtoull(p, &end, 16);

		if (end == p)
			return true;
		syn_put64(m, addr, value);
		p = end;
	}
}

bool syn_fact(struct syn *m, const char *line)
{
	return parse_mem(m, line) || parse_symbol(m, line) || parse_reg(m, line) ||
	       parse_type(m, line) || parse_percpu(m, line) || parse_vmcoreinfo(m, line);
}
