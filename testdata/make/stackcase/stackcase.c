// SPDX-License-Identifier: GPL-2.0
/*
 * stackcase - bring a CPU into a known nest of kernel stacks, then stop there.
 *
 * A write to /proc/stackcase is a program: one letter per step, and every step
 * that enters a new context runs the rest of the program inside that context.
 * "hnp" is: a hard interrupt, in it an NMI, in it a panic.
 *
 * Contexts (the rest of the program runs inside):
 *   h  hard interrupt: an hrtimer, which interrupts a spin loop
 *   w  hard interrupt: an irq_work IPI to this CPU
 *   b  softirq from local_bh_enable(), by a tasklet
 *   t  softirq at the end of a timer interrupt, by a timer
 *   n  NMI to this CPU, through the APIC's ICR (x86_64)
 *   d  #DB or its like, by a write watchpoint
 *   k  int3, BRK or EBREAK, by a kprobe in the middle of a function
 *   f  ftrace, by a kprobe on a function's first instruction (elsewhere a BRK there)
 *   m  ftrace, by a callback of its own
 *   r  a function whose return address a kretprobe has replaced
 *   v  a kprobe that was turned into a jump to a detour buffer (x86_64)
 *   e  a BPF program (by a kprobe on the helper that it calls)
 *   j  a static call
 *   c  a call of a function that never returns, as a function's last instruction
 *   i  interrupts off (same stack; nothing but the flag changes)
 *   a  the same context, after printing its own trace
 * Ends:
 *   p  panic()
 *   z  write to address zero
 *   q  the same in a function that calls none: where it keeps frames, it has none
 *   x  call of address zero
 *   u  BUG()
 *   o  recursion until the stack pointer is in the guard page
 *   g  write to the guard page while the stack pointer is good
 *   s  spin for ever (for CPUs that another CPU's panic, or a debugger, stops)
 *   y  the same, after printing its own trace (in an NMI no other CPU can ask for it)
 *   l  sleep for ever (task context only)
 *
 * Writers pin themselves to a CPU (taskset): the state is per CPU, so that
 * every CPU of one guest can be in a situation of its own.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/filter.h>
#include <linux/ftrace.h>
#include <linux/hrtimer.h>
#include <linux/hw_breakpoint.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/nmi.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/skbuff.h>
#include <linux/smp.h>
#include <linux/static_call.h>
#include <linux/timer.h>
#include <linux/uaccess.h>
#include <linux/version.h>
#ifdef CONFIG_X86_64
#include <asm/apic.h>
#include <asm/nmi.h>
#endif
#include <asm/irq_regs.h>

/*
 * noipa: no inlining, cloning or knowledge about the callee, so that every
 * function below is one frame with its own name.
 */
#if __has_attribute(noipa)
#define SC_FN static noinline __attribute__((noipa))
#else
#define SC_FN static noinline
#endif
/* Keeps a call from being the last thing in its function (then no frame). */
#define sc_keep() asm volatile("" ::: "memory")

/*
 * riscv64 has no kprobes that use ftrace, and refuses them where ftrace has its
 * instructions: at the entry of functions that may be traced.
 */
#ifdef CONFIG_RISCV
#define SC_BEHIND_FTRACE 8
#define SC_PROBED_FN SC_FN notrace
#else
#define SC_BEHIND_FTRACE 0
#define SC_PROBED_FN SC_FN
#endif

struct sc_cpu {
	char program[32];
	unsigned int next;	/* index of the next letter */
	bool done;		/* the context that a spin loop waits for is over */
	bool nmi_armed;		/* the next NMI on this CPU is ours */
	bool watch_armed;
	bool probe_armed;
	struct hrtimer hrtimer;
	struct irq_work irq_work;
	struct tasklet_struct tasklet;
	struct timer_list timer;
};
static DEFINE_PER_CPU(struct sc_cpu, sc_cpu);

static struct sc_cpu *sc_this(void)
{
	return raw_cpu_ptr(&sc_cpu);
}

/* ---- symbols that modules do not get ---------------------------------- */

typedef unsigned long (*sc_lookup_t)(const char *name);
static sc_lookup_t sc_lookup;

