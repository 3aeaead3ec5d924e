/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session.h"

#include <stdio.h>
#include <stdlib.h>

#include "arch/arch.h"
#include "base/safe.h"
#include "kernel/cpus.h"
#include "unwind/unwind.h"

struct stk *stk_open(const struct stk_target *target)
{
	struct stk *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->target = *target;
	/* The one architecture so far; others are told by the dump's ELF machine. */
	s->arch = &stk_arch_x86_64;
	return s;
}

void stk_close(struct stk *s)
{
	if (!s)
		return;
	stk_free_chains(s);
	stk_arena_free(&s->arena);
	free(s);
}

const char *stk_error_text(const struct stk *s)
{
	return s->error;
}

enum stk_status stk_fail(struct stk *s, enum stk_status status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	stk_safe_vprintf(s->error, sizeof(s->error), fmt, ap);
	va_end(ap);
	s->error_status = status;
	return status;
}

const char *stk_reason(const struct stk *s, enum stk_status status)
{
	return s->error_status == status ? s->error : stk_status_text(status);
}

bool stk_interrupted(struct stk *s)
{
	return s->target.interrupted && s->target.interrupted(s->target.interrupted_priv);
}

const char *stk_arch_name(struct stk *s)
{
	return s->arch->name;
}

enum stk_status stk_prepare(struct stk *s)
{
	struct stk_cpus *cpus;

	return stk_cpus_get(s, &cpus);
}
