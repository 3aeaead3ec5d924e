/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * session.h - the inside of struct stk.
 *
 * Each room keeps its own state behind an opaque pointer that it creates when it is
 * first asked; a pointer is published only when what it points at is complete.
 */
#ifndef STK_SESSION_H
#define STK_SESSION_H

#include <stackinfo/session.h>

#include "base/arena.h"

struct stk {
	struct stk_target target;
	struct stk_arena arena; /* lives as long as the session */
	char error[256];
	enum stk_status error_status; /* that it was told with */

	const struct stk_arch *arch;
	void *arch_priv;	       /* src/arch/ */
	struct stk_page_cache *cache;  /* src/target/memory.c */
	struct stk_layout *layout;     /* src/kernel/layout.c */
	struct stk_cpus *cpus;	       /* src/kernel/cpus.c */
	struct stk_kallsyms *kallsyms; /* src/target/kallsyms.c */
	struct stk_kallsyms_tables *kallsyms_tables; /* found by a search */
	bool kallsyms_tried;
	char kallsyms_error[256];	   /* why there are none */
	struct stk_modules *modules;	   /* src/kernel/modules.c */
	struct stk_code_list *code;	   /* src/kernel/code.c */
	struct stk_vmap_areas *vmap_areas; /* src/kernel/vmalloc.c */
	struct stk_percpu *percpu;	   /* src/kernel/percpu.c */
	struct stk_mm *mms;		   /* src/kernel/mm.c */
	struct stk_task_list *tasks;	   /* src/kernel/tasks.c */
	struct stk_map *map;		   /* src/stacks/map.c */
	struct stk_claims *claims;	   /* src/stacks/claims.c */
	struct stk_running *running;	   /* src/unwind/start.c */
	struct stk_chain_root *chains;	   /* src/unwind/: chains not freed yet */
	struct stk_liveness *liveness;	   /* src/report/liveness.c */
	struct stk_known_list *known;	   /* src/report/known.c */
	char release[65];
};

/* Set the session's error text and return @status. */
enum stk_status stk_fail(struct stk *s, enum stk_status status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Why a call that returned @status failed: the session's text if it was told with that
 * status, else the status's own, as when memory was short.
 */
const char *stk_reason(const struct stk *s, enum stk_status status);

/* Has the user asked to stop? Long loops poll this. */
bool stk_interrupted(struct stk *s);

#endif
