/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * events.h - what went wrong, as the kernel told it: the oopses, warnings, panics,
 * lockups and the like in the text of a log, with what is told of each. No dump is
 * needed. Any bytes may come; what takes memory has a limit, and what is beyond it is
 * counted.
 */
#ifndef STK_EVENTS_H
#define STK_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/arena.h"

enum stk_event_kind {
	STK_EVENT_STACK_GUARD,
	STK_EVENT_DOUBLE_FAULT,
	STK_EVENT_NULL_DEREF,
	STK_EVENT_PAGE_FAULT,
	STK_EVENT_GPF,
	STK_EVENT_KERNEL_BUG,
	STK_EVENT_DIE, /* another exception; the subject has its name */
	STK_EVENT_LIST,
	STK_EVENT_STACK_END,
	STK_EVENT_PANIC,
	STK_EVENT_OOM_PANIC,
	STK_EVENT_SYSRQ,
	STK_EVENT_MACHINE_CHECK,
	STK_EVENT_HARD_LOCKUP,
	STK_EVENT_SOFT_LOCKUP,
	STK_EVENT_RCU_STALL,
	STK_EVENT_HUNG_TASK,
	STK_EVENT_KASAN,
	STK_EVENT_KFENCE,
	STK_EVENT_KMSAN,
	STK_EVENT_KCSAN,
	STK_EVENT_UBSAN,
	STK_EVENT_BUG, /* "BUG: " and the subject */
	STK_EVENT_WARNING,
	STK_EVENT_OOM_KILL,
	STK_EVENT_HARDWARE, /* corrected, or not known to be fatal */
	STK_EVENT_BACKTRACE,
	STK_NR_EVENT_KINDS
};

/* How bad it is. */
enum stk_event_rank {
	STK_RANK_NONE,	 /* nothing went wrong */
	STK_RANK_MINOR,	 /* the kernel went on */
	STK_RANK_STUCK,	 /* something did not */
	STK_RANK_DAMAGE, /* memory is not what it should be */
	STK_RANK_FATAL,
};

struct stk_event_kind_info {
	const char *code;  /* stable */
	const char *title; /* in the words that are searched for; %s: the subject */
	enum stk_event_rank rank;
	bool dies;	 /* die() or a panic may follow that are of the same */
	bool not_code;	 /* no function is to blame */
	bool backtraces; /* those of other CPUs or tasks that follow belong to it */
};

const struct stk_event_kind_info *stk_event_kind(enum stk_event_kind kind);

struct stk_event_frame {
	const char *function; /* NULL: not known */
	const char *module;   /* NULL: none */
	const char *stack;    /* "IRQ", "TASK"... as the text has it; NULL: it has not */
	uint64_t offset, size;
	bool has_offset;
	bool doubtful;	  /* "?" */
	bool inlined;	  /* told by who decoded the text */
	bool interrupted; /* an exception came here: the text has its registers */
	bool lost;	  /* the text has it in a register only */
	/* Who tells it, if the text's frames do not, or by another name: the register,
	   "lr" or "ra"; "stack": that in the dump. NULL: it is printed. */
	const char *by;
	/* Of a text, in doubt: no return address leads to a function's start. It is that
	   of a call that never returns, at the end of the function before. */
	bool at_start;
	const char *leads_to; /* of a dump: to the start of this function; NULL */
	bool replaced;	      /* the same: a tracer's trampoline stood there */
};

struct stk_event_reg {
	char name[12];
	uint64_t value;
};

