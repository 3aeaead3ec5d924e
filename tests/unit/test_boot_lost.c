/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what is told of a dump without all memory that was reserved at boot: where
 * things are without page tables, which tasks there are, and who was running.
 */
#include "arm64.h"
#include "boot_lost.h"
#include "dumped.h"
#include "fixture.h"
#include "riscv64.h"
#include "suite.h"

#include "arch/arch.h"
#include "base/context.h"
#include "kernel/vmalloc.h"
#include "unwind/running.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>

#define A64_VMALLOC 0xffffc00000000000ull
#define A64_VMEMMAP 0xfffffd0000000000ull

/* What a kernel is made by. @shape: of arm64's, or of riscv64's modes. */
struct kind {
	struct syn *(*kernel)(int shape);
	int shape;
	void (*syscall)(struct syn_cpu *c);
	void (*idle)(struct syn_cpu *c);
	void (*irq)(struct syn_cpu *c);
	void (*sleep)(struct syn_cpu *c);
	void (*note)(struct syn_cpu *c);
};

static struct syn *arm64(int shape)
{
	return a64_kernel((enum arm64_shape_id)shape, A64_6_12);
}

static struct syn *riscv64(int mode)
{
	return rv_kernel((enum riscv_mode_id)mode);
}

#define A64(shape)                                                                       \
	{                                                                                \
		arm64, shape, a64_syscall, a64_idle, a64_irq, a64_sleep, a64_note        \
	}
#define RV(mode)                                                                         \
	{                                                                                \
		riscv64, mode, rv_syscall, rv_idle, rv_irq, rv_sleep, rv_note            \
	}

static const struct kind kinds[] = {
	RV(RV_SV39),	RV(RV_SV48),	      RV(RV_SV57),     A64(A64_4K_48),
	A64(A64_4K_52), A64(A64_4K_52_ON_48), A64(A64_16K_48),
};

#define NR_KINDS (int)(sizeof(kinds) / sizeof(kinds[0]))

static const struct kind *kind;
static uint64_t vmalloc, first_page, sleeper;

static void told(const char *key, uint64_t value)
{
	syn_vmcoreinfo(m, key, "0x%llx", (unsigned long long)value);
}

/* The struct page of page 0 lies below all others, as memory does not begin there. */
static uint64_t tell_vmemmap(uint64_t vmemmap, uint64_t ram)
{
	uint64_t zero = vmemmap - ram / syn_page_size(m) * LOST_PAGE_SIZE;

	first_page = vmemmap;
	syn_vmcoreinfo(m, "SYMBOL(vmemmap)", "%llx", (unsigned long long)zero);
	return zero;
}

/* A task sleeps, sh runs on CPU 1, CPU 0 is idle. */
static void build(int i)
{
	struct syn_cpu cpu;

	kind = &kinds[i];
	fixture_task_of(kind->kernel(kind->shape));
	vmalloc = m->target.machine == EM_RISCV ? riscv_modes[kind->shape].vmalloc
						: A64_VMALLOC;
	sleeper = syn_task(m, "sleeper", 300, 0);
	cpu = other_cpu(m, 1, sleeper);
	kind->syscall(&cpu);
	kind->sleep(&cpu);
	cpu = other_cpu(m, 0, other_idle(m, 0));
	kind->idle(&cpu);
	kind->note(&cpu);
	c = other_cpu(m, 1, sh);
}

/* All that the kernel did, and then what it was is lost but for a little. */
static void lose(void)
{
	uint64_t vmemmap;

	if (m->target.machine == EM_RISCV) {
		vmemmap = tell_vmemmap(riscv_modes[kind->shape].vmemmap, RV_RAM);
	} else {
		told("NUMBER(VMALLOC_START)", A64_VMALLOC);
		told("NUMBER(VMALLOC_END)", 0xffffd00000000000ull);
		told("NUMBER(VMEMMAP_START)", A64_VMEMMAP);
		told("NUMBER(VMEMMAP_END)", A64_VMEMMAP + 0x100000000ull);
		vmemmap = tell_vmemmap(A64_VMEMMAP, A64_RAM);
	}
	lost_keep_areas(m, vmalloc, vmemmap);
	lost_forget_boot(m);
}

/* ---- chains ---- */

static char text[2048];

