/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dump_open.h - what the files dump*.c share: how a dump is opened. */
#ifndef STK_DUMP_OPEN_H
#define STK_DUMP_OPEN_H

#include <stackinfo/dump.h>

#include "../base/context.h"
#include "../debuginfo/debuginfo.h"
#include "../file/notes.h"
#include "../file/reader.h"
#include "../file/vmcoreinfo.h"
#include "../kernel/btf.h"
#include "../machine/watch.h"
#include "dump_pack.h"

struct stk_dump {
	struct stk_ranges memory; /* of a file that is memory alone */
	struct stk_files files;
	struct stk_reader *reader;
	uint16_t machine;
	struct stk_arena arena;
	struct stk_notes notes;
	/* Lines that come before those of VMCOREINFO: the user's */
	char given[160];
	/* Lines that come behind them: found in memory, where VMCOREINFO lacks them */
	char found[160];
	/* Those of a note that is not believed, and why; NULL: there is no note */
	char *disbelieved;
	char why[256];
	struct stk_watch watch; /* both NULL: nobody looks on */
	struct stk_btf *btf;
	struct stk_debuginfo *debuginfo;
	struct stk *session;
	struct stk_budget opening; /* of all that is tried until there is a session */
	bool search_cut;	   /* it ended a search of the memory */
	bool log_only;		   /* without the kernel's symbols no more can be read */
	char warning[400];
};

/* struct stk_opening - what is being opened, and why it cannot be. */
struct stk_opening {
	struct stk_dump *d;
	const char *path;
	struct stk_dump_options how;
	const struct stk_pack_options *pack; /* it is to be recorded; or NULL */
	char *error;
	size_t size;
};

/* dump.c: "PATH: " and the rest of the sentence; returns @st. */
enum stk_status stk_dump_refuse(struct stk_opening *o, enum stk_status st,
				const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
enum stk_status stk_dump_no_memory(struct stk_opening *o);
void stk_dump_warn(struct stk_dump *d, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* dump_session.c: with the VMCOREINFO that is in d->notes. */
enum stk_status stk_dump_open_session(struct stk_opening *o);
void stk_dump_close_session(struct stk_dump *d);
/* As stk_notes_vmcoreinfo(), of what the user knows better, too. */
const char *stk_dump_vmcoreinfo_line(void *priv, const char *key);
extern const struct stk_memory_ops stk_dump_memory_ops;

#define STK_RELEASE_SIZE                                                                 \
	65u /* of a release, as struct new_utsname has it, and its end                   \
	     */

/*
 * dump_whose.c: does VMCOREINFO lead to the kernel that it is of? It may be of one that
 * ran before, or in a virtual machine, or elsewhere: then its page tables lead nowhere,
 * or to a kernel that calls itself otherwise. 1: it does; 0: to another, @own; -1: to
 * none that tells.
 */
int stk_dump_is_its_kernel(struct stk_dump *d, char own[STK_RELEASE_SIZE]);

/*
 * Did a CPU run the kernel of the session when the machine was stopped, or what that
 * loaded for the case of a crash? 1: one did; 0: none; -1: nothing tells.
 */
int stk_dump_was_running(struct stk_dump *d);

/* dump_vmcoreinfo.c: a session with the VMCOREINFO that is believed most. */
enum stk_status stk_dump_find_session(struct stk_opening *o);

#endif
