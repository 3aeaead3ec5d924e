/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * layout.h - the symbols and members that we need of a kernel.
 *
 * Each is looked up when it is first wanted and remembered, misses too: asking
 * crash for a type that the kernel lacks costs tens of milliseconds every time.
 */
#ifndef STK_LAYOUT_H
#define STK_LAYOUT_H

#include "../base/context.h"

/* clang-format off */
#define STK_SYMBOL_LIST(X)                                                     \
	/* CPUs and tasks */                                                   \
	X(__per_cpu_offset) X(nr_cpu_ids) X(__cpu_possible_mask)               \
	X(__cpu_online_mask) X(init_task) X(runqueues) X(current_task)         \
	X(init_pid_ns) X(pid_hash) X(pidhash_shift)                            \
	X(pcpu_hot) X(modules) X(_stext) X(_etext) X(_sinittext) X(_einittext) \
	X(_text) X(_end) X(__per_cpu_start) X(__per_cpu_end)                   \
	X(__start_init_task) X(__end_init_task) X(vmcoreinfo_data)             \
	X(vmcoreinfo_note) X(vmcoreinfo_size) X(crash_notes) X(init_uts_ns)    \
	/* kallsyms */                                                         \
	X(kallsyms_num_syms) X(kallsyms_names) X(kallsyms_token_table)         \
	X(kallsyms_token_index) X(kallsyms_offsets) X(kallsyms_relative_base)  \
	X(kallsyms_addresses)                                                  \
	/* x86_64 */                                                           \
	X(cpu_tss_rw) X(cpu_tss) X(cea_exception_stacks) X(exception_stacks)   \
	X(orig_ist) X(hardirq_stack_ptr) X(irq_stack_ptr)                      \
	X(irq_stack_backing_store) X(irq_stack_union) X(irq_count)             \
	X(rsp_scratch) X(hardirq_stack_inuse) X(entry_stack_storage)           \
	X(idt_table) X(sys_call_table) X(asm_fred_entrypoint_user)             \
	X(idt_descr) X(debug_idt_table) X(gdt_page) X(__tss_limit_invalid)     \
	X(cpu_current_top_of_stack)                                            \
	X(page_offset_base) X(vmalloc_base) X(vmemmap_base)                    \
	X(__start_orc_unwind_ip) X(__stop_orc_unwind_ip) X(__start_orc_unwind) \
	X(__start_orc_header) X(orc_fp_entry) X(ret_from_fork)                 \
	X(ret_from_fork_asm) X(__switch_to_asm) X(__preempt_count)             \
	/* tracers and code made at run time */                                \
	X(ftrace_ops_list) X(ftrace_caller) X(ftrace_regs_caller)              \
	X(__entry_text_start) X(__entry_text_end)                              \
	X(__irqentry_text_start) X(__irqentry_text_end)                        \
	X(boot_cpu_data) X(kprobe_insn_slots) X(kprobe_optinsn_slots) X(optimized_callback) \
	X(handle_stack_overflow)                                               \
	X(bpf_kallsyms) X(arch_rethook_trampoline) X(__kretprobe_trampoline)   \
	X(kretprobe_trampoline) X(kretprobe_inst_table) X(return_to_handler)   \
	X(cached_stacks) X(espfix_stack) X(system_state)                       \
	X(__start_static_call_sites) X(__stop_static_call_sites)               \
	X(fprobe_exit_handler) X(fgraph_array)                                 \
	/* regions of the address space */                                     \
	X(address_markers) X(max_pfn) X(efi_mm) X(__start_rodata)              \
	X(__end_rodata) X(_sdata) X(_edata) X(__init_begin) X(__init_end)      \
	X(__bss_start) X(__bss_stop) X(__brk_base) X(__brk_limit)              \
	X(vmap_area_list) X(vmap_nodes) X(nr_vmap_nodes)                       \
	X(purge_vmap_area_list) X(vmap_purge_list) X(pcpu_base_addr)           \
	X(pcpu_first_chunk) X(pcpu_reserved_chunk) X(pcpu_chunk_lists)         \
	X(pcpu_slot) X(pcpu_nr_slots) X(pcpu_unit_offsets) X(pcpu_unit_size)   \
	X(special_mapping_vmops) X(panic_cpu) X(crashing_cpu)                  \
	X(kasan_early_shadow_page) X(kasan_zero_page) X(_entry_trampoline)