static void keep_text(enum stk_status st, const struct stk_start *start)
{
	struct stk_chain *chain;

	ck_assert_msg(!st, "%s", m->s->error);
	ck_assert_int_eq(stk_unwind(m->s, start, &chain), STK_OK);
	snprintf(text, sizeof(text), "%s %s%s%s", syn_chain_text(chain),
		 stk_confidence_name(chain->confidence),
		 chain->confidence_why ? ": " : "",
		 chain->confidence_why ? chain->confidence_why : "");
	stk_chain_free(m->s, chain);
}

static const char *of_cpu(unsigned int cpu)
{
	struct stk_start start;

	syn_open(m);
	keep_text(stk_start_cpu(m->s, cpu, &start), &start);
	return text;
}

static const char *of_task(uint32_t pid)
{
	struct stk_start start;
	struct stk_task task;

	syn_open(m);
	ck_assert_msg(!stk_task_by_pid(m->s, pid, &task), "%s", m->s->error);
	keep_text(stk_start_task(m->s, &task, &start), &start);
	return text;
}

/* It is found by a word on its stack. */
static void idle_with_pointer(void)
{
	c = other_cpu(m, 1, other_idle(m, 1));
	kind->idle(&c);
	syn_put64(m, c.sp - 8, c.task);
}

enum { SYSCALL, INTERRUPT, IDLE, NR_STATES };

/* As if nothing were lost: who sleeps, and who runs, wherever that is. */
START_TEST(same_chains)
{
	char cpu_0[2048], cpu_1[2048], task[2048];

	build(_i / NR_STATES);
	if (_i % NR_STATES == IDLE) {
		idle_with_pointer();
	} else {
		kind->syscall(&c);
	}
	if (_i % NR_STATES == INTERRUPT)
		kind->irq(&c);
	kind->note(&c);
	strcpy(task, of_task(300));
	strcpy(cpu_0, of_cpu(0));
	strcpy(cpu_1, of_cpu(1));
	ck_assert(!m->s->no_tables);
	lose();
	ck_assert_str_eq(of_cpu(1), cpu_1);
	ck_assert_str_eq(of_cpu(0), cpu_0);
	ck_assert_str_eq(of_task(300), task);
	ck_assert(m->s->no_tables);
	ck_assert_ptr_nonnull(strstr(task, "certain"));
	ck_assert_ptr_nonnull(strstr(cpu_1, "certain"));
	ck_assert_ptr_nonnull(
		strstr(cpu_1, (const char *const[]){ "<TASK>", "<IRQ>",
						     "end idle" }[_i % NR_STATES]));
}
END_TEST

/* Idle tasks are on no list, and what names them is lost. */
START_TEST(all_tasks)
{
	static const char *const comm[] = { "swapper/0", "swapper/1", "init", "sh",
					    "sleeper" };
	const struct stk_task *task;
	size_t nr;

	build(_i);
	idle_with_pointer();
	lose();
	syn_open(m);
	ck_assert_int_eq(stk_tasks(m->s, &task, &nr), STK_OK);
	ck_assert_uint_eq(nr, 5);
	for (size_t i = 0; i < 5; i++) {
		size_t found = 0;

		for (size_t j = 0; j < nr; j++)
			found +=
				!strcmp(task[j].comm, comm[i]) && task[j].idle == (i < 2);
		ck_assert_msg(found == 1, "%s", comm[i]);
	}
	ck_assert_str_eq(stk_tasks_truncated(m->s),
			 "the CPUs' run queues, which name their idle tasks, are not in "
			 "the dump: those are there that were running, or whose stack "
			 "names them");
}
END_TEST

/* ---- whose note is it, who ran ---- */

/* Fewer notes than CPUs: the task that a register points to says which CPU it was on. */
START_TEST(note_by_its_task)
{
	struct stk_start start;

	build(0);
	kind->syscall(&c);
	m->nr_notes = 0;
	kind->note(&c);
	m->note[0].pid = 227;
	lose();
	syn_open(m);
	ck_assert_int_eq(stk_start_cpu(m->s, 1, &start), STK_OK);
	ck_assert_uint_eq(start.task.addr, sh);
	ck_assert_ptr_null(start.doubt);
	ck_assert_int_eq(stk_start_cpu(m->s, 0, &start), STK_ERR_NO_REGS);
	/* Two say that they are its own. */
	kind->note(&c);
	m->note[1].pid = 227;
	m->note[1].gpr[0] += 4;
	syn_put64(m, syn_sym(m, "__cpu_online_mask"), 2);
	syn_open(m);
	ck_assert_int_eq(stk_start_cpu(m->s, 1, &start), STK_ERR_NO_REGS);
	syn_put64(m, syn_sym(m, "__cpu_online_mask"), 3);
	m->nr_notes = 1;
	/* It is on none. */
	syn_put32(m, sh + syn_off(m, "task_struct.on_cpu"), 0);
	syn_open(m);
	ck_assert_int_eq(stk_start_cpu(m->s, 1, &start), STK_ERR_NO_REGS);
}
END_TEST

