/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In how many different places all the tasks are. */
#include "../base/context.h"
#include "../base/hash.h"
#include "../base/vec.h"
#include "../unwind/same.h"
#include "triage.h"

/* The chains that were seen, by their hashes: of 64 bits no two are likely to be equal.
 */
struct seen {
	uint64_t *chain;
	size_t nr, room;
	struct stk_hash by_hash;
};

static uint32_t hash_seen(const void *seen, uint32_t number)
{
	return stk_hash_number(((const struct seen *)seen)->chain[number - 1]);
}

/* False: no memory. */
static bool add_chain(struct seen *seen, struct stk_arena *arena,
		      const struct stk_chain *chain)
{
	const uint64_t hash = stk_chain_hash(chain);
	uint64_t *added;
	uint32_t *slot;

	if (!stk_hash_reserve(&seen->by_hash, arena, seen->nr + 1, hash_seen, seen))
		return false;
	stk_hash_each (slot, &seen->by_hash, stk_hash_number(hash))
		if (seen->chain[*slot - 1] == hash)
			return true;
	added = stk_vec_next(arena, seen->chain, seen->nr, seen->room);
	if (!added)
		return false;
	*added = hash;
	*slot = (uint32_t)++seen->nr;
	return true;
}

enum stk_status stk_triage_count_chains(struct stk *s, struct stk_triage *t,
					const struct stk_task *task, size_t nr)
{
	struct seen seen = { 0 };
	enum stk_status st = STK_OK;

	for (size_t i = 0; i < nr && !st; i++) {
		/* Of a CPU it is known already. */
		const struct stk_triage_cpu *c =
			stk_triage_cpu(t, stk_running_cpu(s, task[i].addr));
		struct stk_chain *chain = NULL;
		const struct stk_chain *known;

		if (task[i].idle && !stk_cpu_running(s, (unsigned int)task[i].cpu))
			continue;
		if (!c)
			st = stk_triage_chain(s, &task[i], &chain);
		known = c ? c->chain : chain;
		if (!st && known && !add_chain(&seen, &t->events.arena, known))
			st = STK_ERR_NOMEM;
		stk_chain_free(s, chain);
		if (!st && stk_must_stop(s))
			st = stk_why_stop(s);
	}
	t->tasks.nr_chains = st ? 0 : seen.nr;
	return st == STK_ERR_LIMIT ? STK_OK : st;
}