#define STK_MEMBER_LIST(X)                                                     \
	X(task_struct, tasks) X(task_struct, pid) X(task_struct, tgid)         \
	X(task_struct, comm) X(task_struct, stack) X(task_struct, thread)      \
	X(task_struct, __state) X(task_struct, state)                          \
	X(task_struct, exit_state) X(task_struct, flags)                       \
	X(task_struct, mm) X(mm_struct, pgd)                                   \
	X(task_struct, on_cpu) X(task_struct, cpu) X(task_struct, thread_info) \
	X(task_struct, signal) X(task_struct, thread_node) X(thread_info, cpu) \
	X(task_struct, nvcsw) X(task_struct, nivcsw)                           \
	X(thread_struct, sp) X(signal_struct, thread_head) X(rq, idle)         \
	X(rq, curr) X(task_struct, thread_pid) X(pid, numbers) X(upid, nr)     \
	X(task_struct, stack_vm_area) X(pcpu_hot, preempt_count)   \
	X(task_struct, on_rq)                                                  \
	X(task_struct, pid_links) X(task_struct, pids) X(pid, tasks)           \
	X(upid, ns) X(upid, pid_chain)                                         \
	X(pid_namespace, idr) X(idr, idr_rt) X(xarray, xa_head)                \
	X(xa_node, slots) X(radix_tree_root, rnode) X(radix_tree_node, slots)  \
	X(pcpu_hot, current_task) X(pcpu_hot, top_of_stack)                    \
	X(pcpu_hot, hardirq_stack_ptr) X(pcpu_hot, hardirq_stack_inuse)        \
	X(module, list) X(module, name) X(module, arch)                        \
	X(module, static_call_sites) X(module, num_static_call_sites)          \
	X(module, kallsyms) X(module, core_layout) X(module, init_layout)      \
	X(module, mem) X(module_memory, base) X(module_memory, size)           \
	X(module_layout, base) X(module_layout, size)                          \
	X(module_layout, text_size) X(mod_kallsyms, symtab)                    \
	X(mod_kallsyms, num_symtab) X(mod_kallsyms, strtab)                    \
	X(mod_kallsyms, typetab)                                               \
	X(mod_arch_specific, num_orcs) X(mod_arch_specific, orc_unwind)        \
	X(mod_arch_specific, orc_unwind_ip) X(inactive_task_frame, bp)         \
	X(inactive_task_frame, ret_addr) X(inactive_task_frame, bx)            \
	X(inactive_task_frame, r12) X(inactive_task_frame, r13)                \
	X(inactive_task_frame, r14) X(inactive_task_frame, r15)                \
	X(tss_struct, x86_tss) X(x86_hw_tss, sp0) X(x86_hw_tss, sp1)           \
	X(x86_hw_tss, sp2) X(x86_hw_tss, ist) X(x86_hw_tss, io_bitmap_base)    \
	X(tss_struct, io_bitmap) X(x86_io_bitmap, bitmap)                      \
	X(x86_io_bitmap, mapall) X(cpu_entry_area, gdt)                        \
	X(cpu_entry_area, entry_stack_page) X(cpu_entry_area, tss)             \
	X(cpu_entry_area, estacks) X(cpu_entry_area, exception_stacks)         \
	X(cea_exception_stacks, DF_stack) X(cea_exception_stacks, NMI_stack)   \
	X(cea_exception_stacks, DB2_stack) X(cea_exception_stacks, DB1_stack)  \
	X(cea_exception_stacks, DB_stack) X(cea_exception_stacks, MCE_stack)   \
	X(cea_exception_stacks, VC_stack) X(cea_exception_stacks, VC2_stack)   \
	X(exception_stacks, DF_stack) X(exception_stacks, NMI_stack)           \
	X(exception_stacks, DB2_stack) X(exception_stacks, DB1_stack)          \
	X(exception_stacks, DB_stack) X(exception_stacks, MCE_stack)           \
	X(exception_stacks, VC_stack) X(exception_stacks, VC2_stack)           \
	X(orc_entry, end) X(orc_entry, signal) X(ftrace_ops, next)             \
	X(ftrace_ops, trampoline) X(ftrace_ops, trampoline_size)               \
	X(cpuinfo_x86, x86_capability) X(kprobe_insn_cache, pages) X(kprobe_insn_page, list) \
	X(kprobe_insn_page, insns)                                             \
	X(bpf_ksym, start) X(bpf_ksym, end) X(bpf_ksym, name)                  \
	X(bpf_ksym, lnode) X(task_struct, rethooks) X(rethook_node, llist)     \
	X(rethook_node, ret_addr) X(rethook_node, frame)                       \
	X(rethook_node, rethook) X(rethook, handler)                           \
	X(task_struct, kretprobe_instances) X(kretprobe_instance, llist)       \
	X(kretprobe_instance, hlist) X(kretprobe_instance, fp)                 \
	X(kretprobe_instance, ret_addr) X(kretprobe_instance, task)            \
	X(task_struct, ret_stack) X(task_struct, curr_ret_stack)               \
	X(ftrace_ret_stack, ret) X(ftrace_ret_stack, retp)                     \
	X(uts_namespace, name) X(new_utsname, nodename)                        \
	X(new_utsname, version)                                                \
	X(vmap_area, va_start) X(vmap_area, va_end) X(vmap_area, list)         \
	X(vmap_area, vm) X(vmap_area, purge_list) X(vm_struct, addr)           \
	X(vm_struct, size) X(vm_struct, flags) X(vm_struct, phys_addr)         \
	X(vm_struct, caller) X(vmap_node, busy) X(vmap_node, lazy)             \
	X(rb_list, head) X(pcpu_chunk, list) X(pcpu_chunk, base_addr)          \
	X(pcpu_chunk, nr_pages) X(pcpu_chunk, end_offset)                      \
	X(mm_struct, mm_mt) X(mm_struct, mmap)                                 \
	X(mm_struct, start_brk) X(mm_struct, brk) X(mm_struct, start_stack)    \
	X(vm_area_struct, vm_start) X(vm_area_struct, vm_end)                  \
	X(vm_area_struct, vm_next) X(vm_area_struct, vm_flags)                 \
	X(vm_area_struct, vm_file) X(vm_area_struct, vm_ops)                   \
	X(vm_area_struct, vm_private_data) X(vm_special_mapping, name)         \
	X(file, f_path) X(path, dentry) X(dentry, d_name) X(qstr, name)        \
	X(maple_tree, ma_root) X(maple_range_64, pivot)                        \
	X(maple_range_64, slot) X(maple_arange_64, pivot)                      \
	X(maple_arange_64, slot) X(maple_range_64, meta)                       \
	X(maple_arange_64, meta) X(module, percpu) X(module, percpu_size)      \
	X(module_layout, ro_size) X(module_layout, ro_after_init_size)         \
	X(cpu_entry_area, cpu_debug_store)                                     \
	X(cpu_entry_area, cpu_debug_buffers)                                   \
	X(cpu_entry_area, entry_trampoline)

