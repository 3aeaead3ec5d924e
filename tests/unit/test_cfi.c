/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what DWARF call frame information is to arm64 and riscv64: a second witness of
 * frame records, the way out of code that cannot be followed, and the last resort; and
 * that libdw reads it of these machines as it is meant.
 */
#include "arm64.h"
#include "fixture.h"
#include "riscv64.h"
#include "suite.h"

#include "arch/arm64/arm64.h"
#include "arch/cfi_step.h"
#include "arch/riscv64/riscv64.h"
#include "base/context.h"
#include "debuginfo/namelist.h"
#include "stacks/stack.h"
#include "unwind/unwind.h"

#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BIT (1u << STK_WITNESS_CFI)

/* Functions of the synthetic kernels: their frames, and where in these the records are.
 */
struct function {
	const char *name;
	uint32_t frame;
	uint32_t record; /* from the stack pointer on */
};

static const struct function arm64_functions[] = {
	{ "leaf_fn", 0, 0 },
	{ "task_spin", 32, 0 },
	{ "vfs_write", 96, 16 },
	{ "__arm64_sys_write", 48, 0 },
	{ "invoke_syscall", 64, 0 },
	{ "el0t_64_sync_handler", 32, 0 },
	{ NULL, 0, 0 },
};

static const struct function riscv_functions[] = {
	{ "leaf_fn", 0, 0 },	       { "task_spin", 32, 16 },
	{ "vfs_write", 96, 80 },       { "__riscv_sys_write", 48, 32 },
	{ "do_trap_ecall_u", 48, 32 }, { NULL, 0, 0 },
};

static const struct machine {
	const struct function *function;
	void (*syscall)(struct syn_cpu *c);
	void (*call)(struct syn_cpu *c, unsigned int off, const char *callee);
	unsigned int ra, sp, fp;
	uint32_t ret;
	const char *writes; /* what called vfs_write() */
} machines[] = {
	{ arm64_functions, a64_syscall, a64_call, A64_LR, A64_SP, A64_FP, 0xd65f03c0,
	  "__arm64_sys_write" },
	{ riscv_functions, rv_syscall, rv_call, RV_RA, RV_SP, RV_S0, 0x00008067,
	  "__riscv_sys_write" },
};

static const struct machine *on;

/* How it is wrong, of vfs_write() alone. */
static enum { RIGHT, OTHER_PLACE, OTHER_RETURN, OTHER_FP, NEXT_FUNCTION, NOTHING } wrong;

static uint64_t given; /* the registers that it was told, by their numbers in DWARF */

static enum stk_status caller(void *priv, void *image, uint64_t pc,
			      struct stk_cfi_frame *f, stk_cfi_read *read, void *ctx)
{
	const struct function *fn = on->function;
	struct stk_cfi_frame out = { .ra = on->ra };
	bool hit;

	while (fn->name &&
	       (pc < syn_sym(m, fn->name) || pc >= syn_sym(m, fn->name) + 0x100))
		fn++;
	if (!fn->name || wrong == NOTHING || !(f->valid >> on->sp & 1))
		return STK_ERR_NOT_FOUND;
	ck_assert(f->wanted >> on->fp & 1);
	given = f->valid;
	/* A return address may be that of the next function. */
	ck_assert((pc & 1) == (pc != c.ip));
	hit = !strcmp(fn->name, "vfs_write");
	out.cfa = f->reg[on->sp] + fn->frame;
	out.reg[on->ra] = f->reg[on->ra];
	out.reg[on->fp] = f->reg[on->fp];
	out.valid = 1ull << on->ra | 1ull << on->fp;
	if (fn->frame) {
		const uint64_t at = f->reg[on->sp] + fn->record;

		if (read(ctx, at, &out.reg[on->fp]) ||
		    read(ctx, at + 8, &out.reg[on->ra]))
			return STK_ERR_NOT_FOUND;
	}
	if (hit && wrong == OTHER_PLACE)
		out.cfa += 16;
	if (hit && wrong == OTHER_RETURN)
		out.reg[on->ra] = syn_sym(m, "task_spin") + 0x90;
	/* What lies right behind a call that does not return is named for the caller. */
	if (hit && wrong == NEXT_FUNCTION)
		out.reg[on->ra] = syn_sym(m, "task_spin") + 0x100;
	if (hit && wrong == OTHER_FP)
		out.reg[on->fp] += 16;
	*f = out;
	return STK_OK;
}

