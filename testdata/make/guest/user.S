/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A user process whose every register is known, without libc:
 *   user s CPU    spin on that CPU for ever, on one instruction
 *   user f CPU    take page faults on that CPU for ever, on one instruction
 *   user t NUMBER start so many threads, which sleep
 * One instruction only, so that a print and a dump some time apart find the
 * same RIP, and registers that say their own names.
 */
	.globl _start
_start:
	mov	16(%rsp), %rbx		/* argv[1]: mode */
	mov	24(%rsp), %rsi		/* argv[2]: a number; a CPU is one digit */
	cmpb	$'t', (%rbx)
	je	threads
	movzbl	(%rsi), %ecx
	sub	$'0', %ecx
	mov	$1, %eax
	shl	%cl, %rax
	mov	%rax, mask(%rip)
	mov	$203, %eax		/* sched_setaffinity(0, 8, &mask) */
	xor	%edi, %edi
	mov	$8, %esi
	lea	mask(%rip), %rdx
	syscall
	cmpb	$'f', (%rbx)
	je	fault

	call	named_registers
	.globl user_spin_here
user_spin_here:
	jmp	user_spin_here

fault:
	mov	$9, %eax		/* mmap(0, 4096, RW, PRIVATE|ANON, -1, 0) */
	xor	%edi, %edi
	mov	$4096, %esi
	mov	$3, %edx
	mov	$0x22, %r10d
	mov	$-1, %r8
	xor	%r9d, %r9d
	syscall
	mov	%rax, page(%rip)
1:	call	named_registers
	mov	page(%rip), %rdi
	.globl user_fault_here
user_fault_here:
	mov	%rax, (%rdi)
	mov	$28, %eax		/* madvise(page, 4096, MADV_DONTNEED) */
	mov	$4096, %esi
	mov	$4, %edx
	syscall
	jmp	1b

threads:
	xor	%ebx, %ebx
2:	movzbl	(%rsi), %eax
	inc	%rsi
	sub	$'0', %eax
	jb	3f
	imul	$10, %ebx, %ebx
	add	%eax, %ebx
	jmp	2b
	/* They share one stack, which none of them uses. */
3:	mov	$56, %eax		/* clone() */
	mov	$0x50f00, %edi		/* VM, FS, FILES, SIGHAND, THREAD, SYSVSEM */
	mov	%rsp, %rsi
	xor	%edx, %edx
	xor	%r10d, %r10d
	xor	%r8d, %r8d
	syscall
	test	%rax, %rax
	jz	4f
	dec	%ebx
	jnz	3b
4:	mov	$34, %eax		/* pause() */
	syscall
	jmp	4b

named_registers:
	mov	$0x5ca0000000000001, %rax
	mov	$0x5ca0000000000002, %rbx
	mov	$0x5ca0000000000003, %rcx
	mov	$0x5ca0000000000004, %rdx
	mov	$0x5ca0000000000005, %rsi
	mov	$0x5ca0000000000006, %rdi
	mov	$0x5ca0000000000007, %rbp
	mov	$0x5ca0000000000008, %r8
	mov	$0x5ca0000000000009, %r9
	mov	$0x5ca0000000000010, %r10
	mov	$0x5ca0000000000011, %r11
	mov	$0x5ca0000000000012, %r12
	mov	$0x5ca0000000000013, %r13
	mov	$0x5ca0000000000014, %r14
	mov	$0x5ca0000000000015, %r15
	ret

	.bss
	.balign 8
mask:	.skip	8
page:	.skip	8
	.section .note.GNU-stack,"",@progbits
