/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine.h"

#include <elf.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Of several names for a machine the first is printed; a "*" stands for any end. */
static const struct {
	uint16_t machine;
	const char *name;
} machines[] = {
	{ EM_X86_64, "x86_64" },
	{ EM_AARCH64, "aarch64" },
	{ EM_RISCV, "riscv64" },
	{ EM_PPC64, "ppc64*" },
	{ EM_S390, "s390x" },
	{ EM_386, "ia32" },
	{ EM_386, "i?86" },
	{ EM_ARM, "arm*" },
	{ EM_MIPS, "mips*" },
	{ EM_PPC, "ppc" },
	{ EM_LOONGARCH, "loongarch64" },
	{ STK_MACHINE_UNKNOWN, "unknown machine's" },
};

/* Does @name match @pattern, in which '?' is any character and '*' any end? */
static bool is_name(const char *name, const char *pattern)
{
	for (; *pattern && *pattern != '*'; name++, pattern++)
		if (!*name || (*pattern != '?' && *pattern != *name))
			return false;
	return *pattern || !*name;
}

uint16_t stk_machine_of(const char *name)
{
	if (!*name)
		return EM_NONE;
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
		if (is_name(name, machines[i].name))
			return machines[i].machine;
	return STK_MACHINE_UNKNOWN;
}

const char *stk_machine_name(uint16_t machine, char *buf, size_t size)
{
	snprintf(buf, size, "machine %u", machine);
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		if (machines[i].machine != machine)
			continue;
		snprintf(buf, size, "%.*s", (int)strcspn(machines[i].name, "*"),
			 machines[i].name);
		break;
	}
	return buf;
}