static const struct stk_debuginfo_ops ops = { .caller = caller };

static void setup_machine(int i)
{
	on = &machines[i];
	wrong = RIGHT;
	fixture_task_of(i ? rv_kernel(RV_SV48) : a64_kernel(A64_4K_48, A64_6_12));
	m->target.debuginfo = &ops;
}

/* Words as in syn_chain_text(). */
static const char *spelled(const char *how, const char *rest)
{
	static char text[1024];

	snprintf(text, sizeof(text), "<TASK> %svfs_write+0x90/fp %s+0x50/fp %s", how,
		 on->writes, rest);
	return text;
}

static const char *syscall_text(const char *first)
{
	return spelled(first, on == machines ? "invoke_syscall+0x70/fp "
					       "el0t_64_sync_handler+0x60/fp "
					       "el0t_64_sync+0x80/fp end user"
					     : "do_trap_ecall_u+0x70/fp "
					       "handle_exception+0x14a/fp end user");
}

/* ---- a second witness ---- */

START_TEST(agrees)
{
	struct stk_chain *chain;
	size_t nr = 0;

	setup_machine(_i);
	on->syscall(&c);
	chain = unwind_cpu_1();
	ck_assert_str_eq(syn_chain_text(chain), syscall_text("task_spin+0x40/regs! "));
	ck_assert_msg(chain->confidence == STK_CERTAIN, "%s", chain->confidence_why);
	for (size_t i = 1; i < chain->segments->nr_frames; i++) {
		const struct stk_frame *f = &chain->segments->frames[i];

		if (!f->slot)
			continue;
		ck_assert_msg(f->evidence.agree & BIT, "%s", f->name.function);
		nr++;
	}
	ck_assert_uint_ge(nr, 4);
	stk_chain_free(m->s, chain);
	/* Where there is none nothing is said. */
	wrong = NOTHING;
	chain = unwind_cpu_1();
	ck_assert_int_eq(chain->confidence, STK_CERTAIN);
	for (size_t i = 1; i < chain->segments->nr_frames; i++)
		ck_assert(!((chain->segments->frames[i].evidence.agree |
			     chain->segments->frames[i].evidence.differ) &
			    BIT));
	stk_chain_free(m->s, chain);
}
END_TEST

/* Signed, where the hardware does so. */
START_TEST(agrees_when_signed)
{
	struct stk_chain *chain;

	setup_machine(0);
	a64_sign(m);
	on->syscall(&c);
	chain = unwind_cpu_1();
	ck_assert_int_eq(chain->confidence, STK_CERTAIN);
	ck_assert(chain->segments->frames[1].evidence.agree & BIT);
	stk_chain_free(m->s, chain);
}
END_TEST

START_TEST(disagrees)
{
	static const char *const why[] = { "to a frame that ends at ", "to task_spin+144",
					   " there", "to task_spin+256" };
	struct stk_chain *chain;
	const struct stk_frame *f;

	setup_machine(_i / 4);
	on->syscall(&c);
	wrong = OTHER_PLACE + _i % 4;
	chain = unwind_cpu_1();
	ck_assert_int_eq(chain->end, STK_END_USER);
	ck_assert_int_eq(chain->confidence, STK_DOUBTFUL);
	f = &chain->segments->frames[2];
	ck_assert_int_eq(f->doubt, STK_DOUBT_CFI);
	ck_assert(f->evidence.differ & BIT);
	ck_assert_msg(!strncmp(f->note, "call frame information leads elsewhere: ", 40),
		      "%s", f->note);
	ck_assert_msg(strstr(f->note, why[_i % 4]), "%s", f->note);
	/* The one below may have led to the wrong place. */
	ck_assert_int_eq(f[-1].doubt, STK_DOUBT_NEXT);
	stk_chain_free(m->s, chain);
}
END_TEST

