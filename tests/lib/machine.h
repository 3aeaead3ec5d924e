/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * machine.h - a dead machine made of nothing, for tests.
 *
 * struct syn is a struct stk_target whose memory is a sparse set of physical pages
 * below real page tables. Tests put words at virtual addresses, name symbols, members,
 * registers and VMCOREINFO lines, choose what cannot be read, and count how often the
 * library asked. syn_fact() takes the same as lines of text.
 */
#ifndef TESTS_MACHINE_H
#define TESTS_MACHINE_H

#include <stackinfo/target.h>
#include <stackinfo/x86_64.h>

#include "arch/x86_64/orc.h"
#include "arch/x86_64/x86_64.h"

/*
 * What becomes of a test that wants what does not fit or is not there: whoever links
 * this says so. Does not return.
 */
void syn_misuse(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

/*
 * check's own assertions write to a file even when they hold: not for what is done a
 * thousand times in each test.
 */
#define syn_assert(cond)                                                                 \
	do {                                                                             \
		if (!(cond))                                                             \
			syn_misuse("%s does not hold", #cond);                           \
	} while (0)

/*
 * How an architecture's page tables are written: how addresses are cut into indices, what
 * bits entries have, and where in them a physical address stands.
 */
struct syn_tables {
	uint16_t machine; /* EM_* */
	unsigned int page_shift, levels;
	unsigned int top_bits;	     /* of the root's index; else page_shift - 3 */
	uint64_t table, page, block; /* an entry that leads on, maps a page, or more */
	uint64_t is_block;	     /* the bits that tell block from table */
	uint64_t no_code;	     /* set or clear in @page: code cannot run there */
	uint64_t (*coded)(uint64_t phys);
	uint64_t (*decoded)(uint64_t entry);
};

extern const struct syn_tables syn_tables_x86[2]; /* of four and of five levels */

struct syn_page {
	uint64_t pfn; /* plus one; 0: free slot */
	enum stk_status fail;
	unsigned char *data;
};

struct syn_symbol {
	char name[640];
	uint64_t addr;
	char type;
};

struct syn_type { /* "task_struct" or "task_struct.pid" */
	char name[96];
	struct stk_member m;
};

struct syn_line {
	char key[64], value[192];
};

struct syn_question {
	char text[128];
	unsigned int count;
};

/* An ORC row in the library's own terms; encoded by syn_finish(). */
struct syn_orc {
	uint64_t ip;
	enum orc_type type;
	enum orc_reg sp;
	int sp_off;
	enum orc_reg bp;
	int bp_off;
	bool signal;
	size_t order;
};

/* The registers of a CPU in notes: what tests set, and the bytes made of it. */
struct syn_note {
	enum stk_note_kind kind;
	uint16_t machine; /* 0: x86_64 */
	uint32_t pid;
	uint64_t gpr[34]; /* in the order of the machine's elf_gregset_t */
	/* In QEMU's note, when there is all of it. */
	bool have_sys;
	uint64_t cr2, cr3, cr4, gs_base, tr_base, gdt_base, idt_base;
	uint32_t tr_selector, tr_limit, gdt_limit, idt_limit;
	unsigned char prstatus[392], qemu[440];
};

enum syn_orc_format { SYN_ORC_4_14, SYN_ORC_4_19, SYN_ORC_6_3, SYN_ORC_6_4, SYN_ORC_7_1 };
enum syn_kallsyms_format { SYN_KS_PERCPU, SYN_KS_RELATIVE, SYN_KS_ADDRESSES };

#define SYN_MAX_PAGES	  32768u
#define SYN_MAX_SYMBOLS	  1024u
#define SYN_MAX_TYPES	  200u
#define SYN_MAX_LINES	  40u
#define SYN_MAX_QUESTIONS 400u
#define SYN_MAX_ORC	  400u
#define SYN_MAX_NOTES	  64u
#define SYN_MAX_CPUS	  64u

/* Where the root's mapping begins, as VMCOREINFO has it; per-CPU addresses are below. */
#define SYN_PHYS_BASE	(-0x10000000ll)
#define SYN_PERCPU_SIZE 0x50000ull

struct syn {
	struct stk_target target;
	struct stk *s;
	/* How often each provider was called, whatever the question. */
	struct {
		unsigned int read_phys, read_virt, symbol, lookup, size, member, note,
			vmcoreinfo, interrupted;
	} calls;
	enum stk_status absent; /* of a virtual address that is not mapped */
	bool interrupt;
	unsigned int interrupt_after; /* that many polls from now; 0: never */

	struct syn_page page[SYN_MAX_PAGES];
	uint64_t pgd, next_phys;
	unsigned int large; /* its architecture's pages are 4096 << large bytes */
	const struct syn_tables *tables;

	struct syn_symbol symbol[SYN_MAX_SYMBOLS];
	size_t nr_symbols;
	struct syn_type type[SYN_MAX_TYPES];
	size_t nr_types;
	struct syn_line line[SYN_MAX_LINES];
	size_t nr_lines;
	struct syn_question question[SYN_MAX_QUESTIONS];
	size_t nr_questions;
	struct syn_note note[SYN_MAX_NOTES];
	size_t nr_notes;
	uint64_t percpu[SYN_MAX_CPUS]; /* what a text says; syn_kernel() has its own */
	unsigned int nr_percpu;

	/* Tables that syn_finish() writes, where the bases are not 0. */
	bool finished;
	struct syn_orc orc[SYN_MAX_ORC];
	size_t nr_orc;
	uint64_t orc_base;
	enum syn_orc_format orc_format;
	uint64_t kallsyms_base;
	enum syn_kallsyms_format kallsyms_format;
	bool kallsyms_text_only;       /* CONFIG_KALLSYMS_ALL=n */
	unsigned int kallsyms_markers; /* bytes each; 0: none, and 6.4's order */

	/* The kernel's. */
	int era;
	uint64_t direct, thread_size; /* the direct map's address of 0; of a stack */
	bool kasan, frame_pointers;
	uint64_t last_task, next_stack;
};

struct syn *syn_new(unsigned int levels);
/* A machine of another architecture, without a line of VMCOREINFO. Its memory begins at
 * @first. */
struct syn *syn_new_as(const struct syn_tables *tables, uint64_t first);
void syn_free(struct syn *m);
/* From now on translate in the provider, as crash does. */
void syn_use_read_virt(struct syn *m);

/* Memory, in pages of the machine's. Sizes of a mapping: what an entry can have. */
uint64_t syn_page_size(const struct syn *m);
uint64_t syn_alloc(struct syn *m, unsigned int pages);
void syn_map(struct syn *m, uint64_t virt, uint64_t phys, uint64_t size);
void syn_map_text(struct syn *m, uint64_t virt); /* a page that can be executed */
void syn_unmap(struct syn *m, uint64_t virt);
bool syn_phys(struct syn *m, uint64_t virt, uint64_t *phys);
/* The page table's entry for @virt at the level whose entries map @size. */
uint64_t syn_entry_at(struct syn *m, uint64_t virt, uint64_t size);
void *syn_phys_page(struct syn *m, uint64_t phys); /* made if need be */
void syn_fail_phys(struct syn *m, uint64_t phys, enum stk_status st);
void syn_fail(struct syn *m, uint64_t virt, enum stk_status st);
/* Virtual: pages that are not mapped get one. */
void syn_write(struct syn *m, uint64_t virt, const void *buf, size_t len);
void syn_read(struct syn *m, uint64_t virt, void *buf, size_t len);
void syn_put64(struct syn *m, uint64_t virt, uint64_t value);
void syn_put32(struct syn *m, uint64_t virt, uint32_t value);
void syn_put8(struct syn *m, uint64_t virt, uint8_t value);
uint64_t syn_get64(struct syn *m, uint64_t virt);
void syn_fill(struct syn *m, uint64_t virt, uint64_t len, uint8_t byte);

void syn_symbol(struct syn *m, const char *name, uint64_t addr);
/* Whatever else has that name, and of the type that nm(1) prints. */
void syn_symbol_of_type(struct syn *m, const char *name, uint64_t addr, char type);
void syn_no_symbol(struct syn *m, const char *name);
struct syn_symbol *syn_find_symbol(struct syn *m, const char *name); /* or NULL */
uint64_t syn_sym(struct syn *m, const char *name);
void syn_member(struct syn *m, const char *member, uint32_t offset, uint32_t size);
void syn_no_member(struct syn *m, const char *member);
struct syn_type *syn_find_type(struct syn *m, const char *name); /* or NULL */
uint32_t syn_off(struct syn *m, const char *member);
#define syn_size(m, type, size) syn_member(m, type, 0, size)
void syn_vmcoreinfo(struct syn *m, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void syn_no_vmcoreinfo(struct syn *m, const char *key);
struct syn_note *syn_note(struct syn *m, enum stk_note_kind kind, uint32_t pid);
/* As the bytes of notes, which live as long as @n. */
struct stk_saved syn_saved(struct syn_note *n);
/* How often was "symbol NAME", "size TYPE" or "member TYPE.MEMBER" asked? */
unsigned int syn_asked(struct syn *m, const char *question);

/*
 * A line of text, without its newline: "vmcoreinfo KEY=VALUE", "percpu CPU OFFSET",
 * "percpu_symbol NAME VALUE", "symbol ADDR TYPE NAME", "struct NAME size N", "member S.F
 * offset N size N", "reg CPU NAME VALUE" or "mem ADDR: WORDS". False for any other.
 */
bool syn_fact(struct syn *m, const char *line);

#endif
