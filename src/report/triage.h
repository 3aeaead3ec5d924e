/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * triage.h - why did the machine die: what its log and its stacks say together.
 *
 * The events of the log are joined with the chains of the CPUs and tasks that they are
 * about; findings are facts about either, each with its evidence.
 */
#ifndef STK_TRIAGE_H
#define STK_TRIAGE_H

#include <stackinfo/unwind.h>

#include "events.h"
#include "lock_wait.h"
#include "signature.h"

/* What a CPU was doing. */
struct stk_triage_cpu {
	unsigned int cpu;
	struct stk_chain *chain; /* NULL: none, since @why */
	const char *why;
	struct stk_event_trace *trace; /* the same chain, as a text would have it */
	size_t was_doing; /* its first frame that did not merely stop the CPU */
	size_t told_from; /* so are those before it, of what reported that it died */
	bool idle, in_user;
};

/* How far the log's trace of an event and the chain in the dump are the same. */
enum stk_join_verdict {
	STK_JOIN_NONE,	  /* there are no two to compare */
	STK_JOIN_AGREES,  /* each function that the log has is in the chain, in order */
	STK_JOIN_DIFFERS, /* not each */
	STK_JOIN_GONE,	  /* the stack was used for other things since */
};

struct stk_join {
	const struct stk_event *event;
	const struct stk_event_trace *log, *stack; /* or NULL */
	enum stk_join_verdict verdict;
	char hash[24];	    /* of the event's signature, where a task hung */
	size_t nr_log;	    /* frames that the log is sure of */
	size_t nr_same;	    /* of these, so many are in the chain */
	size_t nr_replaced; /* beside these: return addresses that a tracer replaced */
	size_t nr_nameless; /* and a module's, which the stack has without a name */
	/* The first of the log that the chain has not; NULL: it has all. */
	const struct stk_event_frame *missing;
};

/* So many chains of tasks in D are followed: those of the ones that wait the longest. */
#define STK_MAX_BLOCKED 64u

/* A task in D. */
struct stk_blocked {
	struct stk_task task;
	bool has_ns;
	uint64_t ns;			     /* since it was put on a CPU */
	const struct stk_event_trace *trace; /* NULL: not followed */
	struct stk_lock_wait wait;
};

/* What tasks were doing. */
struct stk_triage_tasks {
	size_t nr, nr_on_cpu, nr_idle; /* the idle tasks are none of nr */
	size_t nr_state[32];	       /* by the index of stk_task_states() */
	size_t nr_chains;    /* different ones, as xbt -A -g has them; 0: not known */
	const char *missing; /* why some may be missing; NULL: none are */
	const char *failed;  /* why there are none; NULL */
};

enum stk_severity {
	STK_SEVERITY_FATAL,	 /* the machine died of it */
	STK_SEVERITY_DAMAGE,	 /* something is not as it must be */
	STK_SEVERITY_SUSPICIOUS, /* it may be so; the text says why */
	STK_SEVERITY_NOTICE,	 /* good to know */
};

/* "fatal", "damage", "suspicious", "notice". */
const char *stk_severity_name(enum stk_severity severity);

struct stk_finding {
	const char *id; /* stable */
	enum stk_severity severity;
	const char *text; /* a sentence, with its evidence */
	int cpu;	  /* -1: of none */
	int64_t pid;	  /* the same */
	bool has_address;
	uint64_t address;     /* that it is about */
	const char *function; /* the same; or NULL */
	const char *module;   /* its; or NULL */
};