/* What code tells of a function without a record, this tells, too. */
START_TEST(of_a_leaf)
{
	struct stk_chain *chain;

	setup_machine(_i);
	on->syscall(&c);
	on->call(&c, 0x80, "leaf_fn");
	chain = unwind_cpu_1();
	ck_assert_str_eq(syn_chain_text(chain),
			 syscall_text("leaf_fn+0x40/regs! task_spin+0x80/regs "));
	ck_assert_int_eq(chain->confidence, STK_CERTAIN);
	ck_assert(chain->segments->frames[1].evidence.agree & BIT);
	stk_chain_free(m->s, chain);
}
END_TEST

/* ---- in place of records ---- */

/* Its code cannot be followed: without this its caller is a guess, or lost. */
START_TEST(of_unknown_code)
{
	const char *with = "leaf_fn+0x40/regs! task_spin+0x80/cfi ";
	struct stk_chain *chain;

	setup_machine(_i);
	on->syscall(&c);
	on->call(&c, 0x80, "leaf_fn");
	syn_put32(m, syn_sym(m, "leaf_fn"), on->ret);
	chain = unwind_cpu_1();
	ck_assert_str_eq(syn_chain_text(chain), syscall_text(with));
	ck_assert_msg(chain->confidence == STK_CERTAIN, "%s", chain->confidence_why);
	ck_assert_str_eq(chain->segments->frames[1].note, "found by DWARF CFI");
	stk_chain_free(m->s, chain);
	wrong = NOTHING;
	chain = unwind_cpu_1();
	ck_assert(chain->confidence != STK_CERTAIN ||
		  strcmp(syn_chain_text(chain), syscall_text(with)) != 0);
	stk_chain_free(m->s, chain);
}
END_TEST

/* Nor can this one's be; but it has a record, which is the same and tells where it is. */
START_TEST(of_unknown_code_with_a_record)
{
	struct stk_chain *chain;

	setup_machine(_i);
	on->syscall(&c);
	syn_put32(m, syn_sym(m, "task_spin"), on->ret);
	chain = unwind_cpu_1();
	ck_assert_str_eq(syn_chain_text(chain), syscall_text("task_spin+0x40/regs! "));
	ck_assert_int_eq(chain->confidence, STK_CERTAIN);
	ck_assert_uint_ne(chain->segments->frames[1].slot, 0);
	ck_assert(chain->segments->frames[1].evidence.agree & BIT);
	stk_chain_free(m->s, chain);
}
END_TEST

/* The frame pointer is garbage: this goes on, and is no proof. */
START_TEST(of_a_lost_record)
{
	struct stk_chain *chain;
	uint64_t record;

	setup_machine(_i);
	on->syscall(&c);
	record = syn_get64(m, c.bp);
	c.bp = 0x1000;
	chain = unwind_cpu_1();
	ck_assert_int_eq(chain->end, STK_END_USER);
	ck_assert_int_eq(chain->segments->frames[1].how, STK_HOW_CFI);
	ck_assert_uint_eq(chain->segments->frames[1].at, _i ? c.sp + 32 : record);
	ck_assert_uint_eq(chain->segments->frames[1].ip, syn_sym(m, "vfs_write") + 0x90);
	ck_assert_int_eq(chain->confidence, STK_DOUBTFUL);
	ck_assert(chain->dead_end.met);
	stk_chain_free(m->s, chain);
	wrong = NOTHING;
	chain = unwind_cpu_1();
	ck_assert_int_ne(chain->confidence, STK_CERTAIN);
	ck_assert_int_ne(chain->segments->frames[1].how, STK_HOW_CFI);
	stk_chain_free(m->s, chain);
}
END_TEST

/* ---- files ---- */

#define CODE 0xffff800008010000ull

/* One function at CODE: the CIE, the FDE's header, and what the code does. */
struct elf {
	GElf_Half machine;
	unsigned char code_align, ra, sp;
	const unsigned char *insn;
	size_t len;
};

static void put(unsigned char **at, const void *from, size_t size)
{
	memcpy(*at, from, size);
	*at += size;
}

static size_t debug_frame(const struct elf *e, unsigned char *out)
{
	const unsigned char cie[] = {
		16,   0,     0,	   0,	  0xff, 0xff, 0xff, 0xff, 1, 0, e->code_align,
		0x78, e->ra, 0x0c, e->sp, 0,	0,    0,    0,	  0
	};
	const uint32_t len = (uint32_t)(4 + 8 + 8 + e->len), zero = 0;
	const uint64_t begin = CODE, size = 0x100;
	unsigned char *at = out;

	put(&at, cie, sizeof(cie));
	put(&at, &len, 4);
	put(&at, &zero, 4);
	put(&at, &begin, 8);
	put(&at, &size, 8);
	put(&at, e->insn, e->len);
	return (size_t)(at - out);
}

