/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dumped.h - a machine in a file: the kernel of fixture.h, what its build and its crash
 * leave, written in a format of dumps, and a session on that file.
 */
#ifndef UNIT_DUMPED_H
#define UNIT_DUMPED_H

#include <stackinfo/dump.h>

#include "fixture.h"
#include "image.h"

extern struct image f, g; /* two files: the dump, and what else a test needs */
extern struct stk_dump *d;
extern struct stk *s; /* d's session */
extern char dump_error[512];
extern struct image_page pages[SYN_MAX_PAGES]; /* of the machine, by number */
extern size_t nr_pages;
extern unsigned char notes[16384];
extern size_t notes_len; /* 0: begin anew */

/* Places in the kernel. */
#define BTF_AT	   (SYN_TEXT + 0x180000)
#define MAX_PFN_AT (SYN_DATA + 0xb800)
#define ENTRY_AT   (SYN_END - 0x1000) /* nothing else is in its page, but for */
#define CRASHK_AT  (ENTRY_AT + 0x800)
#define UTS_AT	   (SYN_DATA + 0x100000)

/* Of a case of such tests: the whole kernel, and two empty files. */
void dumped_setup(void);
void dumped_teardown(void);

/* The kernel once more, but for the symbols of @without. */
enum { DUMPED_BANNER = 1, DUMPED_UTS = 2, DUMPED_MAX_PFN = 4 };
void dumped_build(unsigned int without);
/* One that names only its functions, and calls itself @release. */
void dumped_build_functions(const char *release);

/* All types of the machine, as BTF, there. */
void dumped_add_types(uint64_t at);

/* What the kernel calls itself, where VMCOREINFO says. */
void dumped_put_names(const char *system, const char *release);
/* Some text, or that of VMCOREINFO, in a page of memory; returns where. */
uint64_t dumped_put(const char *text, size_t len);
uint64_t dumped_put_vmcoreinfo(void);

/* The text of VMCOREINFO; returns its length. */
size_t dumped_text(char *text, size_t size);
/* Notes for the file; QEMU's is of a CPU with the page tables @cr3. */
void dumped_note(const char *name, uint32_t type, const void *desc, size_t size);
void dumped_vmcoreinfo(void);
void dumped_qemu(uint64_t cr3);

/* Into @pages. */
void dumped_collect(void);
/* To the file f, as ELF, or in makedumpfile's format; that returns as image_kdump(). */
void dumped_elf(void);
uint64_t dumped_kdump(uint32_t version, bool split, uint64_t begin, uint64_t end);
/* The notes behind what image_kdump() made of f, with blocks of that size. */
void dumped_put_notes(uint32_t block);

/* Open f in some way; @path with a @warning that has this, or without any; in vain. */
enum stk_status dumped_open(const struct stk_dump_options *how);
void dumped_opened(const char *path, const char *warning);
void dumped_refused(const char *path, enum stk_status st, const char *what);
/* The chain in the file is the one in the machine. */
void dumped_same(void);

#endif
