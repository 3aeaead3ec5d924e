/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "event_texts.h"

#define NO_EVENT_TEXT                                                                    \
	{                                                                                \
		0                                                                        \
	}

const struct event_text event_texts[] = {
	{
		.name = "4.14, x86_64: %p of NULL, RIP once more at the end",
		.text = "BUG: unable to handle kernel NULL pointer dereference at           (null)\n"
			"IP: foo_poke+0x11/0x20 [foo]\n"
			"PGD 800000001f5a1067 P4D 800000001f5a1067 PUD 1f5a2067 PMD 0 \n"
			"Oops: 0002 [#1] SMP PTI\n"
			"Modules linked in: foo(OE)\n"
			"CPU: 1 PID: 203 Comm: sh Tainted: G           OE   4.14.67 #1\n"
			"Hardware name: Maker Model/Board, BIOS 1.2 04/01/2014\n"
			"task: ffff88001f0e4100 task.stack: ffffc90000254000\n"
			"RIP: 0010:foo_poke+0x11/0x20 [foo]\n"
			"RSP: 0018:ffff88001fd03e58 EFLAGS: 00010046\n"
			"RAX: 0000000000000000 RBX: ffff88001fd0f000 RCX: 0000000000000001\n"
			"CS:  0010 DS: 0000 ES: 0000 CR0: 0000000080050033\n"
			"CR2: 0000000000000000 CR3: 000000001f5a4000 CR4: 00000000000006e0\n"
			"Call Trace:\n"
			" <IRQ>\n"
			" foo_timer_fn+0x2f/0x60 [foo]\n"
			" ? foo_other+0x10/0x10 [foo]\n"
			" __hrtimer_run_queues+0xdc/0x220\n"
			" hrtimer_interrupt+0xa6/0x1f0\n"
			" smp_apic_timer_interrupt+0x5d/0x120\n"
			" apic_timer_interrupt+0x86/0x90\n"
			" </IRQ>\n"
			"RIP: 0010:foo_wait+0x1e/0x30 [foo]\n"
			"RSP: 0018:ffffc90000257e40 EFLAGS: 00000246 ORIG_RAX: ffffffffffffff10\n"
			" foo_write+0x31/0x60 [foo]\n"
			" SyS_write+0x42/0xa0\n"
			" do_syscall_64+0x6b/0x100\n"
			" entry_SYSCALL_64_after_hwframe+0x3d/0xa2\n"
			"RIP: 0033:0x47b7a0\n"
			"Code: c7 04 25 00 00 00 00 01 00 00 00 c3\n"
			"RIP: foo_poke+0x11/0x20 [foo] RSP: ffff88001fd03e58\n"
			"CR2: 0000000000000000\n"
			"---[ end trace 2f1b6d0e5a1c3d47 ]---\n"
			"Kernel panic - not syncing: Fatal exception in interrupt\n"
			"Kernel Offset: 0x1d800000 from 0xffffffff81000000\n",
		.kind = STK_EVENT_NULL_DEREF,
		.title = "BUG: kernel NULL pointer dereference in foo_poke",
		.module = "foo",
		.cpu = 1,
		.pid = 203,
		.comm = "sh",
		.taint = "GOE",
		.release = "4.14.67",
		.nr_events = 2,
		.nr_frames = 11,
		.names = "foo_poke foo_timer_fn __hrtimer_run_queues hrtimer_interrupt",
	},
	{
		.name = "4.18 of RHEL, x86_64: dashes in the taint, a helper that tripped",
		.text = "BUG: unable to handle kernel paging request at ffffb2d3c0a05ff8\n"
			"PGD 3ffd1b067 P4D 3ffd1b067 PUD 3ffd1c067 PMD 3f5b9a067 PTE 0\n"
			"Oops: 0000 [#1] SMP NOPTI\n"
			"CPU: 3 PID: 9041 Comm: my app Kdump: loaded Tainted: G           OE    "
			"--------- -t - 4.18.0-147.el8.x86_64 #1\n"
			"Hardware name: Maker Model/Board, BIOS 1.2 04/01/2014\n"
			"RIP: 0010:memcpy_erms+0x6/0x10\n"
			"Code: 90 90 90 90 eb 1e 0f 1f 00 48 89 f8 48 89 d1 48 c1 e9 03\n"
			"RSP: 0018:ffffb2d3c0a07d58 EFLAGS: 00010246\n"
			"CR2: ffffb2d3c0a05ff8 CR3: 00000003f6c3e005 CR4: 00000000003606e0\n"
			"Call Trace:\n"
			" foo_copy.isra.12.part.3+0x44/0x90 [foo]\n"
			" foo_ioctl+0x1ff/0x2a0 [foo]\n"
			" do_vfs_ioctl+0xa4/0x630\n"
			" ksys_ioctl+0x60/0x90\n"
			" __x64_sys_ioctl+0x16/0x20\n"
			" do_syscall_64+0x5b/0x1b0\n"
			" entry_SYSCALL_64_after_hwframe+0x65/0xca\n"
			"RIP: 0033:0x7f54dd1ef62b\n"
			"Modules linked in: foo(OE) binfmt_misc\n"
			"CR2: ffffb2d3c0a05ff8\n",
		.kind = STK_EVENT_PAGE_FAULT,
		.title = "BUG: unable to handle page fault in foo_copy",
		.module = "foo",
		.cpu = 3,
		.pid = 9041,
		.comm = "my app",
		.taint = "GOE",
		.release = "4.18.0-147.el8.x86_64",
		.nr_events = 1,
		.nr_frames = 7,
		.names = "foo_copy foo_ioctl do_vfs_ioctl ksys_ioctl",
	},
	{
		.name = "5.4, x86_64: a general protection fault, then the oops that follows",
		.text = "general protection fault: 0000 [#1] SMP PTI\n"
			"CPU: 0 PID: 77 Comm: kworker/u8:2 Not tainted 5.4.59 #1\n"
			"Workqueue: foo_wq foo_work [foo]\n"
			"RIP: 0010:__list_del_entry_valid+0x3a/0x70\n"
			"RSP: 0018:ffffb3a3c00a7e50 EFLAGS: 00010246\n"
			"Call Trace:\n"
			" foo_drop+0x22/0x60 [foo]\n"
			" foo_work+0x15/0x30 [foo]\n"
			" process_one_work+0x1b4/0x380\n"
			" worker_thread+0x50/0x3c0\n"
			" kthread+0xf9/0x130\n"
			" ? process_one_work+0x380/0x380\n"
			" ? kthread_park+0x90/0x90\n"
			" ret_from_fork+0x35/0x40\n"
			"Modules linked in: foo\n"
			"---[ end trace 9d2c3b4c5d6e7f80 ]---\n"
			"RIP: 0010:__list_del_entry_valid+0x3a/0x70\n"
			"RSP: 0018:ffffb3a3c00a7e50 EFLAGS: 00010246\n",
		.kind = STK_EVENT_GPF,
		.title = "general protection fault in foo_drop",
		.module = "foo",
		.cpu = 0,
		.pid = 77,
		.comm = "kworker/u8:2",
		.taint = "",
		.release = "5.4.59",
		.nr_events = 1,
		.nr_frames = 8,
		.names = "foo_drop foo_work process_one_work worker_thread kthread",
	},
	{
		.name = "5.10, x86_64: BUG(), and what was said before it",
		.text = "list_del corruption. prev->next should be ffff88801f136008, but was "
			"dead000000000100\n"
			"------------[ cut here ]------------\n"
			"kernel BUG at lib/list_debug.c:51!\n"
			"invalid opcode: 0000 [#1] SMP NOPTI\n"
			"CPU: 2 PID: 9 Comm: x: y Tainted: P        W  O      5.10.0-46-amd64 #1 "
			"Debian 5.10.262-1\n"
			"RIP: 0010:__list_del_entry_valid.cold+0x31/0x55\n"
			"RSP: 0018:ffffc900000b8cf8 EFLAGS: 00010046\n"
			"Call Trace:\n"
			" foo_drop+0x22/0x60 [foo]\n"
			" foo_exit+0x15/0x30 [foo]\n"
			" __x64_sys_delete_module+0x139/0x290\n"
			" do_syscall_64+0x33/0x80\n"
			" entry_SYSCALL_64_after_hwframe+0x67/0xd1\n"
			"RIP: 0033:0x47b7a0\n",
		.kind = STK_EVENT_LIST,
		.title = "BUG: corrupted list in foo_drop",
		.module = "foo",
		.cpu = 2,
		.pid = 9,
		.comm = "x: y",
		.taint = "PWO",
		.release = "5.10.0-46-amd64",
		.nr_events = 1,
		.nr_frames = 5,
		.names = "foo_drop foo_exit",
	},
	{
		.name = "6.1, x86_64: a warning, by which the kernel panics",
		.text = "------------[ cut here ]------------\n"
			"refcount_t: underflow; use-after-free.\n"
			"WARNING: CPU: 1 PID: 412 at lib/refcount.c:28 "
			"refcount_warn_saturate+0xba/0x110\n"
			"Modules linked in: foo(E) qrtr\n"
			"CPU: 1 PID: 412 Comm: food Tainted: G            E      6.1.0-13-amd64 #1  "
			"Debian 6.1.55-1\n"
			"RIP: 0010:refcount_warn_saturate+0xba/0x110\n"
			"RSP: 0018:ffffa7c3c0b3fe28 EFLAGS: 00010286\n"
			"Call Trace:\n"
			" <TASK>\n"
			" ? __warn+0x7d/0xc0\n"
			" ? refcount_warn_saturate+0xba/0x110\n"
			" foo_put.constprop.0+0x3c/0x50 [foo]\n"
			" foo_release+0x1c/0x30 [foo]\n"
			" __fput+0x8e/0x250\n"
			" task_work_run+0x59/0x90\n"
			" do_syscall_64+0x6a/0xc0\n"
			" entry_SYSCALL_64_after_hwframe+0x6e/0xd8\n"
			"RIP: 0033:0x7f2b3c1240a7\n"
			" </TASK>\n"
			"---[ end trace 0000000000000000 ]---\n"
			"Kernel panic - not syncing: kernel: panic_on_warn set ...\n",
		.kind = STK_EVENT_WARNING,
		.title = "WARNING in foo_put",
		.module = "foo",
		.cpu = 1,
		.pid = 412,
		.comm = "food",
		.taint = "GE",
		.release = "6.1.0-13-amd64",
		.nr_events = 2,
		.nr_frames = 8,
		.names = "foo_put foo_release __fput task_work_run",
	},
	{
		.name = "6.12, x86_64: a non-canonical address; taints in words",
		.text = "Oops: general protection fault, probably for non-canonical address "
			"0xdead000000000108: 0000 [#1] PREEMPT SMP KASAN NOPTI\n"
			"KASAN: maybe wild-memory-access in range "
			"[0xdead000000000108-0xdead00000000010f]\n"
			"CPU: 5 UID: 1000 PID: 31337 Comm: fsstress Tainted: G      D            "
			"6.12.0-rc1-00123-g2e1b3cc9d7f7 #42\n"
			"Tainted: [D]=DIE\n"
			"Hardware name: Maker Model/Board, BIOS 1.2 04/01/2014\n"
			"RIP: 0010:foo_find+0x5b/0x90\n"
			"RSP: 0018:ffffc90003a5fb78 EFLAGS: 00010a02\n"
			"Call Trace:\n"
			" <TASK>\n"
			" foo_open+0x1c/0x40\n"
			" do_dentry_open+0x1b1/0x4c0\n"
			" vfs_open+0x29/0xe0\n"
			" path_openat+0xb8e/0x12d0\n"
			" do_filp_open+0xc0/0x170\n"
			" do_sys_openat2+0xae/0xe0\n"
			" __x64_sys_openat+0x55/0xa0\n"
			" x64_sys_call+0x1fc3/0x2160\n"
			" do_syscall_64+0x5d/0x120\n"
			" entry_SYSCALL_64_after_hwframe+0x76/0x7e\n"
			"RIP: 0033:0x7f5c1e6f0a1c\n"
			" </TASK>\n"
			"Modules linked in:\n"
			"---[ end trace 0000000000000000 ]---\n",
		.kind = STK_EVENT_GPF,
		.title = "general protection fault in foo_find",
		.cpu = 5,
		.pid = 31337,
		.comm = "fsstress",
		.taint = "GD",
		.release = "6.12.0-rc1-00123-g2e1b3cc9d7f7",
		.nr_events = 1,
		.nr_frames = 10,
		.names =
			"foo_find foo_open do_dentry_open vfs_open path_openat do_filp_open "
			"do_sys_openat2",
	},
	{
		.name = "7.3, x86_64: a warning in the words of 6.19",
		.text = "------------[ cut here ]------------\n"
			"WARNING: fs/foo.c:123 at foo_check+0x2c/0x60 [foo], CPU#3: sh/99\n"
			"Modules linked in: foo(OE)\n"
			"CPU: 3 UID: 0 PID: 99 Comm: sh Tainted: G           OE       7.3.4-amd64 #1 "
			"PREEMPT(lazy)  Debian 7.3.4-1\n"
			"Tainted: [O]=OOT_MODULE, [E]=UNSIGNED_MODULE\n"
			"RIP: 0010:foo_check+0x2c/0x60 [foo]\n"
			"RSP: 0018:ffffc90000a5fb78 EFLAGS: 00010a02\n"
			"Call Trace:\n"
			" <TASK>\n"
			" foo_write.cold+0x1c/0x40 [foo]\n"
			" vfs_write+0xcf/0x450\n"
			" </TASK>\n"
			"---[ end trace 0000000000000000 ]---\n",
		.kind = STK_EVENT_WARNING,
		.title = "WARNING in foo_check",
		.module = "foo",
		.cpu = 3,
		.pid = 99,
		.comm = "sh",
		.taint = "GOE",
		.release = "7.3.4-amd64",
		.nr_events = 1,
		.nr_frames = 2,
		.names = "foo_check foo_write vfs_write",
	},
	{
		.name = "a soft lockup: the tick's frames are not to blame",
		.text = "watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [kworker/1:2:114]\n"
			"Modules linked in: foo\n"
			"CPU: 1 PID: 114 Comm: kworker/1:2 Kdump: loaded Tainted: G             L "
			"5.10.0-46-amd64 #1\n"
			"RIP: 0010:native_queued_spin_lock_slowpath+0x5b/0x1d0\n"
			"RSP: 0018:ffffb2d3c0a07d58 EFLAGS: 00000202\n"
			"Call Trace:\n"
			" _raw_spin_lock+0x1a/0x20\n"
			" foo_flush+0x2d/0x60 [foo]\n"
			" process_one_work+0x1b6/0x350\n"
			" worker_thread+0x53/0x3e0\n"
			" ret_from_fork+0x22/0x30\n"
			"Kernel panic - not syncing: softlockup: hung tasks\n"
			"CPU: 1 PID: 114 Comm: kworker/1:2 Kdump: loaded Tainted: G             L "
			"5.10.0-46-amd64 #1\n"
			"Call Trace:\n"
			" <IRQ>\n"
			" dump_stack+0x6b/0x83\n"
			" panic+0x101/0x2d7\n"
			" watchdog_timer_fn.cold+0xa1/0xbe\n"
			" </IRQ>\n",
		.kind = STK_EVENT_SOFT_LOCKUP,
		.title = "soft lockup in foo_flush",
		.module = "foo",
		.cpu = 1,
		.pid = 114,
		.comm = "kworker/1:2",
		.taint = "GL",
		.release = "5.10.0-46-amd64",
		.nr_events = 2,
		.nr_frames = 5,
		.names = "foo_flush process_one_work worker_thread",
	},
	{
		.name = "a hard lockup that another CPU saw",
		.text = "watchdog: CPU0: Watchdog detected hard LOCKUP on cpu 1\n"
			"Modules linked in: foo\n"
			"Sending NMI from CPU 0 to CPUs 1:\n"
			"NMI backtrace for cpu 1\n"
			"CPU: 1 UID: 0 PID: 262 Comm: sh Not tainted 6.12.0 #1\n"
			"RIP: 0010:foo_spin+0x9/0x20 [foo]\n"
			"RSP: 0018:ffa00000000f8ee0 EFLAGS: 00000046\n"
			"Call Trace:\n"
			" <TASK>\n"
			" foo_write+0x18f/0x220 [foo]\n"
			" </TASK>\n"
			"Kernel panic - not syncing: Hard LOCKUP\n"
			"CPU: 0 UID: 0 PID: 0 Comm: swapper/0 Not tainted 6.12.0 #1\n"
			"Call Trace:\n"
			" <IRQ>\n"
			" panic+0x118/0x2db\n"
			" watchdog_hardlockup_check.cold+0x5/0x5\n"
			" </IRQ>\n",
		.kind = STK_EVENT_HARD_LOCKUP,
		.title = "hard lockup in foo_spin",
		.module = "foo",
		.cpu = 1,
		.pid = 262,
		.comm = "sh",
		.taint = "",
		.release = "6.12.0",
		.nr_events = 2,
		.nr_frames = 1,
		.names = "foo_spin foo_write",
	},
	{
		.name = "an RCU stall that the CPU saw itself, in 4.14's words",
		.text = "INFO: rcu_sched self-detected stall on CPU\n"
			"\t2-....: (21000 ticks this GP) idle=0e2/140000000000001/0 "
			"softirq=4523/4523 fqs=5246 \n"
			"\t (t=21003 jiffies g=1823 c=1822 q=10230)\n"
			"NMI backtrace for cpu 2\n"
			"CPU: 2 PID: 1023 Comm: spinner Not tainted 4.14.67 #1\n"
			"Call Trace:\n"
			" <IRQ>\n"
			" dump_stack+0x5c/0x85\n"
			" nmi_cpu_backtrace.cold.4+0x13/0x50\n"
			" nmi_trigger_cpumask_backtrace+0x94/0xa0\n"
			" rcu_dump_cpu_stacks+0x8b/0xc0\n"
			" rcu_check_callbacks+0x6e3/0x8f0\n"
			" update_process_times+0x28/0x50\n"
			" hrtimer_interrupt+0xa6/0x1f0\n"
			" smp_apic_timer_interrupt+0x5d/0x120\n"
			" apic_timer_interrupt+0x7d/0x90\n"
			" </IRQ>\n"
			"RIP: 0010:foo_spin+0x14/0x30 [foo]\n"
			"RSP: 0018:ffffc90000257e40 EFLAGS: 00000246 ORIG_RAX: ffffffffffffff10\n"
			" foo_write+0x31/0x60 [foo]\n"
			" vfs_write+0xb0/0x190\n",
		.kind = STK_EVENT_RCU_STALL,
		.title = "RCU stall in foo_spin",
		.module = "foo",
		.cpu = 2,
		.pid = 1023,
		.comm = "spinner",
		.taint = "",
		.release = "4.14.67",
		.nr_events = 1,
		.nr_frames = 12,
		.names = "foo_spin foo_write vfs_write",
	},
	{
		.name = "an expedited RCU stall of two CPUs",
		.text = "rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 3-...D "
			"5-.... } 21 jiffies s: 1421 root: 0x28/.\n"
			"rcu: blocking rcu_node structures (internal RCU debug):\n"
			"Sending NMI from CPU 0 to CPUs 3:\n"
			"NMI backtrace for cpu 3\n"
			"CPU: 3 PID: 88 Comm: a Not tainted 6.6.1 #1\n"
			"RIP: 0010:foo_spin+0x14/0x30\n"
			"RSP: 0018:ffffc90000257e40 EFLAGS: 00000246\n"
			"Call Trace:\n"
			" <TASK>\n"
			" foo_write+0x31/0x60\n"
			" </TASK>\n"
			"NMI backtrace for cpu 5 skipped: idling at intel_idle+0x7d/0xc0\n",
		.kind = STK_EVENT_RCU_STALL,
		.title = "RCU stall in foo_spin",
		.cpu = 3,
		.pid = 88,
		.comm = "a",
		.taint = "",
		.release = "6.6.1",
		.nr_events = 1,
		.nr_frames = 1,
		.names = "foo_spin foo_write",
	},
	{
		.name = "an RCU stall of a task that was preempted",
		.text = "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n"
			"rcu: \tTasks blocked on level-0 rcu_node (CPUs 0-1): P5875/1:b..l\n"
			"rcu: \t(detected by 1, t=10502 jiffies, g=9145, q=881 ncpus=2)\n"
			"task:udevd           state:R  running task     stack:25624 pid:5875  "
			"tgid:5875  ppid:5197   task_flags:0x400140 flags:0x00080001\n"
			"Call Trace:\n"
			" <TASK>\n"
			" context_switch kernel/sched/core.c:5325 [inline]\n"
			" __schedule+0x1798/0x4cc0 kernel/sched/core.c:6929\n"
			" preempt_schedule_irq+0xb5/0x150 kernel/sched/core.c:7256\n"
			" irqentry_exit+0x6f/0x90 kernel/entry/common.c:211\n"
			" asm_sysvec_apic_timer_interrupt+0x1a/0x20\n"
			"RIP: 0010:foo_walk+0x3c/0x90 fs/foo.c:12\n"
			"RSP: 0018:ffffc90003a5fb78 EFLAGS: 00000206\n"
			" foo_read+0x1c/0x40 fs/foo.c:40\n"
			" </TASK>\n",
		.kind = STK_EVENT_RCU_STALL,
		.title = "RCU stall in foo_walk",
		.cpu = -1,
		.pid = 5875,
		.comm = "udevd",
		.taint = NULL,
		.release = NULL,
		.nr_events = 1,
		.nr_frames = 7,
		.names = "foo_walk foo_read",
	},
	{
		.name = "a hung task",
		.text = "INFO: task fio:worker:2345 blocked for more than 120 seconds.\n"
			"      Tainted: G           OE     5.15.0-91-generic #101-Ubuntu\n"
			"\"echo 0 > /proc/sys/kernel/hung_task_timeout_secs\" disables this message.\n"
			"task:fio:worker      state:D stack:    0 pid: 2345 ppid:  2001 "
			"flags:0x00004002\n"
			"Call Trace:\n"
			" <TASK>\n"
			" __schedule+0x24e/0x590\n"
			" schedule+0x69/0x110\n"
			" rwsem_down_write_slowpath+0x230/0x3e0\n"
			" down_write+0x47/0x60\n"
			" foo_sync+0x3c/0x90 [foo]\n"
			" do_fsync+0x38/0x70\n"
			" </TASK>\n",
		.kind = STK_EVENT_HUNG_TASK,
		.title = "hung task in foo_sync",
		.module = "foo",
		.cpu = -1,
		.pid = 2345,
		.comm = "fio:worker",
		.taint = "GOE",
		.release = "5.15.0-91-generic",
		.nr_events = 1,
		.nr_frames = 6,
		.names = "foo_sync do_fsync",
	},
	{
		.name = "KASAN: decoded as syzkaller does",
		.text = "==================================================================\n"
			"BUG: KASAN: slab-use-after-free in foo_get+0x1e/0x40 fs/foo.c:88\n"
			"Write of size 8 at addr ffff88807a1c2f08 by task syz.0.17/5912\n"
			"\n"
			"CPU: 1 UID: 0 PID: 5912 Comm: syz.0.17 Not tainted "
			"6.14.0-rc3-syzkaller-00012-g2408a807bfc3 #0\n"
			"Hardware name: Google Google Compute Engine/Google Compute Engine, BIOS "
			"Google 02/12/2025\n"
			"Call Trace:\n"
			" <TASK>\n"
			" __dump_stack lib/dump_stack.c:94 [inline]\n"
			" dump_stack_lvl+0x241/0x360 lib/dump_stack.c:120\n"
			" print_address_description mm/kasan/report.c:408 [inline]\n"
			" print_report+0x16e/0x5b0 mm/kasan/report.c:521\n"
			" kasan_report+0x143/0x180 mm/kasan/report.c:634\n"
			" foo_inlined fs/foo.c:80 [inline]\n"
			" foo_get+0x1e/0x40 fs/foo.c:88\n"
			" foo_lookup+0xa2/0x1b0 fs/foo.c:120\n"
			" </TASK>\n"
			"\n"
			"Allocated by task 5911:\n"
			" kasan_save_stack mm/kasan/common.c:47 [inline]\n"
			" foo_alloc+0x30/0x70 fs/foo.c:30\n"
			"\n"
			"Freed by task 5911:\n"
			" foo_free+0x30/0x70 fs/foo.c:40\n"
			"\n"
			"The buggy address belongs to the object at ffff88807a1c2f00\n"
			" which belongs to the cache kmalloc-64 of size 64\n",
		.kind = STK_EVENT_KASAN,
		.title = "KASAN: slab-use-after-free Write in foo_get",
		.cpu = 1,
		.pid = 5912,
		.comm = "syz.0.17",
		.taint = "",
		.release = "6.14.0-rc3-syzkaller-00012-g2408a807bfc3",
		.nr_events = 1,
		.nr_frames = 8,
		.names = "foo_get foo_lookup",
	},
	{
		.name = "KFENCE: frames without a headline",
		.text = "BUG: KFENCE: use-after-free read in foo_get+0x1e/0x40 [foo]\n"
			"\n"
			"Use-after-free read at 0x00000000fae2b1c3 (in kfence-#12):\n"
			" foo_get+0x1e/0x40 [foo]\n"
			" foo_lookup+0xa2/0x1b0 [foo]\n"
			"\n"
			"kfence-#12: 0x00000000fae2b1c3-0x00000000a1b2c3d4, size=32, "
			"cache=kmalloc-32\n"
			"\n"
			"allocated by task 71 on cpu 1 at 12.300000s:\n"
			" foo_alloc+0x30/0x70 [foo]\n"
			"CPU: 1 PID: 72 Comm: sh Not tainted 6.1.0 #1\n",
		.kind = STK_EVENT_KFENCE,
		.title = "KFENCE: use-after-free read in foo_get",
		.module = "foo",
		.cpu = 1,
		.pid = 72,
		.comm = "sh",
		.taint = "",
		.release = "6.1.0",
		.nr_events = 1,
		.nr_frames = 2,
		.names = "foo_get foo_lookup",
	},
	{
		.name = "KCSAN: the first of two",
		.text = "BUG: KCSAN: data-race in foo_get / foo_put\n"
			"\n"
			"write to 0xffff88810a1c2f08 of 4 bytes by task 71 on cpu 1:\n"
			" foo_put+0x1e/0x40\n"
			" foo_close+0xa2/0x1b0\n"
			"\n"
			"read to 0xffff88810a1c2f08 of 4 bytes by task 72 on cpu 0:\n"
			" foo_get+0x1e/0x40\n"
			" foo_open+0xa2/0x1b0\n"
			"\n"
			"Reported by Kernel Concurrency Sanitizer on:\n"
			"CPU: 0 PID: 72 Comm: b Not tainted 6.1.0 #1\n",
		.kind = STK_EVENT_KCSAN,
		.title = "KCSAN: data-race in foo_put",
		.cpu = 0,
		.pid = 72,
		.comm = "b",
		.taint = "",
		.release = "6.1.0",
		.nr_events = 1,
		.nr_frames = 2,
		.names = "foo_put foo_close",
	},
	{
		.name = "UBSAN",
		.text = "------------[ cut here ]------------\n"
			"UBSAN: array-index-out-of-bounds in drivers/foo.c:12:3\n"
			"index 7 is out of range for type 'int [4]'\n"
			"CPU: 0 PID: 1 Comm: swapper/0 Not tainted 6.6.1 #1\n"
			"Call Trace:\n"
			" <TASK>\n"
			" dump_stack_lvl+0x48/0x70\n"
			" ubsan_epilogue+0x5/0x40\n"
			" __ubsan_handle_out_of_bounds+0x6d/0x90\n"
			" foo_probe+0x2f/0x60\n"
			" </TASK>\n"
			"---[ end trace ]---\n",
		.kind = STK_EVENT_UBSAN,
		.title = "UBSAN: array-index-out-of-bounds in foo_probe",
		.cpu = 0,
		.pid = 1,
		.comm = "swapper/0",
		.taint = "",
		.release = "6.6.1",
		.nr_events = 1,
		.nr_frames = 4,
		.names = "foo_probe",
	},
	{
		.name = "a BUG without a crash: scheduling while atomic",
		.text = "BUG: scheduling while atomic: foo/7/503/0x00000004\n"
			"Modules linked in:\n"
			"CPU: 4 PID: 503 Comm: foo/7 Not tainted 5.11.0 #75\n"
			"Call Trace:\n"
			" dump_stack+0x57/0x6a\n"
			" __schedule_bug.cold+0x3e/0x4a\n"
			" __schedule+0x6c8/0x7e0\n"
			" schedule+0x3c/0xa0\n"
			" schedule_timeout+0x202/0x290\n"
			" msleep+0x2d/0x40\n"
			" foo_reset+0x2f/0x60\n",
		.kind = STK_EVENT_BUG,
		.title = "BUG: scheduling while atomic in foo_reset",
		.cpu = 4,
		.pid = 503,
		.comm = "foo/7",
		.taint = "",
		.release = "5.11.0",
		.nr_events = 1,
		.nr_frames = 7,
		.names = "foo_reset",
	},
	{
		.name = "a panic whose text has numbers",
		.text = "Kernel panic - not syncing: foo: unit 3 lost 0xffff88810a1c2f08 (code "
			"0x00000009) on CPU#5\n"
			"CPU: 5 PID: 1 Comm: init Not tainted 6.1.0 #1\n"
			"Call Trace:\n"
			" <TASK>\n"
			" dump_stack_lvl+0x44/0x5c\n"
			" panic+0x118/0x2f4\n"
			" foo_lost+0x2f/0x60 [foo]\n"
			" </TASK>\n"
			"Kernel Offset: disabled\n"
			"---[ end Kernel panic - not syncing: foo: unit 3 lost 0xffff88810a1c2f08 "
			"(code 0x00000009) on CPU#5 ]---\n",
		.kind = STK_EVENT_PANIC,
		.title =
			"panic: foo: unit NUM lost ADDR (code 0x00000009) on CPU#NUM in foo_lost",
		.module = "foo",
		.cpu = 5,
		.pid = 1,
		.comm = "init",
		.taint = "",
		.release = "6.1.0",
		.nr_events = 1,
		.nr_frames = 3,
		.names = "foo_lost",
	},
	{
		.name = "sysrq, up to 5.x a write to NULL",
		.text = "sysrq: SysRq : Trigger a crash\n"
			"BUG: unable to handle kernel NULL pointer dereference at 0000000000000000\n"
			"Oops: 0002 [#1] SMP PTI\n"
			"CPU: 1 PID: 999 Comm: bash Not tainted 4.19.0 #1\n"
			"RIP: 0010:sysrq_handle_crash+0x12/0x20\n"
			"RSP: 0018:ffffb2d3c0a07d58 EFLAGS: 00010246\n"
			"Call Trace:\n"
			" __handle_sysrq+0x84/0x140\n"
			" write_sysrq_trigger+0x2b/0x30\n",
		.kind = STK_EVENT_SYSRQ,
		.title = "sysrq",
		.cpu = 1,
		.pid = 999,
		.comm = "bash",
		.taint = "",
		.release = "4.19.0",
		.nr_events = 1,
		.nr_frames = 2,
		.names = "",
	},
	{
		.name = "out of memory: nobody is to blame",
		.text = "Kernel panic - not syncing: Out of memory: system-wide panic_on_oom is "
			"enabled\n"
			"CPU: 1 PID: 999 Comm: bash Not tainted 5.10.0 #1\n"
			"Call Trace:\n"
			" dump_stack+0x6b/0x83\n"
			" panic+0x101/0x2d7\n"
			" out_of_memory.cold+0x2f/0x7e\n",
		.kind = STK_EVENT_OOM_PANIC,
		.title = "panic: out of memory",
		.cpu = 1,
		.pid = 999,
		.comm = "bash",
		.taint = "",
		.release = "5.10.0",
		.nr_events = 1,
		.nr_frames = 3,
		.names = "",
	},
	{
		.name = "4.14, arm64",
		.text = "Unable to handle kernel paging request at virtual address dead000000000108\n"
			"Mem abort info:\n"
			"  ESR = 0x96000044\n"
			"  Exception class = DABT (current EL), IL = 32 bits\n"
			"  SET = 0, FnV = 0\n"
			"  EA = 0, S1PTW = 0\n"
			"Data abort info:\n"
			"  ISV = 0, ISS = 0x00000044\n"
			"  CM = 0, WnR = 1\n"
			"[dead000000000108] address between user and kernel address ranges\n"
			"Internal error: Oops: 96000044 [#1] PREEMPT SMP\n"
			"Modules linked in: foo\n"
			"CPU: 2 PID: 371 Comm: insmod Tainted: G        W       4.14.67 #1\n"
			"Hardware name: Some Board (DT)\n"
			"task: ffff80003b0a8d00 task.stack: ffff00000a1c8000\n"
			"PC is at foo_unlink+0x24/0x60 [foo]\n"
			"LR is at foo_exit+0x18/0x30 [foo]\n"
			"pc : [<ffff000000a9b024>] lr : [<ffff000000a9c018>] pstate: 60000145\n"
			"sp : ffff00000a1cbd60\n"
			"x29: ffff00000a1cbd60 x28: ffff80003b0a8d00 \n"
			"Process insmod (pid: 371, stack limit = 0xffff00000a1c8000)\n"
			"Call trace:\n"
			"Exception stack(0xffff00000a1cbc20 to 0xffff00000a1cbd60)\n"
			"bc20: 0000000000000000 0000000000000000 0000000000000000 0000000000000000\n"
			"[<ffff000000a9b024>] foo_unlink+0x24/0x60 [foo]\n"
			"[<ffff000000a9c018>] foo_exit+0x18/0x30 [foo]\n"
			"[<ffff000008133d30>] SyS_delete_module+0x1a8/0x218\n"
			"Exception stack(0xffff00000a1cbec0 to 0xffff00000a1cc000)\n"
			"[<ffff0000080839c0>] el0_svc_naked+0x34/0x38\n"
			"Code: f9400001 f9400402 b4000062 (f9000441) \n"
			"---[ end trace 2f1b6d0e5a1c3d47 ]---\n",
		.kind = STK_EVENT_PAGE_FAULT,
		.title = "BUG: unable to handle page fault in foo_unlink",
		.module = "foo",
		.cpu = 2,
		.pid = 371,
		.comm = "insmod",
		.taint = "GW",
		.release = "4.14.67",
		.nr_events = 1,
		.nr_frames = 3,
		.names = "foo_unlink foo_exit",
	},
	{
		.name = "6.12, arm64: NULL; where the frames are from is told behind them",
		.text = "Unable to handle kernel NULL pointer dereference at virtual address "
			"0000000000000028\n"
			"Mem abort info:\n"
			"  ESR = 0x0000000096000004\n"
			"  EC = 0x25: DABT (current EL), IL = 32 bits\n"
			"Data abort info:\n"
			"  ISV = 0, ISS = 0x00000004, ISS2 = 0x00000000\n"
			"  CM = 0, WnR = 0, TnD = 0, TagAccess = 0\n"
			"user pgtable: 4k pages, 48-bit VAs, pgdp=0000000043c2d000\n"
			"[0000000000000028] pgd=0000000000000000, p4d=0000000000000000\n"
			"Internal error: Oops: 0000000096000004 [#1] PREEMPT SMP\n"
			"Modules linked in: foo(OE)\n"
			"CPU: 1 UID: 0 PID: 371 Comm: cat Tainted: G           OE      6.12.9 #1\n"
			"Tainted: [O]=OOT_MODULE, [E]=UNSIGNED_MODULE\n"
			"Hardware name: linux,dummy-virt (DT)\n"
			"pstate: 60400005 (nZCv daif +PAN -UAO -TCO -DIT -SSBS BTYPE=--)\n"
			"pc : foo_show+0x14/0x40 [foo]\n"
			"lr : seq_read_iter+0x120/0x4b8\n"
			"sp : ffff800082a1bbd0\n"
			"x29: ffff800082a1bbd0 x28: ffff00000415c240 x27: 0000000000000000\n"
			"Call trace:\n"
			" foo_show+0x14/0x40 [foo] (P)\n"
			" seq_read_iter+0x120/0x4b8 (L)\n"
			" seq_read_iter+0x120/0x4b8\n"
			" vfs_read+0x25c/0x368\n"
			" ksys_read+0x70/0x110\n"
			" __arm64_sys_read+0x24/0x38\n"
			" invoke_syscall+0x50/0x120\n"
			" el0_svc_common.constprop.0+0x48/0xf0\n"
			" do_el0_svc+0x24/0x38\n"
			" el0_svc+0x3c/0x128\n"
			" el0t_64_sync_handler+0x100/0x130\n"
			" el0t_64_sync+0x1a0/0x1a8\n"
			"Code: d503201f f9403801 aa0003e2 (f9401420) \n"
			"---[ end trace 0000000000000000 ]---\n"
			"Kernel panic - not syncing: Oops: Fatal exception\n"
			"SMP: stopping secondary CPUs\n",
		.kind = STK_EVENT_NULL_DEREF,
		.title = "BUG: kernel NULL pointer dereference in foo_show",
		.module = "foo",
		.cpu = 1,
		.pid = 371,
		.comm = "cat",
		.taint = "GOE",
		.release = "6.12.9",
		.nr_events = 2,
		.nr_frames = 11,
		.names = "foo_show seq_read_iter vfs_read ksys_read",
	},
	{
		.name = "arm64: the stack overflowed, and the panic has the frames",
		.text = "Insufficient stack space to handle exception!\n"
			"ESR: 0x0000000096000047 -- DABT (current EL)\n"
			"FAR: 0xffff8000829dfff0\n"
			"Task stack:     [0xffff8000829e0000..0xffff8000829e4000]\n"
			"IRQ stack:      [0xffff800080008000..0xffff80008000c000]\n"
			"Overflow stack: [0xffff00007fb7c320..0xffff00007fb7d320]\n"
			"CPU: 1 UID: 0 PID: 371 Comm: sh Not tainted 6.12.9 #1\n"
			"Hardware name: linux,dummy-virt (DT)\n"
			"pstate: 60400005 (nZCv daif +PAN -UAO -TCO -DIT -SSBS BTYPE=--)\n"
			"pc : foo_recurse+0x4/0x40 [foo]\n"
			"lr : foo_recurse+0x20/0x40 [foo]\n"
			"sp : ffff8000829e0010\n"
			"Kernel panic - not syncing: kernel stack overflow\n"
			"CPU: 1 UID: 0 PID: 371 Comm: sh Not tainted 6.12.9 #1\n"
			"Call trace:\n"
			" show_stack+0x20/0x38 (C)\n"
			" dump_stack_lvl+0x60/0x80\n"
			" dump_stack+0x18/0x28\n"
			" panic+0x394/0x3b0\n"
			" nmi_panic+0x94/0xa8\n"
			" panic_bad_stack+0x100/0x118\n"
			" handle_bad_stack+0x3c/0x50\n"
			" __bad_stack+0x94/0x98\n"
			" foo_recurse+0x4/0x40 [foo]\n"
			" foo_recurse+0x20/0x40 [foo]\n"
			" foo_begin+0x14/0x20 [foo]\n",
		.kind = STK_EVENT_STACK_GUARD,
		.title = "stack guard page hit in foo_recurse",
		.module = "foo",
		.cpu = 1,
		.pid = 371,
		.comm = "sh",
		.taint = "",
		.release = "6.12.9",
		.nr_events = 2,
		.nr_frames = 11,
		.names = "foo_recurse foo_recurse foo_begin",
	},
	{
		.name = "6.1, arm64: a leaf's caller is in lr only, and ends a function",
		.text = "Unable to handle kernel NULL pointer dereference at virtual address "
			"0000000000000000\n"
			"Internal error: Oops: 0000000096000046 [#1] SMP\n"
			"CPU: 1 PID: 340 Comm: sh Tainted: G           OE      6.1.9 #1\n"
			"Hardware name: linux,dummy-virt (DT)\n"
			"pstate: 604000c5 (nZCv daIF +PAN -UAO -TCO -DIT -SSBS BTYPE=--)\n"
			"pc : foo_poke+0x20/0x30 [foo]\n"
			"lr : foo_leaf+0x1c/0x30 [foo]\n"
			"sp : ffff80000800be30\n"
			"x29: ffff80000800be30 x28: ffff00000fe754c0 x27: ffff00000fe75480\n"
			"Call trace:\n"
			" foo_poke+0x20/0x30 [foo]\n"
			" foo_act+0x80/0x15c [foo]\n"
			" foo_fn+0x18/0x30 [foo]\n"
			" __hrtimer_run_queues+0x148/0x304\n"
			" hrtimer_interrupt+0x114/0x310\n"
			" arch_timer_handler_virt+0x34/0x50\n"
			" handle_percpu_devid_irq+0x90/0x1c0\n"
			" gic_handle_irq+0x58/0x13c\n"
			" call_on_irq_stack+0x30/0x48\n"
			" do_interrupt_handler+0x88/0x90\n"
			" el1_interrupt+0x34/0x54\n"
			" el1h_64_irq_handler+0x18/0x2c\n"
			" el1h_64_irq+0x64/0x68\n"
			" foo_begin+0x0/0x40 [foo]\n"
			"Code: d503233f d50323bf b949c000 93407c00 (b9000001) \n"
			"---[ end trace 0000000000000000 ]---\n",
		.kind = STK_EVENT_NULL_DEREF,
		.title = "BUG: kernel NULL pointer dereference in foo_poke",
		.module = "foo",
		.cpu = 1,
		.pid = 340,
		.comm = "sh",
		.taint = "GOE",
		.release = "6.1.9",
		.nr_events = 1,
		.nr_frames = 14,
		.names = "foo_poke foo_leaf foo_act foo_fn __hrtimer_run_queues "
			 "hrtimer_interrupt",
	},
	{
		.name = "6.1, arm64: a call of NULL",
		.text = "Unable to handle kernel NULL pointer dereference at virtual address "
			"0000000000000000\n"
			"Internal error: Oops: 0000000086000006 [#1] SMP\n"
			"CPU: 1 PID: 339 Comm: sh Tainted: G           OE      6.1.9 #1\n"
			"pc : 0x0\n"
			"lr : foo_jump+0x28/0x34 [foo]\n"
			"sp : ffff80000800be70\n"
			"Call trace:\n"
			" 0x0\n"
			" foo_act+0x140/0x15c [foo]\n"
			" ____do_softirq+0x18/0x24\n"
			" do_softirq+0x84/0x90\n"
			"Code: bad PC value\n"
			"---[ end trace 0000000000000000 ]---\n",
		.kind = STK_EVENT_NULL_DEREF,
		.title = "BUG: kernel NULL pointer dereference in foo_jump",
		.module = "foo",
		.cpu = 1,
		.pid = 339,
		.comm = "sh",
		.taint = "GOE",
		.release = "6.1.9",
		.nr_events = 1,
		.nr_frames = 4,
		.names = "foo_jump foo_act ____do_softirq do_softirq",
	},
	{
		.name = "6.1, arm64: who waits for RCU cannot see where a CPU is",
		.text = "rcu: INFO: rcu_sched detected stalls on CPUs/tasks:\n"
			"rcu: \t3-...!: (1 GPs behind) idle=6b74/1/0x4000000000000000 "
			"softirq=512/513 fqs=295\n"
			"\t(detected by 7, t=5252 jiffies, g=1441, q=77 ncpus=8)\n"
			"Task dump for CPU 3:\n"
			"task:sh              state:R  running task     stack:0     pid:334   "
			"ppid:1      flags:0x00000002\n"
			"Call trace:\n"
			" __switch_to+0xe8/0x120\n"
			" 0xffffffc8\n"
			" foo_task+0x18/0x24 [foo]\n"
			" foo_write+0x12c/0x140 [foo]\n"
			"rcu: RCU grace-period kthread stack dump:\n"
			"task:rcu_sched       state:I stack:0     pid:14    ppid:2      "
			"flags:0x00000008\n"
			"Call trace:\n"
			" __switch_to+0xe8/0x120\n"
			" __schedule+0x340/0x920\n"
			" rcu_gp_kthread+0x14c/0x1a0\n"
			" kthread+0xe0/0xe4\n"
			" ret_from_fork+0x10/0x20\n"
			"watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [sh:334]\n"
			"CPU: 3 PID: 334 Comm: sh Tainted: G           OE      6.1.9 #1\n"
			"pc : foo_spin.cold+0x1c/0x30 [foo]\n"
			"lr : foo_spin+0x5c/0x15c [foo]\n"
			"sp : ffff80000801be80\n"
			"Call trace:\n"
			" foo_spin.cold+0x1c/0x30 [foo]\n"
			" foo_act+0x18/0x24 [foo]\n"
			" handle_softirqs+0x118/0x300\n",
		.kind = STK_EVENT_SOFT_LOCKUP,
		.title = "soft lockup in foo_spin",
		.module = "foo",
		.cpu = 3,
		.pid = 334,
		.comm = "sh",
		.taint = "GOE",
		.release = "6.1.9",
		.nr_events = 2,
		.nr_frames = 2,
		.names = "foo_spin foo_act",
	},
	{
		.name = "6.12, riscv64: a panic at a function's end, below a kretprobe",
		.text = "Kernel panic - not syncing: foo: it is bad\n"
			"CPU: 1 UID: 0 PID: 297 Comm: sh Tainted: G           OE      6.12.9 #1\n"
			"Tainted: [O]=OOT_MODULE, [E]=UNSIGNED_MODULE\n"
			"Hardware name: riscv-virtio,qemu (DT)\n"
			"Call Trace:\n"
			"[<ffffffff80007020>] dump_backtrace+0x28/0x30\n"
			"[<ffffffff80a65ed2>] show_stack+0x38/0x44\n"
			"[<ffffffff80a73f18>] dump_stack+0x18/0x20\n"
			"[<ffffffff80a66214>] panic+0x11a/0x35a\n"
			"[<ffffffff01e96a8a>] foo_other+0x0/0x2c [foo]\n"
			"[<ffffffff01e96e0e>] foo_act+0x122/0x1a2 [foo]\n"
			"[<ffffffff80007e58>] arch_rethook_trampoline+0x0/0x8e\n"
			"[<ffffffff01e975ce>] foo_b+0x18/0x20 [foo]\n"
			"[<ffffffff800df814>] __hrtimer_run_queues+0xfa/0x1aa\n"
			"[<ffffffff80807a78>] riscv_timer_interrupt+0x40/0x58\n"
			"[<ffffffff805e11bc>] riscv_intc_irq+0x2e/0x68\n"
			"[<ffffffff80a74a32>] do_irq+0x5a/0x5e\n"
			"[<ffffffff80a81368>] handle_exception+0x128/0x156\n"
			"[<ffffffff01e96610>] foo_wait+0x0/0x48 [foo]\n"
			"SMP: stopping secondary CPUs\n"
			"---[ end Kernel panic - not syncing: foo: it is bad ]---\n",
		.kind = STK_EVENT_PANIC,
		.title = "panic: foo: it is bad in foo_act",
		.module = "foo",
		.cpu = 1,
		.pid = 297,
		.comm = "sh",
		.taint = "GOE",
		.release = "6.12.9",
		.nr_events = 1,
		.nr_frames = 14,
		.names = "foo_act foo_b __hrtimer_run_queues",
	},
	{
		.name = "6.12, riscv64: a call of NULL, of which no frames are printed",
		.text = "Unable to handle kernel NULL pointer dereference at virtual address "
			"0000000000000000\n"
			"Oops [#1]\n"
			"CPU: 1 UID: 0 PID: 297 Comm: sh Tainted: G           OE      6.12.9 #1\n"
			"epc : 0x0\n"
			" ra : foo_jump+0x24/0x2c [foo]\n"
			"epc : 0000000000000000 ra : ffffffff01e96ab0 sp : ff2000000000bf60\n"
			" gp : ffffffff81db6e50 tp : ff600000082e0e40 t0 : 4e00000000000000\n"
			"status: 0000000200000120 badaddr: 0000000000000000 cause: 000000000000000c\n"
			"Code: Unable to access instruction at 0xffffffffffffffec.\n"
			"---[ end trace 0000000000000000 ]---\n",
		.kind = STK_EVENT_NULL_DEREF,
		.title = "BUG: kernel NULL pointer dereference in foo_jump",
		.module = "foo",
		.cpu = 1,
		.pid = 297,
		.comm = "sh",
		.taint = "GOE",
		.release = "6.12.9",
		.nr_events = 1,
		.nr_frames = 1,
		.names = "foo_jump",
	},
	{
		.name = "6.6, riscv64",
		.text = "Unable to handle kernel NULL pointer dereference at virtual address "
			"0000000000000000\n"
			"Oops [#1]\n"
			"Modules linked in: foo(O)\n"
			"CPU: 0 PID: 119 Comm: sh Tainted: G           O       6.6.8 #3\n"
			"Hardware name: riscv-virtio,qemu (DT)\n"
			"epc : foo_poke+0xe/0x1c [foo]\n"
			" ra : foo_write+0x2a/0x40 [foo]\n"
			"epc : ffffffff016a300e ra : ffffffff016a303e sp : ff2000000064bd70\n"
			" gp : ffffffff81914ae0 tp : ff60000003a4c600 t0 : 6f6f662d6b6f6f6c\n"
			"status: 0000000200000120 badaddr: 0000000000000000 cause: 000000000000000f\n"
			"[<ffffffff016a300e>] foo_poke+0xe/0x1c [foo]\n"
			"[<ffffffff016a303e>] foo_write+0x2a/0x40 [foo]\n"
			"[<ffffffff80212b9c>] vfs_write+0xbc/0x380\n"
			"[<ffffffff80212fe6>] ksys_write+0x56/0xcc\n"
			"[<ffffffff8021306e>] __riscv_sys_write+0x12/0x1a\n"
			"[<ffffffff80a21a4c>] do_trap_ecall_u+0xba/0x12e\n"
			"[<ffffffff80003e58>] ret_from_exception+0x0/0x64\n"
			"Code: 0113 ff01 e422 0800 4785 (a023 00f0) 6422\n"
			"---[ end trace 0000000000000000 ]---\n"
			"Kernel panic - not syncing: Fatal exception\n",
		.kind = STK_EVENT_NULL_DEREF,
		.title = "BUG: kernel NULL pointer dereference in foo_poke",
		.module = "foo",
		.cpu = 0,
		.pid = 119,
		.comm = "sh",
		.taint = "GO",
		.release = "6.6.8",
		.nr_events = 2,
		.nr_frames = 6,
		.names = "foo_poke foo_write vfs_write ksys_write",
	},
	{
		.name = "5.10, riscv64: BUG()",
		.text = "------------[ cut here ]------------\n"
			"kernel BUG at drivers/foo.c:42!\n"
			"Kernel BUG [#1]\n"
			"Modules linked in:\n"
			"CPU: 3 PID: 1 Comm: swapper/0 Not tainted 5.10.9 #3\n"
			"epc: ffffffe0002a1b2c ra : ffffffe0002a1b20 sp : ffffffe001f0bd70\n"
			"status: 0000000000000120 badaddr: 0000000000000000 cause: 0000000000000003\n"
			"Call Trace:\n"
			"[<ffffffe0002a1b2c>] foo_probe+0x30/0x44\n"
			"[<ffffffe0000018aa>] do_one_initcall+0x3c/0x168\n",
		.kind = STK_EVENT_KERNEL_BUG,
		.title = "kernel BUG in foo_probe",
		.cpu = 3,
		.pid = 1,
		.comm = "swapper/0",
		.taint = "",
		.release = "5.10.9",
		.nr_events = 1,
		.nr_frames = 2,
		.names = "foo_probe do_one_initcall",
	},
	{
		.name = "a warning about what the caller asked of the page allocator",
		.text = "------------[ cut here ]------------\n"
			"WARNING: CPU: 0 PID: 77 at mm/page_alloc.c:4000 "
			"__alloc_pages_noprof+0x2c5/0x310\n"
			"Modules linked in: foo(O)\n"
			"CPU: 0 UID: 0 PID: 77 Comm: sh Tainted: G           O       6.12.9 #1\n"
			"RIP: 0010:__alloc_pages_noprof+0x2c5/0x310\n"
			"RSP: 0018:ffffc900002a7d50 EFLAGS: 00010246\n"
			"Call Trace:\n"
			" <TASK>\n"
			" ___kmalloc_large_node+0x6f/0xc0\n"
			" __kmalloc_noprof+0x2f1/0x3f0\n"
			" foo_ioctl+0x3f/0x90 [foo]\n"
			" do_syscall_64+0x82/0x160\n"
			" </TASK>\n"
			"---[ end trace 0000000000000000 ]---\n",
		.kind = STK_EVENT_WARNING,
		.title = "WARNING in foo_ioctl",
		.module = "foo",
		.cpu = 0,
		.pid = 77,
		.comm = "sh",
		.taint = "GO",
		.release = "6.12.9",
		.nr_events = 1,
		.nr_frames = 4,
		.names = "foo_ioctl",
	},
	{
		.name = "a system call's own code, with nobody else",
		.text = "Oops: general protection fault, probably for non-canonical address "
			"0xdffffc0000000004: 0000 [#1] SMP KASAN PTI\n"
			"CPU: 1 UID: 0 PID: 5827 Comm: foo Not tainted 6.14.0 #1 PREEMPT(full) \n"
			"RIP: 0010:__se_sys_foo+0x25/0x2c0\n"
			"RSP: 0018:ffffc900002a7d50 EFLAGS: 00010246\n"
			"Call Trace:\n"
			" <TASK>\n"
			" __x64_sys_foo+0x20/0xc0\n"
			" do_syscall_64+0xf3/0x230\n"
			" entry_SYSCALL_64_after_hwframe+0x77/0x7f\n"
			" </TASK>\n",
		.kind = STK_EVENT_GPF,
		.title = "general protection fault in __se_sys_foo",
		.cpu = 1,
		.pid = 5827,
		.comm = "foo",
		.taint = "",
		.release = "6.14.0",
		.nr_events = 1,
		.nr_frames = 3,
		.names = "__se_sys_foo",
	},
	{
		.name = "an RCU stall: RCU's own thread is a witness",
		.text = "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n"
			"rcu: \t1-...0: (5 ticks this GP) idle=04cc/1/0x4000000000000000 "
			"softirq=38/44 fqs=2579\n"
			"rcu: \t(detected by 0, t=5252 jiffies, g=-1139, q=146 ncpus=2)\n"
			"rcu: rcu_preempt kthread starved for 2503 jiffies! g-1139 f0x0 "
			"RCU_GP_WAIT_FQS(5) ->state=0x402 ->cpu=0\n"
			"rcu: RCU grace-period kthread stack dump:\n"
			"task:rcu_preempt     state:I stack:0     pid:15    tgid:15    ppid:2     "
			" flags:0x00004000\n"
			"Call Trace:\n"
			" <TASK>\n"
			" __schedule+0x3ee/0xb50\n"
			" schedule+0x27/0xd0\n"
			" schedule_timeout+0x8f/0x170\n"
			" rcu_gp_fqs_loop+0x109/0x580\n"
			" kthread+0xe5/0x110\n"
			" </TASK>\n"
			"rcu: Stack dump where RCU GP kthread last ran:\n"
			"NMI backtrace for cpu 1\n"
			"CPU: 1 PID: 88 Comm: sh Not tainted 6.6.8 #1\n"
			"RIP: 0010:foo_spin+0x10/0x20 [foo]\n"
			"Call Trace:\n"
			" <TASK>\n"
			" foo_write+0x31/0x60 [foo]\n"
			" </TASK>\n",
		.kind = STK_EVENT_RCU_STALL,
		.title = "RCU stall in foo_spin",
		.module = "foo",
		.cpu = 1,
		.pid = 88,
		.comm = "sh",
		.taint = "",
		.release = "6.6.8",
		.nr_events = 1,
		.nr_frames = 1,
		.names = "foo_spin foo_write",
	},
	{
		.name = "KCSAN: the other side is not known",
		.text = "BUG: KCSAN: data-race in foo_poll+0x51/0xb0\n"
			"race at unknown origin, with read to 0xffff933db8a2ae6c of 4 bytes by "
			"task 49 on cpu 0:\n"
			" foo_poll+0x51/0xb0\n"
			" foo_loop+0x33/0xa0\n"
			"Reported by Kernel Concurrency Sanitizer on:\n"
			"CPU: 0 PID: 49 Comm: food Not tainted 5.12.9 #1\n",
		.kind = STK_EVENT_KCSAN,
		.title = "KCSAN: data-race in foo_poll",
		.cpu = 0,
		.pid = 49,
		.comm = "food",
		.taint = "",
		.release = "5.12.9",
		.nr_events = 1,
		.nr_frames = 2,
		.names = "foo_poll foo_loop",
	},
	NO_EVENT_TEXT,
};