/* A kprobe finds the address of any function, so also that of the look-up. */
static int sc_find_lookup(void)
{
	struct kprobe kp = { .symbol_name = "kallsyms_lookup_name",
			     .offset = SC_BEHIND_FTRACE };
	int err = register_kprobe(&kp);

	if (err)
		return err;
	sc_lookup = (sc_lookup_t)((long)kp.addr - SC_BEHIND_FTRACE);
	unregister_kprobe(&kp);
	return 0;
}

static struct cpumask sc_others;
static struct cpumask sc_told;	/* stay where they are, and have printed their own */

#ifdef arch_trigger_cpumask_backtrace
static bool sc_trigger_others(void)
{
	/* The type differs: bool exclude_self up to 6.5, then int exclude_cpu. */
	static typeof(&arch_trigger_cpumask_backtrace) trigger;

	if (!trigger)
		trigger = (void *)sc_lookup("arch_trigger_cpumask_backtrace");
	if (!trigger)
		return false;
	if (__builtin_types_compatible_p(typeof(trigger),
					 void (*)(const cpumask_t *, int)))
		trigger(&sc_others, -1);
	else
		trigger(&sc_others, false);
	return true;
}
#else
static bool sc_trigger_others(void)
{
	return false;
}
#endif

static int sc_printed = -1;	/* the last CPU that printed its own */

/* In an interrupt's handler: of what that has interrupted, with its registers. */
static void sc_print_here(void *unused)
{
	void (*show)(struct pt_regs *regs) = (void *)sc_lookup("show_regs");
	struct pt_regs *regs = get_irq_regs();

	pr_emerg("stackcase: backtrace for cpu %d\n", raw_smp_processor_id());
	if (show && regs)
		show(regs);
	else
		dump_stack();
	WRITE_ONCE(sc_printed, raw_smp_processor_id());
}

/*
 * Without NMIs, and before arm64 got it in 6.7: each prints its own, in turn. Those
 * with interrupts off do not, and are not waited for.
 */
static void sc_call_others(void)
{
	static call_single_data_t data[NR_CPUS];
	int cpu, ms;

	for_each_cpu(cpu, &sc_others) {
		data[cpu].func = sc_print_here;
		smp_call_function_single_async(cpu, &data[cpu]);
		for (ms = 0; ms < 200 && READ_ONCE(sc_printed) != cpu; ms++)
			mdelay(1);
	}
}

/*
 * Prints the other CPUs' backtraces into the log: for them this is the truth
 * that the dump is compared with. Works from every context, also from NMI.
 */
SC_FN void sc_print_others(void)
{
	cpumask_copy(&sc_others, cpu_online_mask);
	cpumask_clear_cpu(raw_smp_processor_id(), &sc_others);
	cpumask_andnot(&sc_others, &sc_others, &sc_told);
	if (cpumask_empty(&sc_others))
		return;
	if (!sc_trigger_others())
		sc_call_others();
	/* They may complain about the time it took: not within our trace. */
	mdelay(50);
}

/* ---- ends ------------------------------------------------------------- */

/* Always zero, but neither the compiler nor objtool may know: what they know
 * never to return has no unwind data behind the call. */
static int sc_zero;

SC_FN void sc_go_panic(void)
{
	sc_print_others();
	if (!READ_ONCE(sc_zero))
		panic("stackcase: program %s", sc_this()->program);
}

SC_FN void sc_go_null(void)
{
	sc_print_others();
	*(volatile int *)(long)READ_ONCE(sc_zero) = 1;
	sc_keep();
}

SC_FN void sc_write_null(void)
{
	*(volatile int *)(long)READ_ONCE(sc_zero) = 1;
}

SC_FN void sc_go_leaf(void)
{
	sc_print_others();
	sc_write_null();
	sc_keep();
}

/* Whatever checks the targets of calls. */
#ifndef __nocfi
#define __nocfi
#endif

SC_FN __nocfi void sc_go_jump(void)
{
	sc_print_others();
	((void (*)(void))(long)READ_ONCE(sc_zero))();
	sc_keep();
}

SC_FN void sc_go_bug(void)
{
	sc_print_others();
	BUG_ON(!READ_ONCE(sc_zero));
	sc_keep();
}

SC_FN int sc_recurse(int depth)
{
	volatile char pad[256];
	int deeper;

	pad[depth & 255] = depth;
	if (READ_ONCE(sc_zero))
		return depth;
	deeper = sc_recurse(depth + 1);
	sc_keep();
	return deeper + pad[depth & 255];
}

SC_FN void sc_go_overflow(void)
{
	sc_print_others();
	sc_zero += sc_recurse(0);
}