/* What the registers name: by a pointer that one of them has, or by the stack. */
START_TEST(who_ran)
{
	const struct stk_running_task *r;
	const bool pointer = kinds[_i].kernel == riscv64;

	build(_i);
	kind->syscall(&c);
	kind->note(&c);
	lose();
	syn_open(m);
	for (unsigned int cpu = 0; cpu < 2; cpu++) {
		r = stk_running_task(m->s, cpu);
		ck_assert(r && r->known);
		ck_assert_uint_eq(r->task.addr, cpu ? sh : other_idle(m, 0));
		ck_assert(r->task.idle == !cpu);
		ck_assert_ptr_null(r->doubt);
		ck_assert_uint_eq(r->evidence.differ, 0);
		ck_assert_uint_eq(r->evidence.agree,
				  1u << STK_WITNESS_ON_CPU |
					  (unsigned int)pointer << STK_WITNESS_CURRENT);
	}
	/* What user mode has in them is its own. */
	if (pointer) {
		m->note[1].gpr[0] = RV_USER_PC;
		m->note[1].gpr[RV_SP] = RV_USER_SP;
	} else {
		m->note[1].gpr[A64_PSTATE] = 0;
	}
	syn_open(m);
	r = stk_running_task(m->s, 1);
	ck_assert(r && !r->known);
	/* Without registers nothing does. */
	m->nr_notes = 0;
	syn_open(m);
	r = stk_running_task(m->s, 1);
	ck_assert(r && !r->known);
}
END_TEST

/* Fewer notes than CPUs, and one that tells nothing of its task: no CPU has it. */
START_TEST(note_of_no_task)
{
	struct stk_start start;
	uint64_t *tp;

	build(0);
	kind->syscall(&c);
	m->nr_notes = 0;
	kind->note(&c);
	m->note[0].pid = 227;
	tp = &m->note[0].gpr[4];
	lose();
	syn_open(m);
	ck_assert_uint_eq(*tp, sh);
	ck_assert_int_eq(stk_start_cpu(m->s, 1, &start), STK_OK);
	switch (_i) {
	case 0: /* another word in the register */
		*tp = sh + 8;
		break;
	case 1: /* the task was on another CPU */
		syn_put32(m, sh + syn_off(m, "thread_info.cpu"), 0);
		break;
	}
	syn_open(m);
	ck_assert_int_eq(stk_start_cpu(m->s, 1, &start), STK_ERR_NO_REGS);
}
END_TEST

/* A task that the registers name, which does not say so itself. */
START_TEST(not_on_that_cpu)
{
	struct stk_start start;
	const int was = _i / 2;

	build(was ? NR_KINDS - 1 : 0);
	kind->syscall(&c);
	kind->note(&c);
	lose();
	if (_i % 2)
		syn_put32(m, sh + syn_off(m, "task_struct.on_cpu"), 0);
	else
		syn_put32(m, sh + syn_off(m, "thread_info.cpu"), 0);
	syn_open(m);
	ck_assert_int_eq(stk_start_cpu(m->s, 1, &start), STK_OK);
	ck_assert_uint_eq(start.task.addr, sh);
	ck_assert_str_eq(start.doubt, "the task that the CPU's registers name says that "
				      "it is not on that CPU");
}
END_TEST

/* ---- addresses ---- */

static enum stk_status translate(uint64_t addr, uint64_t *phys)
{
	*phys = 0x5555;
	return stk_translate(m->s, addr, phys);
}