static void add_section(Elf *elf, GElf_Word name, GElf_Word type, GElf_Xword flags,
			GElf_Addr addr, void *data, size_t size)
{
	Elf_Scn *scn = elf_newscn(elf);
	Elf_Data *d = elf_newdata(scn);
	GElf_Shdr head;

	d->d_buf = data;
	d->d_size = size;
	d->d_align = 1;
	ck_assert_ptr_nonnull(gelf_getshdr(scn, &head));
	head.sh_name = name;
	head.sh_type = type;
	head.sh_flags = flags;
	head.sh_addr = addr;
	head.sh_addralign = 1;
	ck_assert(gelf_update_shdr(scn, &head));
}

static void write_elf(const struct elf *e, int fd)
{
	static char names[] = "\0.text\0.debug_frame\0.shstrtab";
	static unsigned char text[0x100];
	unsigned char frames[256];
	size_t size = debug_frame(e, frames);
	GElf_Ehdr eh;
	GElf_Phdr ph;
	Elf *elf;

	ck_assert_int_ge(fd, 0);
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_WRITE, NULL);
	ck_assert_ptr_nonnull(gelf_newehdr(elf, ELFCLASS64));
	ck_assert_ptr_nonnull(gelf_newphdr(elf, 1));
	add_section(elf, 1, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, CODE, text,
		    sizeof(text));
	add_section(elf, 7, SHT_PROGBITS, 0, 0, frames, size);
	add_section(elf, 20, SHT_STRTAB, 0, 0, names, sizeof(names));
	ck_assert_ptr_nonnull(gelf_getehdr(elf, &eh));
	eh.e_ident[EI_DATA] = ELFDATA2LSB;
	eh.e_machine = e->machine;
	eh.e_type = ET_EXEC;
	eh.e_version = EV_CURRENT;
	eh.e_shstrndx = 3;
	ck_assert(gelf_update_ehdr(elf, &eh));
	ck_assert_int_ge(elf_update(elf, ELF_C_NULL), 0);
	ck_assert_ptr_nonnull(gelf_getphdr(elf, 0, &ph));
	ph.p_type = PT_LOAD;
	ph.p_offset = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr);
	ph.p_vaddr = ph.p_paddr = CODE;
	ph.p_filesz = ph.p_memsz = sizeof(text);
	ph.p_flags = PF_R | PF_X;
	ph.p_align = 1;
	ck_assert(gelf_update_phdr(elf, 0, &ph));
	ck_assert_int_ge(elf_update(elf, ELF_C_WRITE), 0);
	elf_end(elf);
	close(fd);
}

/* A word is its own address, negated. */
static enum stk_status read_word(void *ctx, uint64_t addr, uint64_t *value)
{
	*value = ~addr;
	return STK_OK;
}

/* At @off of the function: the CFA is @cfa; ra and fp lie there, or 0: in registers. */
struct place {
	unsigned int off;
	uint64_t cfa, ra, fp;
};

static void expect_places(const struct elf *e, unsigned int fp, const struct place *place)
{
	char path[] = "/tmp/stk-cfi-XXXXXX", error[256];
	struct stk_debuginfo *d = stk_debuginfo_new();

	write_elf(e, mkstemp(path));
	ck_assert_msg(!stk_debuginfo_add(d, path, error, sizeof(error)), "%s", error);
	for (; place->cfa; place++) {
		struct stk_cfi_frame f = { .wanted = 1ull << fp };

		f.valid = 1ull << fp | 1ull << e->ra | 1ull << e->sp;
		f.reg[e->sp] = 0x8000;
		f.reg[e->ra] = 0x1111;
		f.reg[fp] = 0x9000;
		ck_assert_msg(stk_debuginfo_ops.caller(d, NULL, CODE + place->off, &f,
						       read_word, NULL) == STK_OK,
			      "+%u", place->off);
		ck_assert_uint_eq(f.ra, e->ra);
		ck_assert_msg(f.cfa == place->cfa, "+%u: %#llx", place->off,
			      (unsigned long long)f.cfa);
		ck_assert_uint_eq(f.valid, 1ull << e->ra | 1ull << fp);
		ck_assert_msg(f.reg[e->ra] == (place->ra ? ~place->ra : 0x1111),
			      "+%u: %#llx", place->off, (unsigned long long)f.reg[e->ra]);
		ck_assert_msg(f.reg[fp] == (place->fp ? ~place->fp : 0x9000),
			      "+%u: %#llx", place->off, (unsigned long long)f.reg[fp]);
	}
	stk_debuginfo_free(d);
	unlink(path);
}