/* What one CPU or task was doing. Numbers that are not known are -1, texts NULL. */
struct stk_event_trace {
	int64_t cpu, pid;
	const char *comm;
	const char *taint;	 /* "G OE"; "": not tainted */
	const char *taint_words; /* "[O]=OOT_MODULE, [E]=UNSIGNED_MODULE" */
	const char *release;	 /* "6.1.0-13-amd64" */
	const char *build;	 /* what follows it: "#1 Debian 6.1.55-1" */
	const char *hardware;	 /* "Dell Inc. PowerEdge ..." */
	const char *workqueue;	 /* which, and the function of its work */
	const char *modules;	 /* that were loaded */
	const char *state;	 /* of a task: "D" */
	struct stk_event_frame
		pc;	      /* the instruction that is blamed, if the text has it */
	bool has_pc, in_user; /* in_user: that was no kernel code */
	bool from_pc;	      /* the frames began with it */
	struct stk_event_frame link; /* where a call's return address is in a register */
	struct stk_event_reg *regs;  /* in the order in which they were printed */
	size_t nr_regs, room_regs;
	struct stk_event_frame *frames; /* from the innermost on, without pc */
	size_t nr_frames, room_frames, frames_left_out;
	bool ends_in_user; /* the frames lead to user mode */
	bool of_rcu;	   /* RCU's own thread, which waits for whoever is stuck */
	bool of_other_cpu; /* a task that another CPU runs, by what is in memory */
	bool asleep;	   /* the same: where it slept last, and not where it is */
};

struct stk_event {
	enum stk_event_kind kind;
	const char
		*subject; /* the rest of its first line, or what it is about; or NULL */
	const char *location; /* "mm/slub.c:123"; NULL: not told */
	const char *access;   /* "read", "write", "execute"; NULL: not told */
	const char *time;     /* as it stands before the first line; NULL: nothing does */
	bool panicked; /* the first line, or one that followed, is that of a panic */
	bool has_address, has_error;
	uint64_t address, error; /* that could not be accessed; the exception's code */
	int64_t cpu, pid, seconds, bytes; /* that the event itself names, or -1 */
	const char *comm;
	struct stk_event_frame at; /* that the first line names, if it does */
	const char **details;	   /* other lines that say what happened, or NULL */
	size_t nr_details, room_details;
	uint8_t *cpus; /* a bit for each CPU that is stuck, or NULL */
	struct stk_event_trace **traces;
	size_t nr_traces, room_traces, traces_left_out;
	size_t first_line, last_line;  /* from 1 on */
	const struct stk_event *cause; /* of a panic: what it is the end of, or itself */
	const struct stk_event *end;   /* the first such panic that has frames, or NULL */
};

struct stk_events {
	struct stk_arena arena;	   /* if it failed, they are not all */
	struct stk_event **event;  /* in the order of their first lines */
	size_t nr, room, left_out; /* left_out: there were more than are kept */
	size_t nr_lines;
	const char *release; /* of the banner, or of the last trace; NULL: not told */
	const char *build;
	const char *hardware;
	const char *taint; /* of the last trace */
	const char *taint_words;
};

#define STK_MAX_EVENTS	   4096u /* of a text */
#define STK_MAX_TRACES	   1024u /* of an event */
#define STK_MAX_FRAMES	   512u	 /* of a trace */
#define STK_MAX_EVENT_REGS 80u	 /* the same */
#define STK_MAX_DETAILS	   32u	 /* of an event */
#define STK_MAX_EVENT_CPUS 8192u /* the highest that is told to be stuck, and one */

/*
 * Read all of @text, which is cleaned in place (stk_oops_clean()). Free @events whatever
 * comes of it. @stop, or NULL: is asked now and then; true: there is no time for more.
 */
void stk_events_read(struct stk_events *events, char *text, size_t len,
		     bool (*stop)(void *), void *priv);
void stk_events_free(struct stk_events *events);

/* When all are read: which panics are only the end of something else. */
void stk_events_find_causes(struct stk_events *events);

/*
 * The event that the machine died of. A panic that is only the end of something else
 * ("Fatal exception", "softlockup: hung tasks") leads to that. NULL: the text has none
 * that the kernel does not survive; then *@worst is the last of the worst, or NULL.
 */
const struct stk_event *stk_events_death(const struct stk_events *events,
					 const struct stk_event **worst);

/* The trace that shows what went wrong: that of the CPU that is stuck. NULL: none. */
const struct stk_event_trace *stk_event_main_trace(const struct stk_event *event);

/*
 * The same, or what the panic that it ended in has of it: of a stack that overflowed, or
 * a warning that is fatal, only that has frames.
 */
const struct stk_event_trace *stk_event_any_trace(const struct stk_event *event);

bool stk_event_has_cpu(const struct stk_event *event, unsigned int cpu);

#endif