SC_FN void sc_go_guard(void)
{
	sc_print_others();
	((volatile long *)task_stack_page(current))[-8] = 1;
	sc_keep();
}

SC_FN void sc_print_self(void)
{
	pr_emerg("stackcase: cpu %d stays here\n", raw_smp_processor_id());
	dump_stack();
	cpumask_set_cpu(raw_smp_processor_id(), &sc_told);
}

SC_FN void sc_print_on(void)
{
	pr_emerg("stackcase: cpu %d goes on from here\n", raw_smp_processor_id());
	dump_stack();
	sc_keep();
}

/* ---- entering contexts ------------------------------------------------ */

SC_FN void sc_arm_hrtimer(void)
{
	hrtimer_start(&sc_this()->hrtimer, ms_to_ktime(2),
		      HRTIMER_MODE_REL_PINNED_HARD);
	sc_keep();
}

SC_FN void sc_arm_timer(void)
{
	struct timer_list *t = &sc_this()->timer;

	t->expires = jiffies + 2;
	add_timer_on(t, raw_smp_processor_id());
	sc_keep();
}

SC_FN void sc_arm_irq_work(void)
{
	irq_work_queue(&sc_this()->irq_work);
	sc_keep();
}

SC_FN void sc_go_tasklet(void)
{
	local_bh_disable();
	tasklet_hi_schedule(&sc_this()->tasklet);
	local_bh_enable();	/* runs it: the way into the softirq */
	sc_keep();
}

static long sc_watched;

SC_FN void sc_go_watch(void)
{
	sc_this()->watch_armed = true;
	barrier();		/* before the write, not after */
	WRITE_ONCE(sc_watched, 1);	/* #DB comes after this instruction */
	sc_keep();
}

/* The kprobe sits on the nop, not on the entry, so that it has to be an int3. */
extern char sc_int3_here[];

SC_FN void sc_go_int3(void)
{
	sc_this()->probe_armed = true;
	asm volatile(".globl sc_int3_here\nsc_int3_here: nop" ::: "memory");
}

SC_PROBED_FN void sc_ftraced(void)
{
	sc_keep();
}

SC_FN void sc_go_ftrace(void)
{
	sc_this()->probe_armed = true;
	sc_ftraced();
	sc_keep();
}

SC_FN void sc_traced(void)
{
	sc_keep();
}

SC_FN void sc_go_callback(void)
{
	sc_this()->probe_armed = true;
	sc_traced();
	sc_keep();
}

static struct bpf_prog *sc_filter;
static struct sk_buff *sc_packet;

/* The program asks for a random number: the helper has a kprobe. */
SC_FN void sc_go_bpf(void)
{
	sc_this()->probe_armed = true;
	if (!READ_ONCE(sc_zero))
		sc_zero += bpf_prog_run_save_cb(sc_filter, sc_packet) && 0;
	sc_keep();
}

SC_FN void sc_static_a(void);
DEFINE_STATIC_CALL(sc_static_key, sc_static_a);

SC_FN void sc_go_static(void)
{
	static_call(sc_static_key)();
	sc_keep();
}

SC_FN __attribute__((noreturn)) void sc_last_a(void);

/* The return address of this call is behind the function's last byte. */
SC_FN void sc_go_last(void)
{
	if (!READ_ONCE(sc_zero))
		sc_last_a();
}

#ifdef CONFIG_X86_64
SC_FN void sc_send_nmi(void)
{
	static typeof(&apic) ap;

	if (!ap)
		ap = (void *)sc_lookup("apic");
	sc_this()->nmi_armed = true;
	(*ap)->send_IPI_mask(cpumask_of(raw_smp_processor_id()), NMI_VECTOR);
	sc_keep();
}

/* Plain instructions after the probed one: room for the jump. */
extern char sc_detour_here[];

SC_FN void sc_go_detour(void)
{
	sc_this()->probe_armed = true;
	asm volatile(".globl sc_detour_here\nsc_detour_here: .rept 4; lea (%%rax), %%rax; .endr"
		     ::: "memory");
}

#define SC_ARCH_STEPS(ctx)						\
	case 'n':							\
		sc_send_nmi(); sc_##ctx##_wait(); break;		\
	case 'v':							\
		sc_go_detour(); break;
#else
#define SC_ARCH_STEPS(ctx)
#endif