#define STK_SIZE_LIST(X)                                                       \
	X(thread_union) X(irq_stack) X(irq_stack_union) X(inactive_task_frame) \
	X(entry_stack) X(cpu_entry_area)                                       \
	X(module_memory) X(ftrace_ret_stack)                                   \
	X(x86_hw_tss) X(vm_stack)                                              \
	X(vmap_area) X(vm_struct) X(vmap_node) X(page) X(addr_marker)
/* clang-format on */

enum stk_symbol_id {
#define STK_ID(name) STK_SYM_##name,
	STK_SYMBOL_LIST(STK_ID)
#undef STK_ID
		STK_NR_SYMBOLS
};

enum stk_member_id {
#define STK_ID(type, member) STK_MEM_##type##_##member,
	STK_MEMBER_LIST(STK_ID)
#undef STK_ID
		STK_NR_MEMBERS
};

enum stk_size_id {
#define STK_ID(type) STK_SIZE_##type,
	STK_SIZE_LIST(STK_ID)
#undef STK_ID
		STK_NR_SIZES
};

#define stk_sym(s, name, out)		 stk_sym_id(s, STK_SYM_##name, out)
#define stk_member(s, type, member, out) stk_member_id(s, STK_MEM_##type##_##member, out)
#define stk_size(s, type, out)		 stk_size_id(s, STK_SIZE_##type, out)

enum stk_status stk_sym_id(struct stk *s, enum stk_symbol_id id, uint64_t *addr);
enum stk_status stk_member_id(struct stk *s, enum stk_member_id id,
			      struct stk_member *out);
enum stk_status stk_size_id(struct stk *s, enum stk_size_id id, uint32_t *size);

const char *stk_symbol_id_name(enum stk_symbol_id id);

/* Is the symbol there? */
#define stk_has_sym(s, name) stk_has_sym_id(s, STK_SYM_##name)
bool stk_has_sym_id(struct stk *s, enum stk_symbol_id id);

/*
 * Read a member that holds an integer of 1, 2, 4 or 8 bytes, or a pointer, from the
 * object at @base.
 */
#define stk_read_member(s, base, type, member, out)                                      \
	stk_read_member_id(s, base, STK_MEM_##type##_##member, out)
enum stk_status stk_read_member_id(struct stk *s, uint64_t base, enum stk_member_id id,
				   uint64_t *value);

/* The value of a VMCOREINFO line, or NULL; and that value as a number. */
const char *stk_vmcoreinfo(struct stk *s, const char *key);
bool stk_vmcoreinfo_number(struct stk *s, const char *key, int base, uint64_t *value);

#endif
