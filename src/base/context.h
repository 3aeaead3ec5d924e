/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * context.h - the inside of struct stk, the one parameter of all rooms.
 *
 * Each room keeps its own state behind an opaque pointer that it creates when it is
 * first asked; a pointer is published only when what it points at is complete.
 */
#ifndef STK_CONTEXT_H
#define STK_CONTEXT_H

#include <stackinfo/session.h>

#include "arena.h"
#include "lazy.h"
#include "within.h"

struct stk_said;
struct stk_stack;

struct stk {
	struct stk_target target;
	struct stk_budget budget;
	struct stk_arena arena; /* lives as long as the session */
	struct stk_arena fixed; /* the same, of what has a size of its own: caches */
	struct stk_arena texts; /* the same, of one answer: no question pays for others */
	struct stk_said *said;	/* in texts, src/base/say.c */
	char error[256];
	enum stk_status error_status; /* that it was told with */
	unsigned int entered;	      /* public functions that have not returned yet */

	const struct stk_arch *arch;
	unsigned int page_shift; /* of the machine's pages, as its architecture has it */
	/* stk_find_stack(), for the architectures, which are left of it */
	enum stk_status (*find_stack)(struct stk *s, uint64_t addr,
				      struct stk_stack *out);
	void *arch_priv;			     /* src/arch/ */
	struct stk_page_cache *cache;		     /* src/machine/memory.c */
	struct stk_vmcoreinfo_text *vmcoreinfo;	     /* src/machine/vmcoreinfo.c */
	struct stk_lost *lost;			     /* src/machine/lost.c */
	bool lost_excused;			     /* no page is wanted now */
	bool no_tables;				     /* src/arch/no_tables.c */
	struct stk_watch *watch;		     /* src/machine/watch.h; or NULL */
	struct stk_layout *layout;		     /* src/kernel/layout.c */
	struct stk_lazy cpus;			     /* src/kernel/cpus.c */
	struct stk_lazy kallsyms;		     /* src/kernel/kallsyms.c */
	struct stk_image *image;		     /* src/kernel/names.c */
	struct stk_picks *picks;		     /* src/kernel/pick.c */
	struct stk_kallsyms_tables *kallsyms_tables; /* found by a search */
	struct stk_lazy modules;		     /* src/kernel/modules.c */
	struct stk_images *images;		     /* src/kernel/images.c */
	struct stk_lazy code;			     /* src/kernel/code.c */
	struct stk_lazy vmap_areas;		     /* src/kernel/vmalloc.c */
	struct stk_lazy percpu;			     /* src/kernel/percpu.c */
	struct stk_mm *mms;			     /* src/kernel/mm.c */
	struct stk_purse mappings;
	struct stk_lazy tasks;	       /* src/kernel/tasks.c */
	struct stk_lazy task_index;    /* src/kernel/task_at.c */
	struct stk_lazy cpu_stacks;    /* src/stacks/stack.c */
	struct stk_lazy map;	       /* src/stacks/map.c */
	struct stk_lazy homes;	       /* src/stacks/homes.c */
	struct stk_lazy claims;	       /* src/stacks/claims.c: of tasks */
	struct stk_lazy cpu_claims;    /* the same, of CPUs */
	struct stk_lazy running;       /* src/unwind/running.c */
	struct stk_lazy kernels_notes; /* src/unwind/note.c */
	struct stk_calls *calls;       /* src/unwind/calls.c */
	struct stk_lazy trampolines;   /* src/unwind/replaced.c */
	struct stk_lazy init_text;     /* src/arch/init_text.c */
	struct stk_lazy panic;	       /* src/unwind/panic.c */
	struct stk_stop **stops;       /* src/unwind/live.c: of each CPU */
	struct stk_chain_root *chains; /* src/unwind/: chains not freed yet */
	struct stk_lazy liveness;      /* src/report/liveness.c */
	struct stk_known_all *known;   /* src/report/known.c */
	char release[65];
};

/* Set the session's error text and return @status. */
enum stk_status stk_fail(struct stk *s, enum stk_status status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
#ifdef __clang_analyzer__
/* It looks into no other file, and would take a failure for anything, STK_OK too. */
#define stk_fail(s, status, ...) (status)
#endif

/*
 * The boundary of the library: a public function that can fail begins with stk_enter(),
 * which forgets the text of an earlier call, and returns what stk_leave() gives back.
 * That sees to it that a failure has a text, and one of its own. Calls from within do not
 * count.
 */
void stk_enter(struct stk *s);
enum stk_status stk_leave(struct stk *s, enum stk_status status);

/*
 * Why a call that returned @status failed: the session's text if it was told with that
 * status, else the status's own, as when memory was short.
 */
const char *stk_reason(const struct stk *s, enum stk_status status);

/* Has the user asked to stop? Long loops poll this. */
bool stk_interrupted(struct stk *s);

/*
 * Take @steps from the budget, or from the purse that is open. False: stop, there are no
 * more of them, or the user asked to. What reads the dump's memory need not call this.
 */
bool stk_spend(struct stk *s, uint64_t steps);

/* Nothing is left for this question, or in the purse that is open. */
bool stk_out_of_budget(const struct stk *s);

/* That, no memory, or interrupted: what is found now is worth nothing, not to be kept. */
bool stk_must_stop(struct stk *s);

/* The same, whatever the purse that is open has. */
bool stk_must_stop_all(struct stk *s);

/* Does @status say how the question went, and nothing of the dump? */
static inline bool stk_is_passing(enum stk_status status)
{
	return status == STK_ERR_INTERRUPTED || status == STK_ERR_NOMEM ||
	       status == STK_ERR_LIMIT;
}

/* What it is that made an allocation, or a loop with stk_spend(), fail. */
enum stk_status stk_why_stop(struct stk *s);

#endif