/* ---- one set of functions per context --------------------------------- */

static char sc_take(void)
{
	struct sc_cpu *sc = sc_this();
	char c = sc->program[sc->next];

	if (c)
		sc->next++;
	return c;
}

SC_FN void sc_retprobed(void);

/*
 * a calls b calls act, which does the next letter: so every context has three
 * frames that say which context it is. A context that comes asynchronously
 * interrupts wait, which never returns before its end.
 */
#define SC_CONTEXT(ctx)							\
SC_FN void sc_##ctx##_wait(void)					\
{									\
	struct sc_cpu *sc = sc_this();					\
									\
	while (!READ_ONCE(sc->done))					\
		cpu_relax();						\
}									\
									\
SC_FN void sc_##ctx##_spin(void)					\
{									\
	while (!READ_ONCE(sc_zero))					\
		cpu_relax();						\
}									\
									\
SC_FN void sc_##ctx##_act(void)						\
{									\
	unsigned long flags;						\
									\
	sc_this()->done = false;					\
	switch (sc_take()) {						\
	case 'h':							\
		sc_arm_hrtimer(); sc_##ctx##_wait(); break;		\
	case 'w':							\
		sc_arm_irq_work(); sc_##ctx##_wait(); break;		\
	case 't':							\
		sc_arm_timer(); sc_##ctx##_wait(); break;		\
	case 'b':							\
		sc_go_tasklet(); break;					\
	case 'd':							\
		sc_go_watch(); break;					\
	case 'k':							\
		sc_go_int3(); break;					\
	case 'f':							\
		sc_go_ftrace(); break;					\
	case 'r':							\
		sc_retprobed(); break;					\
	case 'm':							\
		sc_go_callback(); break;				\
	SC_ARCH_STEPS(ctx)						\
	case 'e':							\
		sc_go_bpf(); break;					\
	case 'j':							\
		sc_go_static(); break;					\
	case 'c':							\
		sc_go_last(); break;					\
	case 'i':							\
		local_irq_save(flags);					\
		sc_##ctx##_act();					\
		local_irq_restore(flags);				\
		break;							\
	case 'a':							\
		sc_print_on();						\
		sc_##ctx##_act();					\
		break;							\
	case 'p':							\
		sc_go_panic(); break;					\
	case 'z':							\
		sc_go_null(); break;					\
	case 'q':							\
		sc_go_leaf(); break;					\
	case 'x':							\
		sc_go_jump(); break;					\
	case 'u':							\
		sc_go_bug(); break;					\
	case 'o':							\
		sc_go_overflow(); break;				\
	case 'g':							\
		sc_go_guard(); break;					\
	case 'y':							\
		sc_print_self();					\
		fallthrough;						\
	case 's':							\
		sc_##ctx##_spin(); break;				\
	case 'l':							\
		while (!READ_ONCE(sc_zero))				\
			schedule_timeout_uninterruptible(MAX_SCHEDULE_TIMEOUT); \
	}								\
	sc_keep();							\
}									\
									\
SC_FN void sc_##ctx##_b(void)						\
{									\
	sc_##ctx##_act();						\
	sc_keep();							\
}									\
									\
SC_FN void sc_##ctx##_a(void)						\
{									\
	sc_##ctx##_b();							\
	sc_this()->done = true;	/* lets the interrupted wait go on */	\
}

SC_CONTEXT(task)
SC_CONTEXT(hard)
SC_CONTEXT(work)
SC_CONTEXT(soft)
SC_CONTEXT(timer)
SC_CONTEXT(int3)
SC_CONTEXT(ftrace)
SC_CONTEXT(callback)
SC_CONTEXT(ret)
SC_CONTEXT(helper)
#ifdef CONFIG_HAVE_HW_BREAKPOINT
SC_CONTEXT(watch)
#endif
#ifdef CONFIG_X86_64
SC_CONTEXT(nmi)
SC_CONTEXT(detour)
#endif

SC_PROBED_FN void sc_retprobed(void)
{
	sc_ret_a();
	sc_keep();
}

SC_FN void sc_static_a(void)
{
	sc_task_act();
	sc_keep();
}

SC_FN __attribute__((noreturn)) void sc_last_a(void)
{
	sc_task_act();
	for (;;)
		cpu_relax();
}

/* ---- where the kernel calls into the contexts ------------------------- */