START_TEST(addresses)
{
	uint64_t stack, top, want, phys, at;

	build(_i);
	stack = syn_stack(m, sh);
	top = stack + m->thread_size;
	syn_assert(syn_phys(m, top - 24, &want));
	lose();
	syn_open(m);
	ck_assert_int_eq(translate(top - 24, &phys), STK_OK);
	ck_assert_uint_eq(phys, want);
	/* Behind it is its guard, and of the rest nothing is known. */
	ck_assert_int_eq(translate(top, &phys), STK_ERR_UNMAPPED);
	ck_assert_int_ne(translate(stack - 8, &phys), STK_OK);
	ck_assert_int_eq(translate(vmalloc + 0x8000, &phys), STK_ERR_EXCLUDED);
	/* The image, and what lies around it. */
	at = syn_sym(m, "_text");
	ck_assert_int_eq(translate(at + 0x1234, &phys), STK_OK);
	ck_assert_uint_eq(phys, (m->target.machine == EM_RISCV ? RV_IMAGE : A64_IMAGE) +
					0x1234);
	ck_assert_int_ne(translate(syn_sym(m, "_end"), &phys), STK_OK);
	ck_assert_int_ne(translate(at - 8, &phys), STK_OK);
	/* The direct map, as far as it reaches. */
	ck_assert_int_eq(translate(sleeper, &phys), STK_OK);
	ck_assert_uint_eq(phys, sleeper - m->direct);
	ck_assert_int_ne(translate(first_page + 64, &phys), STK_OK);
	/* Code is what is in the image's text. */
	ck_assert(m->s->arch->executable(m->s, at));
	ck_assert(m->s->arch->executable(m->s, syn_sym(m, "_etext") - 4));
	ck_assert(!m->s->arch->executable(m->s, syn_sym(m, "_etext")));
	ck_assert(!m->s->arch->executable(m->s, at - 4));
	ck_assert(!m->s->arch->executable(m->s, stack));
}
END_TEST

/* arm64 does not tell where its linear map is: in the half that the image is not in. */
START_TEST(linear_base)
{
	static const struct {
		enum arm64_shape_id shape;
		uint64_t stext, linear;
	} row[] = {
		{ A64_4K_48, 0xffff800008010000ull, 0xffff000000000000ull },
		{ A64_4K_48_OLD, 0xffff000008081000ull, 0xffff800000000000ull },
		{ A64_16K_47, 0xffffc00008010000ull, 0xffff800000000000ull },
		{ A64_4K_52, 0xffff800080010000ull, 0xfff0000000000000ull },
	};
	uint64_t addr;

	m = arm64_machine(row[_i].shape);
	for (uint64_t off = 0; off < syn_page_size(m); off += 4096)
		syn_fail_phys(m, m->pgd - m->pgd % syn_page_size(m) + off,
			      STK_ERR_EXCLUDED);
	syn_open(m);
	ck_assert(!m->s->arch->direct_map(m->s, A64_RAM, &addr));
	syn_vmcoreinfo(m, "SYMBOL(_stext)", "%llx", (unsigned long long)row[_i].stext);
	syn_open(m);
	ck_assert(m->s->arch->direct_map(m->s, A64_RAM + 5, &addr));
	ck_assert_uint_eq(addr, row[_i].linear + 5);
}
END_TEST

/* What leads to a page must be the structure of one. */
START_TEST(no_struct_page)
{
	uint64_t stack, at, word, phys;

	build(_i / 3);
	lose();
	stack = syn_stack(m, sh);
	at = lost_page_of(m, vmalloc, stack);
	word = syn_get64(m, at);
	syn_put64(m, at, _i % 3 == 0 ? word + 8 : _i % 3 == 1 ? sh : 0);
	syn_open(m);
	ck_assert_int_eq(translate(stack, &phys), STK_ERR_EXCLUDED);
	ck_assert_int_eq(translate(stack + syn_page_size(m), &phys),
			 m->thread_size > syn_page_size(m) ? STK_OK : STK_ERR_UNMAPPED);
}
END_TEST

/*
 * A module whose struct module is lost, too: whatever is allocated where modules are may
 * be its code. A stack's area stands for it.
 */
START_TEST(module_of_nobody)
{
	uint64_t stack, next;

	build(_i);
	lose();
	stack = syn_stack(m, sh);
	next = stack + 2 * m->thread_size;
	told("NUMBER(MODULES_VADDR)", stack);
	told("NUMBER(MODULES_END)", next);
	syn_open(m);
	ck_assert(stk_is_text(m->s, stack));
	ck_assert(stk_is_text(m->s, stack + m->thread_size - 1));
	/* Its guard, and what was never allocated; an area elsewhere. */
	ck_assert(!stk_is_text(m->s, stack + m->thread_size));
	ck_assert(!stk_is_text(m->s, next - 1));
	ck_assert(!stk_is_text(m->s, syn_stack(m, sleeper)));
}
END_TEST