/*
 * paciasp; stp x29, x30, [sp, #-32]!; mov x29, sp; …; ldp; autiasp; ret. Where addresses
 * are signed is said by a number that means something else on another machine.
 */
START_TEST(arm64_file)
{
	static const unsigned char insn[] = {
		0x41, 0x2d, /* +4: negate_ra_state */
		0x41, 0x0e, 32, 0x80 | 29, 4,	      0x80 | 30, 3, /* +8: stp */
		0x44, 0x0e, 0,	0xc0 | 29, 0xc0 | 30,		    /* +24: ldp */
		0x41, 0x2d,					    /* +28: autiasp */
	};
	static const struct elf elf = { EM_AARCH64, 4, 30, 31, insn, sizeof(insn) };
	static const struct place place[] = {
		{ 0, 0x8000, 0, 0 },
		{ 4, 0x8000, 0, 0 },
		{ 8, 0x8020, 0x8008, 0x8000 },
		{ 20, 0x8020, 0x8008, 0x8000 },
		{ 24, 0x8000, 0, 0 },
		{ 28, 0x8000, 0, 0 },
		{ 0, 0, 0, 0 },
	};

	expect_places(&elf, 29, place);
}
END_TEST

/* c.addi sp, -32; c.sdsp ra; c.sdsp s0; c.addi4spn s0, sp, 32; … */
START_TEST(riscv64_file)
{
	static const unsigned char insn[] = {
		0x42, 0x0e, 32,		      /* +2 */
		0x44, 0x81, 1,	  0x88, 2,    /* +6 */
		0x42, 0x0c, 8,	  0,	      /* +8: the CFA is s0 */
		0x50, 0xc1, 0xc8, 0x0c, 2, 0, /* +24: all is as it was */
	};
	static const struct elf elf = { EM_RISCV, 1, 1, 2, insn, sizeof(insn) };
	static const struct place place[] = {
		{ 0, 0x8000, 0, 0 },	       { 2, 0x8020, 0, 0 },
		{ 6, 0x8020, 0x8018, 0x8010 }, { 8, 0x9000, 0x8ff8, 0x8ff0 },
		{ 24, 0x8000, 0, 0 },	       { 0, 0, 0, 0 },
	};

	expect_places(&elf, 8, place);
}
END_TEST

/* Of arm64 all from x0 on; what riscv64's pt_regs has first is pc, and no register 0. */
START_TEST(registers_that_are_told)
{
	struct stk_cursor cur = { .cpu = 1, .signal = true };
	struct stk_step out = { 0 };
	struct stk *s;

	setup_machine(_i);
	on->syscall(&c);
	s = syn_open(m);
	ck_assert_int_eq(stk_stack_with(s, c.sp, &cur.stack), STK_OK);
	cur.regs.valid = 0x1ffffffffull;
	for (unsigned int i = 0; i <= 32; i++)
		cur.regs.v[i] = 0x1230 + i;
	cur.regs.valid |= 1ull << s->arch->ip;
	cur.regs.v[s->arch->ip] = c.ip;
	cur.regs.v[s->arch->sp] = c.sp;
	if (_i)
		riscv_step_cfi(s, &cur, &out);
	else
		arm64_step_cfi(s, &cur, &out);
	ck_assert_uint_eq(given, _i ? 0xfffffffe : 0xffffffff);
}
END_TEST

static unsigned int told_ra;
static uint64_t asked_pc;
static uint64_t told_not; /* registers whose value there is not known */