static enum hrtimer_restart sc_hrtimer_fn(struct hrtimer *t)
{
	sc_hard_a();
	return HRTIMER_NORESTART;
}

static void sc_irq_work_fn(struct irq_work *w)
{
	sc_work_a();
	sc_keep();
}

static void sc_tasklet_fn(struct tasklet_struct *t)
{
	sc_soft_a();
	sc_keep();
}

static void sc_timer_fn(struct timer_list *t)
{
	sc_timer_a();
	sc_keep();
}

#ifdef CONFIG_HAVE_HW_BREAKPOINT
static void sc_watch_fn(struct perf_event *event,
			struct perf_sample_data *data, struct pt_regs *regs)
{
	struct sc_cpu *sc = sc_this();

	if (!sc->watch_armed)
		return;
	sc->watch_armed = false;
	sc_watch_a();
	sc_keep();
}

static int sc_watch_it(void)
{
	static struct perf_event * __percpu *watch;
	struct perf_event_attr attr;

	if (watch)
		return 0;
	hw_breakpoint_init(&attr);
	attr.bp_addr = (unsigned long)&sc_watched;
	attr.bp_len = HW_BREAKPOINT_LEN_8;
	attr.bp_type = HW_BREAKPOINT_W;
	watch = register_wide_hw_breakpoint(&attr, sc_watch_fn, NULL);
	return PTR_ERR_OR_ZERO((void __force *)watch);
}
#else
static int sc_watch_it(void)
{
	return -EOPNOTSUPP;
}
#endif

static int sc_int3_fn(struct kprobe *kp, struct pt_regs *regs)
{
	struct sc_cpu *sc = sc_this();

	if (sc->probe_armed) {
		sc->probe_armed = false;
		sc_int3_a();
	}
	return 0;
}

static int sc_ftrace_fn(struct kprobe *kp, struct pt_regs *regs)
{
	struct sc_cpu *sc = sc_this();

	if (sc->probe_armed) {
		sc->probe_armed = false;
		sc_ftrace_a();
	}
	return 0;
}

static int sc_helper_fn(struct kprobe *kp, struct pt_regs *regs)
{
	struct sc_cpu *sc = sc_this();

	if (sc->probe_armed) {
		sc->probe_armed = false;
		sc_helper_a();
	}
	return 0;
}

static void sc_callback_run(void)
{
	struct sc_cpu *sc = sc_this();

	if (sc->probe_armed) {
		sc->probe_armed = false;
		sc_callback_a();
	}
}

#ifdef CONFIG_FUNCTION_TRACER
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
#define ftrace_regs pt_regs
#endif
static void sc_callback_fn(unsigned long ip, unsigned long parent_ip,
			   struct ftrace_ops *ops, struct ftrace_regs *regs)
{
	sc_callback_run();
	sc_keep();
}

static int sc_trace_it(void)
{
	static struct ftrace_ops ops = { .func = sc_callback_fn };
	static bool traced;
	int err = traced ? 0 : ftrace_set_filter_ip(&ops, (long)sc_traced, 0, 0);

	if (!err && !traced)
		err = register_ftrace_function(&ops);
	traced = !err;
	return err;
}
#else
static int sc_trace_it(void)
{
	return -ENOSYS;
}
#endif

#ifdef CONFIG_X86_64
static int sc_nmi_fn(unsigned int type, struct pt_regs *regs)
{
	struct sc_cpu *sc = sc_this();

	if (!sc->nmi_armed)
		return NMI_DONE;
	sc->nmi_armed = false;
	sc_nmi_a();
	return NMI_HANDLED;
}

static int sc_detour_fn(struct kprobe *kp, struct pt_regs *regs)
{
	struct sc_cpu *sc = sc_this();

	if (sc->probe_armed) {
		sc->probe_armed = false;
		sc_detour_a();
	}
	return 0;
}

static int sc_arch_init(void)
{
	return register_nmi_handler(NMI_LOCAL, sc_nmi_fn, 0, "stackcase");
}

static int sc_arch_prepare(const char *program)
{
	static struct kprobe detour = { .pre_handler = sc_detour_fn };
	int err;

	if (!strchr(program, 'v') || detour.addr)
		return 0;
	detour.addr = (kprobe_opcode_t *)sc_detour_here;
	err = register_kprobe(&detour);
	msleep(500);	/* it becomes a jump a little later */
	return err;
}
#else
static int sc_arch_init(void)
{
	return 0;
}

