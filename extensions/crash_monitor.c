/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The registers of CPUs that only crash can read out of a dump: those that VMware, QEMU's
 * savevm and SADUMP keep.
 *
 * get_vmware_vmss_regs() and its like are not called: they look for known names on the
 * stack, read what a user's stack is, and are FATAL where they fail. What prints the
 * registers only prints, and what it prints is read here. That of a CPU of which there
 * are none prints zeros, or what lay on crash's stack: so it is asked before.
 */
#include <crash/defs.h>

#include "crash_ask.h"
#include "crash_target.h"

#include <strings.h>

/* Not in every crash, or not for every machine. */
#pragma weak vmware_vmss_get_cpu_reg
#pragma weak vmware_vmss_get_cr3_cr4_idtr
#pragma weak sadump_get_cr3_cr4_idtr

/* False as well where only some are known. */
static bool vmware_has(int cpu)
{
	ulong cr3, cr4, idtr;

	return vmware_vmss_get_cr3_cr4_idtr &&
	       vmware_vmss_get_cr3_cr4_idtr(cpu, &cr3, &cr4, &idtr);
}

/* Selectors since 8.0.4, where they have 32 bits. */
static bool vmware_reg(int cpu, const char *name, uint64_t *value)
{
	static const struct {
		const char *name;
		int number;
	} selectors[] = { { "cs", CS_REGNUM }, { "ss", SS_REGNUM } };
	ulong cr3, cr4, idtr;
	uint32_t selector;

	for (size_t i = 0; i < sizeof(selectors) / sizeof(selectors[0]); i++) {
		if (strcmp(name, selectors[i].name) || !vmware_vmss_get_cpu_reg ||
		    !vmware_vmss_get_cpu_reg(cpu, selectors[i].number, name,
					     sizeof(selector), &selector))
			continue;
		*value = selector;
		return true;
	}
	if (strcmp(name, "cr3") || !vmware_vmss_get_cr3_cr4_idtr(cpu, &cr3, &cr4, &idtr))
		return false;
	*value = cr3;
	return true;
}

static bool always_has(int cpu)
{
	return true;
}

/*
 * SADUMP keeps them by the APIC's number. Where the kernel does not tell that, as it
 * no longer does, crash prints what it never read.
 */
static bool sadump_has(int cpu)
{
	struct syment *sp = per_cpu_symbol_search("x86_bios_cpu_apicid");
	ulong cr3, cr4, idtr;
	uint16_t number;

	return sp &&
	       readmem(sp->value + kt->__per_cpu_offset[cpu], KVADDR, &number,
		       sizeof(number), "stackinfo", RETURN_ON_ERROR | QUIET) &&
	       sadump_get_cr3_cr4_idtr &&
	       sadump_get_cr3_cr4_idtr(number, &cr3, &cr4, &idtr);
}

struct format {
	ulonglong flag; /* of pc->flags */
	struct stk_monitor_ops ops;
	bool (*has)(int cpu);
	void (*display)(int cpu, FILE *to);
	bool (*other)(int cpu, const char *name, uint64_t *value); /* or NULL */
};

/* "RIP: 0123  RSP: 4567": the value of @name in it. */
static bool find_value(const char *text, const char *name, uint64_t *value)
{
	char word[16];
	unsigned long long number;
	int end;

	for (; sscanf(text, " %15[^: ]: %llx%n", word, &number, &end) == 2; text += end)
		if (!strcasecmp(word, name)) {
			*value = number;
			return true;
		}
	return false;
}

struct reg_question {
	const struct format *f;
	unsigned int cpu;
	const char *name;
	uint64_t *value;
	bool came;
	FILE *to; /* that crash prints to, if it does; whoever asked closes it */
};

/* What is printed of the CPU; empty: it has no registers. Kept for the next question. */
static const char *displayed(struct reg_question *q)
{
	static char text[1024];
	static int text_of = -1;
	const int cpu = (int)q->cpu;

	if (text_of == cpu)
		return text;
	text_of = -1;
	memset(text, 0, sizeof(text));
	q->to = q->f->has(cpu) ? fmemopen(text, sizeof(text) - 1, "w") : NULL;
	if (q->to) {
		q->f->display(cpu, q->to);
		fflush(q->to);
	}
	text_of = cpu;
	return text;
}

static void ask_reg(void *question)
{
	struct reg_question *q = question;
	const char *text;

	/* Of any beyond those crash complains. */
	if (q->cpu >= (unsigned int)kt->cpus)
		return;
	text = displayed(q);
	q->came = *text && (find_value(text, q->name, q->value) ||
			    (q->f->other && q->f->other((int)q->cpu, q->name, q->value)));
}

static enum stk_status monitor_reg(void *priv, unsigned int cpu, const char *reg,
				   uint64_t *value)
{
	struct reg_question q = { priv, cpu, reg, value, false, NULL };
	const bool asked = crash_ask(ask_reg, &q);

	if (q.to)
		fclose(q.to);
	if (!asked)
		return STK_ERR_INTERRUPTED;
	return q.came ? STK_OK : STK_ERR_NO_REGS;
}

static const struct format formats[] = {
	{ VMWARE_VMSS,
	  { "crash: VMware", monitor_reg },
	  vmware_has,
	  vmware_vmss_display_regs,
	  vmware_reg },
	{ KVMDUMP,
	  { "crash: QEMU's savevm", monitor_reg },
	  always_has,
	  kvmdump_display_regs,
	  NULL },
	{ SADUMP,
	  { "crash: SADUMP", monitor_reg },
	  sadump_has,
	  sadump_display_regs,
	  NULL },
};

void crash_monitor(struct stk_target *target)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (pc->flags & formats[i].flag) {
			target->monitor = &formats[i].ops;
			target->monitor_priv = (void *)(uintptr_t)&formats[i];
		}
}