static enum stk_status any_caller(void *priv, void *image, uint64_t pc,
				  struct stk_cfi_frame *f, stk_cfi_read *read, void *ctx)
{
	asked_pc = pc;
	f->ra = told_ra;
	f->valid = ~told_not;
	f->cfa = c.sp + 64;
	return STK_OK;
}

/* DWARF numbers 32 of them: a return address in another is none. */
START_TEST(return_address_in_no_register)
{
	static const struct stk_debuginfo_ops any = { .caller = any_caller };
	struct stk_cursor cur = { .cpu = 1, .signal = true };
	struct stk_step out = { 0 };
	struct stk *s;

	setup_machine(0);
	m->target.debuginfo = &any;
	on->syscall(&c);
	told_ra = 31 + (unsigned int)_i;
	told_not = 0;
	s = syn_open(m);
	cur.regs.v[s->arch->ip] = c.ip;
	cur.regs.v[s->arch->sp] = c.sp;
	cur.regs.valid = 1ull << s->arch->ip | 1ull << s->arch->sp;
	ck_assert_int_eq(arm64_step_cfi(s, &cur, &out),
			 _i ? STK_STEP_NO_RULE : STK_STEP_OK);
}
END_TEST

/* Each of the three that it tells, if the step has it; what was said before stays. */
START_TEST(what_is_weighed)
{
	static const struct stk_debuginfo_ops any = { .caller = any_caller };
	enum { IP = 1, SP = 2, FP = 4 };
	static const struct {
		unsigned int has, wrong;
		const char *before, *why;
	} row[] = {
		{ IP | SP | FP, 0, NULL, NULL },
		{ IP | SP | FP, IP, NULL, "to " },
		{ IP | SP | FP, SP, NULL, "to a frame that ends at " },
		{ IP | SP | FP, FP, NULL, "x29 is " },
		{ IP | SP | FP, IP | SP | FP, NULL, "to " },
		{ IP | SP | FP, SP | FP, NULL, "to a frame" },
		{ SP | FP, IP, NULL, NULL },
		{ IP | FP, SP, NULL, NULL },
		{ IP | SP, FP, NULL, NULL },
		{ IP | SP | FP, IP, "before", "before" },
		{ IP | SP | FP, 0, "before", "before" },
	};
	const struct stk_arch *a;
	struct stk_cursor cur = { .cpu = 1, .signal = true };
	struct stk *s;

	setup_machine(0);
	m->target.debuginfo = &any;
	on->syscall(&c);
	told_ra = A64_LR;
	told_not = 0;
	s = syn_open(m);
	a = s->arch;
	cur.arena = &s->arena;
	cur.regs.v[a->ip] = c.ip;
	cur.regs.v[a->sp] = c.sp;
	cur.regs.v[a->fp] = c.bp;
	cur.regs.v[A64_LR] = c.ip + 0x40;
	cur.regs.valid = 1ull << a->ip | 1ull << a->sp | 1ull << a->fp | 1ull << A64_LR;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct stk_step out = { .why = row[i].before };
		const unsigned int off = row[i].wrong;
		const bool differs = off & row[i].has;

		out.regs.v[a->ip] = c.ip + 0x40 + (off & IP ? 4 : 0);
		out.regs.v[a->sp] = c.sp + 64 + (off & SP ? 16 : 0);
		out.regs.v[a->fp] = c.bp + (off & FP ? 16 : 0);
		out.regs.valid = (uint64_t)(row[i].has & IP ? 1 : 0) << a->ip |
				 (uint64_t)(row[i].has & SP ? 1 : 0) << a->sp |
				 (uint64_t)(row[i].has & FP ? 1 : 0) << a->fp;
		stk_cfi_weigh(s, &cur, 0, &out);
		ck_assert_msg(!(out.said.differ & BIT) == !differs, "row %zu", i);
		ck_assert_msg(!(out.said.agree & BIT) == differs, "row %zu", i);
		ck_assert_msg(!out.why == !row[i].why, "row %zu", i);
		if (row[i].why)
			ck_assert_msg(!strncmp(out.why, row[i].why, strlen(row[i].why)),
				      "row %zu: %s", i, out.why);
	}
	/* A frame pointer that it does not tell is none that differs; no return address
	 * is no caller. */
	for (int i = 0; i < 2; i++) {
		struct stk_step out = { .regs = cur.regs };

		told_not = 1ull << (i ? A64_LR : a->fp);
		out.regs.v[a->fp] = c.bp + 16;
		out.regs.v[a->ip] = c.ip + 0x40;
		out.regs.v[a->sp] = c.sp + 64;
		stk_cfi_weigh(s, &cur, 0, &out);
		ck_assert_uint_eq(out.said.agree, i ? 0 : BIT);
		ck_assert_uint_eq(out.said.differ, 0);
	}
	told_not = 0;
	/* Of a return address the call is asked for, which may end its function. */
	for (int i = 0; i < 2; i++) {
		struct stk_step out = { .regs = cur.regs };

		cur.signal = i;
		stk_cfi_weigh(s, &cur, 0, &out);
		ck_assert_uint_eq(asked_pc, c.ip - !i);
	}
	/* Of what is no code it is not asked, nor where there is none. */
	cur.regs.v[a->ip] = A64_TEXT + OTHER_DATA;
	for (int none = 0; none < 2; none++) {
		struct stk_step out = { .regs = cur.regs };

		stk_cfi_weigh(s, &cur, 0, &out);
		ck_assert_uint_eq(out.said.agree | out.said.differ, 0);
		cur.regs.v[a->ip] = c.ip;
		s->target.debuginfo = NULL;
	}
}
END_TEST