static int sc_arch_prepare(const char *program)
{
	return 0;
}
#endif

/* A kprobe with a post handler is never turned into a jump. */
static void sc_post_fn(struct kprobe *kp, struct pt_regs *regs,
		       unsigned long flags)
{
}

static int sc_ret_fn(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	return 0;
}

/*
 * Watchpoints and probes are set up only when a program asks for them: a dump
 * that is not about them should not have them.
 */
static int sc_prepare(const char *program)
{
	static struct kprobe int3 = { .pre_handler = sc_int3_fn,
				      .post_handler = sc_post_fn };
	static struct kprobe ftrace = { .pre_handler = sc_ftrace_fn };
	static struct kretprobe ret = { .handler = sc_ret_fn, .maxactive = 16 };
	static struct kprobe helper = { .pre_handler = sc_helper_fn,
					.symbol_name = "bpf_user_rnd_u32",
					.offset = SC_BEHIND_FTRACE };
	int err = sc_arch_prepare(program);

	if (!err && strchr(program, 'd'))
		err = sc_watch_it();
	if (!err && strchr(program, 'k') && !int3.addr) {
		int3.addr = (kprobe_opcode_t *)sc_int3_here;
		err = register_kprobe(&int3);
	}
	if (!err && strchr(program, 'f') && !ftrace.addr) {
		ftrace.addr = (kprobe_opcode_t *)sc_ftraced;
		err = register_kprobe(&ftrace);
	}
	if (!err && strchr(program, 'r') && !ret.kp.addr) {
		ret.kp.addr = (kprobe_opcode_t *)sc_retprobed;
		err = register_kretprobe(&ret);
	}
	if (!err && strchr(program, 'm'))
		err = sc_trace_it();
	if (!err && strchr(program, 'e') && !sc_filter) {
		static struct sock_filter code[] = {
			BPF_STMT(BPF_LD | BPF_B | BPF_ABS, SKF_AD_OFF + SKF_AD_RANDOM),
			BPF_STMT(BPF_RET | BPF_A, 0),
		};
		struct sock_fprog_kern prog = { ARRAY_SIZE(code), code };

		sc_packet = alloc_skb(256, GFP_KERNEL);
		if (!sc_packet)
			return -ENOMEM;
		err = bpf_prog_create(&sc_filter, &prog);
		if (!err)
			err = register_kprobe(&helper);
	}
	return err;
}

static ssize_t sc_write(struct file *file, const char __user *ubuf,
			size_t len, loff_t *pos)
{
	struct sc_cpu *sc = sc_this();
	int err;

	if (len >= sizeof(sc->program))
		return -EINVAL;
	if (copy_from_user(sc->program, ubuf, len))
		return -EFAULT;
	sc->program[len] = 0;
	strim(sc->program);
	sc->next = 0;
	err = sc_prepare(sc->program);
	if (err)
		return err;
	pr_emerg("stackcase: cpu %d pid %d comm %s program %s\n",
		 raw_smp_processor_id(), current->pid, current->comm,
		 sc->program);
	sc_task_a();
	return len;
}

static const struct proc_ops sc_ops = { .proc_write = sc_write };

static void sc_init_cpu(struct sc_cpu *sc)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	hrtimer_setup(&sc->hrtimer, sc_hrtimer_fn, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED_HARD);
#else
	hrtimer_init(&sc->hrtimer, CLOCK_MONOTONIC,
		     HRTIMER_MODE_REL_PINNED_HARD);
	sc->hrtimer.function = sc_hrtimer_fn;
#endif
	init_irq_work(&sc->irq_work, sc_irq_work_fn);
	tasklet_setup(&sc->tasklet, sc_tasklet_fn);
	timer_setup(&sc->timer, sc_timer_fn, TIMER_PINNED);
}

static int __init sc_init(void)
{
	int cpu, err = sc_find_lookup();

	if (err)
		return err;
	for_each_possible_cpu(cpu)
		sc_init_cpu(per_cpu_ptr(&sc_cpu, cpu));
	err = sc_arch_init();
	if (err)
		return err;
	return proc_create("stackcase", 0200, NULL, &sc_ops) ? 0 : -ENOMEM;
}
module_init(sc_init);	/* no exit: nothing ends this machine but a dump */

MODULE_DESCRIPTION("brings a CPU into a known nest of kernel stacks");
MODULE_LICENSE("GPL");
