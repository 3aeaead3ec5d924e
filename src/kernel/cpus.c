/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/safe.h"
#include "kallsyms.h"
#include "layout.h"

static enum stk_status read_mask(struct stk *s, const char *symbol, unsigned int nr,
				 uint64_t *mask)
{
	uint64_t addr;
	enum stk_status st = stk_symbol(s, symbol, &addr);

	if (st)
		return st;
	return stk_read(s, addr, mask, (nr + 63) / 64 * 8);
}

static bool has_cpu(const uint64_t *mask, unsigned int cpu)
{
	return mask[cpu / 64] >> (cpu % 64) & 1;
}

static void read_release(struct stk *s)
{
	const char *release = stk_vmcoreinfo(s, "OSRELEASE");

	snprintf(s->release, sizeof(s->release), "%s", release ? release : "");
	stk_safe_bytes(s->release, strlen(s->release));
}

bool stk_is_uniprocessor(struct stk *s)
{
	return stk_has_symbol(s, "init_task") && !stk_has_symbol(s, "nr_cpu_ids") &&
	       !stk_has_symbol(s, "__per_cpu_offset");
}

/*
 * CONFIG_FORCE_NR_CPUS (6.1, commit 6f9c07be9d02) makes nr_cpu_ids a constant, which may
 * be more than the machine has. A variable is one more than the last possible CPU.
 */
static enum stk_status constant_nr_cpus(struct stk *s, uint32_t *nr)
{
	uint64_t possible[STK_MAX_CPUS / 64] = { 0 };
	enum stk_status st;
	uint32_t size;

	*nr = 1;
	if (stk_is_uniprocessor(s))
		return STK_OK;
	if (!stk_has_symbol(s, "__per_cpu_offset") ||
	    !stk_find_size(s, "cpumask", &size) || size > STK_MAX_CPUS / 8)
		return STK_ERR_NO_SYMBOL;
	st = read_mask(s, "__cpu_possible_mask", size * 8, possible);
	for (uint32_t i = 0; !st && i < size * 8; i++)
		if (has_cpu(possible, i))
			*nr = i + 1;
	return st;
}

static enum stk_status count_cpus(struct stk *s, uint32_t *nr)
{
	uint64_t addr;
	enum stk_status st = stk_symbol(s, "nr_cpu_ids", &addr);

	if (!st)
		st = stk_read_u32(s, addr, nr);
	else if (st == STK_ERR_NO_SYMBOL)
		st = constant_nr_cpus(s, nr);
	if (st == STK_ERR_NO_SYMBOL && stk_kallsyms_text_only(s))
		return stk_fail(s, st,
				"the kernel in the dump names only its functions "
				"(CONFIG_KALLSYMS_ALL=n): its vmlinux, -n VMLINUX, has "
				"the other symbols");
	if (st == STK_ERR_NO_SYMBOL && !s->target.symbols && !stk_kallsyms_found(s))
		return stk_fail(s, st,
				"the kernel in the dump has no names of its symbols "
				"(CONFIG_KALLSYMS=n), or they cannot be found: its "
				"vmlinux, -n VMLINUX, has them");
	if (st)
		return stk_fail(s, st, "cannot tell the number of CPUs: nr_cpu_ids: %s",
				st == STK_ERR_NO_SYMBOL && s->kallsyms.text
					? s->kallsyms.text
					: stk_status_text(st));
	if (!*nr || *nr > STK_MAX_CPUS)
		return stk_fail(s, STK_ERR_CORRUPT, "nr_cpu_ids is %u: damaged", *nr);
	return STK_OK;
}

static enum stk_status read_offsets(struct stk *s, const uint64_t *possible, uint32_t nr,
				    uint64_t *offset)
{
	uint64_t addr;
	enum stk_status st;

	if (stk_is_uniprocessor(s))
		return STK_OK;
	st = stk_symbol(s, "__per_cpu_offset", &addr);
	for (unsigned int i = 0; !st && i < nr; i++) {
		if (has_cpu(possible, i))
			st = stk_read_u64(s, addr + 8ull * i, &offset[i]);
		if (st)
			return stk_fail(s, st, "__per_cpu_offset[%u]: %s", i,
					stk_status_text(st));
	}
	return st;
}