/* A record that says the same is the better way, and nothing less is. */
START_TEST(record_that_says_the_same)
{
	static const struct stk_debuginfo_ops any = { .caller = any_caller };
	static const struct {
		uint64_t fp, ret; /* added to what is told */
		bool readable;
		enum stk_step_result want;
	} row[] = {
		{ 0, 0, true, STK_STEP_NO_RULE },
		{ 8, 0, true, STK_STEP_OK },
		{ 0, 4, true, STK_STEP_OK },
		{ 0, 0, false, STK_STEP_OK },
	};
	const uint64_t at = A64_TEXT + OTHER_DATA + 0x900;
	struct stk_cursor cur = { .cpu = 1, .signal = true };
	struct stk_step out = { 0 };
	struct stk *s;

	setup_machine(0);
	m->target.debuginfo = &any;
	on->syscall(&c);
	told_ra = A64_LR;
	told_not = 0;
	s = syn_open(m);
	cur.regs.v[s->arch->ip] = c.ip;
	cur.regs.v[s->arch->sp] = c.sp;
	cur.regs.v[s->arch->fp] = c.bp;
	cur.regs.v[A64_LR] = c.ip + 0x40;
	cur.regs.valid = 1ull << s->arch->ip | 1ull << s->arch->sp | 1ull << s->arch->fp |
			 1ull << A64_LR;
	syn_put64(m, at, c.bp + row[_i].fp);
	syn_put64(m, at + 8, c.ip + 0x40 + row[_i].ret);
	ck_assert_int_eq(stk_cfi_step(s, &cur, 0,
				      row[_i].readable ? at : 0xffff900000000000ull,
				      &out),
			 row[_i].want);
	if (row[_i].want != STK_STEP_OK)
		return;
	ck_assert_uint_eq(out.regs.valid & cur.regs.valid & ~(1ull << A64_LR),
			  cur.regs.valid & ~(1ull << A64_LR));
	ck_assert_uint_eq(out.regs.v[s->arch->sp], out.at);
	ck_assert_uint_eq(out.regs.v[s->arch->ip], c.ip + 0x40);
}
END_TEST

static const struct unit_test chain_tests[] = {
	LOOP(registers_that_are_told, 2),
	LOOP(return_address_in_no_register, 2),
	LOOP(record_that_says_the_same, 4),
	TEST(what_is_weighed),
	LOOP(agrees, 2),
	TEST(agrees_when_signed),
	LOOP(disagrees, 8),
	LOOP(of_a_leaf, 2),
	LOOP(of_unknown_code, 2),
	LOOP(of_unknown_code_with_a_record, 2),
	LOOP(of_a_lost_record, 2),
	{ 0 },
};

static const struct unit_test file_tests[] = {
	TEST(arm64_file),
	TEST(riscv64_file),
	{ 0 },
};

const struct unit_suite suite_cfi = {
	"cfi",
	{
		{ "chains", chain_tests, NULL, NULL },
		{ "files", file_tests, NULL, NULL },
	},
};