/* Fewer pages than the area is long: of the others nothing is known. */
START_TEST(few_pages)
{
	uint64_t stack, nr, phys;

	build(0);
	lose();
	stack = syn_stack(m, sh);
	nr = lost_vm_of(m, vmalloc, stack) + syn_off(m, "vm_struct.nr_pages");
	syn_put32(m, nr, 2);
	syn_open(m);
	ck_assert_int_eq(translate(stack + 0x1fff, &phys), STK_OK);
	ck_assert_int_eq(translate(stack + 0x2000, &phys), STK_ERR_EXCLUDED);
	/* More than it is long, or no array of them. */
	syn_put32(m, nr, 6);
	syn_open(m);
	ck_assert_int_eq(translate(stack, &phys), STK_ERR_EXCLUDED);
}
END_TEST

/* The array of pages lies in the area itself, which only what it says can lead to. */
START_TEST(pages_in_the_area)
{
	uint64_t stack, array, phys;

	build(_i);
	lose();
	stack = syn_stack(m, sh);
	array = lost_vm_of(m, vmalloc, stack) + syn_off(m, "vm_struct.pages");
	syn_put64(m, array, stack);
	syn_open(m);
	ck_assert_int_eq(translate(stack, &phys), STK_ERR_EXCLUDED);
	/* In another one, which has its own. */
	syn_put64(m, array, syn_stack(m, sleeper));
	syn_put64(m, syn_stack(m, sleeper),
		  syn_get64(m, lost_page_of(m, vmalloc, stack)));
	syn_open(m);
	ck_assert_int_eq(translate(stack, &phys), STK_OK);
}
END_TEST

/* Nothing is mapped where an area was freed and is not taken back yet. */
START_TEST(freed_area)
{
	uint64_t list, area, phys;

	build(0);
	lose();
	area = lost_vm_of(m, vmalloc, syn_stack(m, sh)) - LOST_VM;
	list = syn_sym(m, "vmap_area_list") + 0x100;
	/* It goes from one list to the other. */
	syn_put64(m, syn_get64(m, area + 48), syn_get64(m, area + 40));
	syn_put64(m, syn_get64(m, area + 40) + 8, syn_get64(m, area + 48));
	syn_symbol_of_type(m, "purge_vmap_area_list", list, 'D');
	syn_put64(m, list, area + 40);
	syn_put64(m, list + 8, area + 40);
	syn_put64(m, area + 40, list);
	syn_put64(m, area + 48, list);
	syn_open(m);
	ck_assert_int_eq(translate(syn_stack(m, sh), &phys), STK_ERR_UNMAPPED);
	/* Nor is that a module's. */
	told("NUMBER(MODULES_VADDR)", syn_stack(m, sh));
	told("NUMBER(MODULES_END)", syn_stack(m, sh) + m->thread_size);
	syn_open(m);
	ck_assert(!stk_is_text(m->s, syn_stack(m, sh)));
}
END_TEST

/* One area more than there are CPUs, or one of two functions: whose are they? */
START_TEST(irq_stacks_of_nobody)
{
	const struct stk_stack *stack;
	size_t nr;

	build(0);
	lose();
	if (_i < 2)
		syn_put64(m,
			  lost_vm_of(m, vmalloc, syn_stack(m, sh)) +
				  syn_off(m, "vm_struct.caller"),
			  syn_sym(m, "start_kernel") + (_i ? 0x20 : 0x24));
	syn_open(m);
	ck_assert_int_eq(stk_cpu_stacks(m->s, 1, &stack, &nr), STK_OK);
	ck_assert_uint_eq(nr, _i < 2 ? 1 : 2);
}
END_TEST

/* Nothing is lost that was found in another way, and all else is. */
START_TEST(losses)
{
	struct stk_losses l;
	uint64_t word;

	build(_i);
	lose();
	syn_open(m);
	ck_assert_int_eq(stk_read_u64(m->s, syn_stack(m, sh), &word), STK_OK);
	ck_assert(!stk_get_losses(m->s, &l, sizeof(l)));
	ck_assert(m->s->arch->executable(m->s, syn_sym(m, "_text")));
	ck_assert(!m->s->arch->executable(m->s, syn_sym(m, "_end") - 4));
	ck_assert(!stk_get_losses(m->s, &l, sizeof(l)));
	ck_assert(!m->s->lost_excused);
	ck_assert_int_eq(stk_read_u64(m->s, vmalloc + 0x800000, &word), STK_ERR_EXCLUDED);
	ck_assert(stk_get_losses(m->s, &l, sizeof(l)));
	ck_assert_uint_eq(l.excluded, 1);
}
END_TEST

