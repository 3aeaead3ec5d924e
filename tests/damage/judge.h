/* SPDX-License-Identifier: GPL-2.0-or-later */
/* judge.h - what a chain of damaged memory is worth, compared with the true one. */
#ifndef DAMAGE_JUDGE_H
#define DAMAGE_JUDGE_H

#include <stackinfo/unwind.h>

/* From harmless to harmful. */
#define VERDICTS(X)                                                                      \
	X(SAME, "same")	    /* the true chain */                                         \
	X(DOUBT, "doubt")   /* the true chain, doubted: a witness was changed */         \
	X(ALARM, "alarm")   /* the same, though no witness was changed */                \
	X(LOST, "lost")	    /* the chain is shorter, which is told */                    \
	X(TOLD, "told")	    /* the chain is wrong, which is told */                      \
	X(GONE, "gone")	    /* the task is not found any more, which is not told */      \
	X(WEAK, "weak")	    /* told, but a false frame is marked reliable */             \
	X(STRONG, "strong") /* wrong, and nothing shows it */

enum verdict {
#define VERDICT_ENUM(id, name) VERDICT_##id,
	VERDICTS(VERDICT_ENUM)
#undef VERDICT_ENUM
		NR_VERDICTS
};

const char *verdict_name(enum verdict verdict);

/* What a reader may rely on. The one place that knows what "certain" is. */
bool is_certain(const struct stk_chain *chain);

/* Frame @n of a chain, and the segment it is in; NULL past the last. */
const struct stk_frame *chain_frame(const struct stk_chain *chain, size_t n,
				    const struct stk_segment **seg);

/* struct difference - where a chain leaves the true one. */
struct difference {
	bool same;	   /* frames, end and whose it is: all the same */
	bool header;	   /* it is said to be another task's or CPU's */
	bool frames_equal; /* all frames of the shorter one */
	size_t first;	   /* the first frame that differs, or how many they share */
};

struct difference compare_chains(const struct stk_chain *chain,
				 const struct stk_chain *truth);

/*
 * @chain may be NULL: told that there is none. ALARM is for the caller to tell, who
 * knows which words were changed.
 */
enum verdict judge(const struct stk_chain *chain, const struct stk_chain *truth);

#endif
