/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replaced.h - return addresses that a tracer has replaced on the stack.
 *
 * kretprobes, fprobes and the function graph tracer put the address of a trampoline
 * where the return address was, and keep the real one in a list of the task's, with
 * what the frame is known by. Several may have done so, one after the other.
 */
#ifndef STK_REPLACED_H
#define STK_REPLACED_H

#include <stackinfo/unwind.h>

/* What the note of such a frame begins with. */
#define STK_REPLACED_NOTE "return address replaced by the "

/*
 * If @ip is such a trampoline, set @real to the return address of the frame that is
 * known by @key (struct stk_arch.tracer_key), and @what to the name
 * of the tracer, or of all ("kretprobe and the function graph tracer"). False when it is
 * none; *real stays 0 when it is one but the way back from it is lost.
 */
bool stk_replaced_return(struct stk *s, const struct stk_task *task, uint64_t ip,
			 uint64_t key, uint64_t *real, const char **what);

#endif