static void fill_cpus(struct stk_cpus *c, uint32_t nr, const uint64_t *possible,
		      const uint64_t *online, const uint64_t *offset)
{
	c->nr = nr;
	for (unsigned int i = 0; i < nr; i++) {
		c->cpu[i].possible = has_cpu(possible, i);
		c->cpu[i].online = has_cpu(online, i);
		c->cpu[i].offset = offset[i];
		c->nr_online += c->cpu[i].online;
	}
}

static enum stk_status find_cpus(struct stk *s, void *value)
{
	uint64_t possible[STK_MAX_CPUS / 64], online[STK_MAX_CPUS / 64];
	struct stk_cpus *c = value;
	uint64_t *offset;
	uint32_t nr;
	enum stk_status st = count_cpus(s, &nr);

	if (st)
		return st;
	st = read_mask(s, "__cpu_possible_mask", nr, possible);
	if (st)
		return stk_fail(s, st, "cannot read the mask of possible CPUs: %s",
				stk_status_text(st));
	/* Without the online mask take all: their stacks tell what they did. */
	if (read_mask(s, "__cpu_online_mask", nr, online))
		memcpy(online, possible, sizeof(online));
	/* The session's memory is taken only when all is there. */
	offset = calloc(nr, sizeof(*offset));
	st = offset ? read_offsets(s, possible, nr, offset) : STK_ERR_NOMEM;
	if (!st) {
		c->cpu = stk_arena_array(&s->fixed, nr, sizeof(*c->cpu));
		st = c->cpu ? STK_OK : STK_ERR_NOMEM;
	}
	if (!st) {
		fill_cpus(c, nr, possible, online, offset);
		read_release(s);
	}
	free(offset);
	return st;
}

enum stk_status stk_cpus_get(struct stk *s, struct stk_cpus **out)
{
	static const struct stk_once once = { .size = sizeof(**out), .find = find_cpus };
	enum stk_status st = stk_once(s, &s->cpus, &once);

	*out = s->cpus.value;
	return st;
}

enum stk_status stk_prepare(struct stk *s)
{
	struct stk_cpus *c;

	stk_enter(s);
	return stk_leave(s, stk_cpus_get(s, &c));
}

enum stk_status stk_percpu_offset(struct stk *s, unsigned int cpu, uint64_t *offset)
{
	struct stk_cpus *c;
	enum stk_status st = stk_cpus_get(s, &c);

	if (st)
		return st;
	if (cpu >= c->nr || !c->cpu[cpu].possible)
		return stk_fail(s, STK_ERR_ARG, "there is no CPU %u", cpu);
	*offset = c->cpu[cpu].offset;
	return STK_OK;
}

const char *stk_release(struct stk *s)
{
	struct stk_cpus *c;

	return stk_cpus_get(s, &c) ? "" : s->release;
}

unsigned int stk_nr_cpus(struct stk *s)
{
	struct stk_cpus *c;

	return stk_cpus_get(s, &c) ? 0 : c->nr;
}

bool stk_cpu_possible(struct stk *s, unsigned int cpu)
{
	struct stk_cpus *c;

	return !stk_cpus_get(s, &c) && cpu < c->nr && c->cpu[cpu].possible;
}

bool stk_cpu_online(struct stk *s, unsigned int cpu)
{
	struct stk_cpus *c;

	return !stk_cpus_get(s, &c) && cpu < c->nr && c->cpu[cpu].online;
}

unsigned int stk_nr_online(struct stk *s)
{
	struct stk_cpus *c;

	return stk_cpus_get(s, &c) ? 0 : c->nr_online;
}

static enum stk_status find_percpu_address(struct stk *s, const char *name,
					   unsigned int cpu, uint64_t *addr)
{
	uint64_t offset = 0;
	enum stk_status st = stk_percpu_offset(s, cpu, &offset);

	if (!st)
		st = stk_symbol_address(s, name, addr);
	if (!st)
		*addr += offset;
	return st;
}

enum stk_status stk_percpu_address(struct stk *s, const char *name, unsigned int cpu,
				   uint64_t *addr)
{
	stk_enter(s);
	return stk_leave(s, find_percpu_address(s, name, cpu, addr));
}