struct stk_triage {
	struct stk_events events; /* of the log; its arena has all that is found here */
	const char *no_log;	  /* why there are none; NULL */
	struct stk_panic panic;
	struct stk_triage_cpu *cpu; /* that were running, the one that died first */
	size_t nr_cpus, room_cpus;
	/* What it died of; else the worst that is told; NULL: nothing went wrong. */
	const struct stk_event *event;
	bool died;			     /* it is what it died of */
	bool from_stacks;		     /* the log has nothing of it */
	const struct stk_event_trace *trace; /* of it, from the dump; NULL */
	const struct stk_chain *chain;	     /* the same */
	const struct stk_regs *fault_regs;   /* of the exception in that; NULL: none */
	struct stk_signature signature;
	bool signed_by_stack;		      /* the log has no trace that would do */
	struct stk_signature stack_signature; /* by @trace; without a kind: none */
	struct stk_join *join; /* of events that have a chain in the dump */
	size_t nr_joins, room_joins;
	struct stk_finding *finding;
	size_t nr_findings, room_findings;
	struct stk_triage_tasks tasks;
	struct stk_blocked *blocked; /* the one that waits the longest first */
	size_t nr_blocked, room_blocked;
	uint64_t uptime; /* in seconds; 0: not known */
};

/*
 * Look at the whole machine. @log: its text, which is changed, and which must live as
 * long as @out; NULL: @no_log says why. Free @out whatever comes of it.
 */
enum stk_status stk_triage(struct stk *s, char *log, size_t size, const char *no_log,
			   struct stk_triage *out);
void stk_triage_free(struct stk *s, struct stk_triage *t);

/* ---- what the files of this part share ---- */

/* A chain as a log would have it, in @arena; NULL: no memory. */
struct stk_event_trace *stk_trace_of_chain(struct stk *s, struct stk_arena *arena,
					   const struct stk_chain *chain);

/* The chain of @task, to be freed; NULL: it has none that can be followed. */
enum stk_status stk_triage_chain(struct stk *s, const struct stk_task *task,
				 struct stk_chain **chain);

/* The same as a log would have it, in the arena of the events. */
enum stk_status stk_triage_follow(struct stk *s, struct stk_triage *t,
				  const struct stk_task *task,
				  const struct stk_event_trace **trace);

/* How many different chains the @nr tasks have: t->tasks.nr_chains. */
enum stk_status stk_triage_count_chains(struct stk *s, struct stk_triage *t,
					const struct stk_task *task, size_t nr);

/* What the stack of the CPU that panicked says it died of; NULL: no memory. */
struct stk_event *stk_event_of_chain(struct stk *s, struct stk_arena *arena,
				     const struct stk_triage_cpu *cpu);

/* The newest exception of @chain, and in which segment; NULL: there is none. */
const struct stk_frame *stk_triage_fault(struct stk *s, const struct stk_chain *chain,
					 const struct stk_segment **seg,
					 struct stk_fault *fault);

/* Of these tasks, those in D. */
enum stk_status stk_triage_blocked(struct stk *s, struct stk_triage *t,
				   const struct stk_task *task, size_t nr);

/* Find the chain of each event that has one, and compare. False: no memory. */
enum stk_status stk_triage_join(struct stk *s, struct stk_triage *t);

/*
 * Give those frames of @log their names that the kernel printed by others': at the start
 * of the next function, or a tracer's.
 */
void stk_join_name(struct stk_event_trace *log, const struct stk_event_trace *stack);

/*
 * Compare @j->log with @j->stack: the log has its frames in the order of the stack, but
 * not all of them. What it does not vouch for, inlined calls, and the code that printed
 * it do not count.
 */
void stk_join_compare(struct stk_join *j);

/* The join of @event; NULL: it has none. */
const struct stk_join *stk_join_of(const struct stk_triage *t,
				   const struct stk_event *event);

/*
 * How far that is certain which the report tells of the CPU: what it did once the machine
 * was dead, or it was stopped, is of no use. Of one that has a chain.
 */
enum stk_confidence stk_triage_confidence(const struct stk_triage_cpu *c);

/* The CPU's row; NULL: it was not running. */
struct stk_triage_cpu *stk_triage_cpu(const struct stk_triage *t, int64_t cpu);

#endif
