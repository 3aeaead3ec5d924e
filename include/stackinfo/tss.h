/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file
 * What only x86-64 has: the task state segment (TSS), which names the stacks that the
 * CPU switches to by itself.
 */
#ifndef STACKINFO_TSS_H
#define STACKINFO_TSS_H

#include <stackinfo/machine.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/** What one CPU's TSS says. */
struct stk_tss_report;

/**
 * Decode a CPU's TSS and check it against the kernel's layout.
 * @param s the session
 * @param cpu the CPU's number
 * @param evidence whether to ask the CPU's chain and the stacks' contents, too, if what
 *	is said to be in flight is; that unwinds the CPU when there is something to ask
 * @param[out] out set on success; to be freed with stk_tss_free() before the session is
 *	closed
 * @return STK_ERR_UNSUPPORTED on another architecture
 */
enum stk_status stk_tss_open(struct stk *s, unsigned int cpu, bool evidence,
			     struct stk_tss_report **out);

/**
 * Free it.
 * @param tss what stk_tss_open() gave, or NULL
 */
void stk_tss_free(struct stk_tss_report *tss);

/** A TSS as a whole. */
struct stk_tss_info {
	unsigned int cpu;   /**< whose it is */
	bool online;	    /**< that CPU was online */
	bool never_up;	    /**< still as the kernel's image has it */
	uint64_t addr;	    /**< per-CPU address of cpu_tss_rw */
	uint64_t alias;	    /**< its address in the cpu_entry_area; 0: not known */
	bool has_phys;	    /**< it is mapped, at: */
	uint64_t phys;	    /**< this physical address */
	bool alias_checked; /**< both addresses could be translated: */
	bool alias_same;    /**< to one page, as it should be */
	size_t nr_slots;    /**< stack pointers: sp0 to sp2, ist[0] to ist[6] */
	size_t nr_facts;    /**< words outside of them that have to agree */
};

/**
 * Ask about a TSS as a whole.
 * @param tss what stk_tss_open() gave
 * @param[out] out set to the answer
 * @param size sizeof(*out)
 */
void stk_get_tss(const struct stk_tss_report *tss, struct stk_tss_info *out, size_t size);

/** A stack pointer of the TSS. */
struct stk_tss_slot_info {
	const char *name;	/**< "sp0" … "ist[6]" */
	bool readable;		/**< it could be read: */
	uint64_t value;		/**< its value */
	const char *stack_kind; /**< code of the stack that it is the top of; NULL */
	uint64_t stack_begin;	/**< the lowest address of that */
	uint64_t stack_end;	/**< the first address above */
	const char *state;   /**< of where the next frame goes to, code; NULL: no stack */
	bool has_phys;	     /**< the stack's first page is mapped, at: */
	uint64_t phys;	     /**< this physical address */
	const char *meaning; /**< what it holds when it is not a stack; NULL */
	const char *deviation; /**< from what the kernel should have set; NULL: none */
	bool in_flight;	       /**< @p deviation is what a handler does and undoes */
	const char *evidence;  /**< what speaks for or against that; NULL: not asked */
	size_t nr_users;       /**< IDT vectors whose gates name this slot */
};

/**
 * Ask about a slot.
 * @param tss what stk_tss_open() gave
 * @param slot its number, from 0 on
 * @param[out] out set to the answer
 * @param size sizeof(*out)
 * @return STK_ERR_NOT_FOUND past the last one
 */
enum stk_status stk_get_tss_slot(const struct stk_tss_report *tss, size_t slot,
				 struct stk_tss_slot_info *out, size_t size);

/**
 * Ask who uses a slot.
 * @param tss what stk_tss_open() gave
 * @param slot its number
 * @param user number of the user, from 0 on
 * @param[out] vector of the IDT
 * @param[out] handler address of the code that the gate leads to
 * @return STK_ERR_NOT_FOUND past the last one
 */
enum stk_status stk_get_tss_user(const struct stk_tss_report *tss, size_t slot,
				 size_t user, unsigned int *vector, uint64_t *handler);

/** A word outside of the slots that has to agree with the TSS. */
struct stk_tss_fact_info {
	const char *group;     /**< "GDT" … */
	const char *name;      /**< of the word */
	bool readable;	       /**< it could be read: */
	uint64_t value;	       /**< its value */
	const char *meaning;   /**< as in a slot */
	const char *deviation; /**< the same */
	bool in_flight;	       /**< the same */
	const char *evidence;  /**< the same */
};

/**
 * Ask about a fact.
 * @param tss what stk_tss_open() gave
 * @param fact its number, from 0 on
 * @param[out] out set to the answer
 * @param size sizeof(*out)
 * @return STK_ERR_NOT_FOUND past the last one
 */
enum stk_status stk_get_tss_fact(const struct stk_tss_report *tss, size_t fact,
				 struct stk_tss_fact_info *out, size_t size);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