/* ---- dumps ---- */

#define NO_TABLES                                                                        \
	"memory that was reserved at boot is not in the dump: without page tables, "     \
	"addresses are translated by arithmetic and by the list of vmalloc areas"
#define NO_PERCPU                                                                        \
	"; without per-CPU memory, a CPU's registers tell which task it ran, and idle "  \
	"tasks that did not run may be missing"

/* Of the kernel as it is now, with what a dump needs of it in the image. */
static void prepare_dump(void)
{
	const bool riscv = m->target.machine == EM_RISCV;
	const uint64_t image = riscv ? RV_TEXT : A64_TEXT,
		       phys = riscv ? RV_IMAGE : A64_IMAGE;

	/* As all of an image, in a piece. */
	for (uint64_t off = 0x1a0000; off < OTHER_END; off += syn_page_size(m))
		syn_map(m, image + off, phys + off, syn_page_size(m));
	syn_vmcoreinfo(m, "SYMBOL(_stext)", "%llx",
		       (unsigned long long)syn_sym(m, "_stext"));
	syn_vmcoreinfo(m, "SYMBOL(_end)", "%llx", (unsigned long long)syn_sym(m, "_end"));
	if (riscv)
		syn_no_symbol(m, "__entry_text_start"); /* the same address */
	m->kallsyms_base = image + 0x1a0000;
	dumped_add_types(image + 0x1c0000);
	m->kallsyms_format = SYN_KS_RELATIVE;
	m->kallsyms_markers = 4;
	m->finished = false;
	syn_use_kallsyms(m);
}

/* It is told, with what it means; but not of what is there. */
START_TEST(told_of_dumps)
{
	enum { WHOLE, LOST, PERCPU_KEPT, NR_LOSSES };
	const int how = _i % NR_LOSSES;
	char told_of[1024];
	uint64_t phys = 0;

	build(_i / NR_LOSSES);
	kind->syscall(&c);
	kind->note(&c);
	prepare_dump();
	syn_assert(syn_phys(m, other_percpu(m, "runqueues", 0), &phys));
	if (how != WHOLE)
		lose();
	if (how == PERCPU_KEPT)
		for (uint64_t off = 0; off < 2 * 4096; off += 4096)
			syn_fail_phys(m, (phys & ~4095ull) + off, STK_OK);
	dumped_vmcoreinfo();
	dumped_elf();
	snprintf(told_of, sizeof(told_of), "%s%s", NO_TABLES,
		 how == PERCPU_KEPT ? "" : NO_PERCPU);
	dumped_opened(f.path, how == WHOLE ? NULL : NO_TABLES);
	if (how != WHOLE)
		ck_assert_str_eq(stk_dump_warning(d), told_of);
}
END_TEST

static const struct unit_test chain_tests[] = {
	LOOP(same_chains, NR_KINDS *NR_STATES),
	LOOP(all_tasks, NR_KINDS),
	TEST(note_by_its_task),
	LOOP(note_of_no_task, 2),
	LOOP(who_ran, NR_KINDS),
	LOOP(not_on_that_cpu, 4),
	{ 0 },
};

static const struct unit_test dump_tests[] = { LOOP(told_of_dumps, NR_KINDS * 3), { 0 } };

static const struct unit_test address_tests[] = {
	LOOP(addresses, NR_KINDS),
	LOOP(no_struct_page, NR_KINDS * 3),
	TEST(few_pages),
	LOOP(module_of_nobody, NR_KINDS),
	LOOP(pages_in_the_area, NR_KINDS),
	TEST(freed_area),
	LOOP(irq_stacks_of_nobody, 3),
	LOOP(losses, NR_KINDS),
	LOOP(linear_base, 4),
	{ 0 },
};

const struct unit_suite suite_boot_lost = {
	"boot_lost",
	{
		{ "chains", chain_tests, NULL, NULL },
		{ "addresses", address_tests, NULL, NULL },
		{ "dumps", dump_tests, dumped_setup, dumped_teardown },
	},
};
