/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * user.S for arm64: the same modes, and registers that say their own names.
 */
	.globl _start
_start:
	ldr	x19, [sp, #16]		/* argv[1]: mode */
	ldr	x20, [sp, #24]		/* argv[2]: a number; a CPU is one digit */
	ldrb	w19, [x19]
	cmp	w19, #'t'
	b.eq	threads
	ldrb	w1, [x20]
	sub	w1, w1, #'0'
	mov	x2, #1
	lsl	x2, x2, x1
	str	x2, [sp, #-16]!
	mov	x8, #122		/* sched_setaffinity(0, 8, &mask) */
	mov	x0, #0
	mov	x1, #8
	mov	x2, sp
	svc	#0
	cmp	w19, #'f'
	b.eq	fault

	bl	named_registers
	.globl user_spin_here
user_spin_here:
	b	user_spin_here

fault:
	mov	x8, #222		/* mmap(0, 4096, RW, PRIVATE|ANON, -1, 0) */
	mov	x0, #0
	mov	x1, #4096
	mov	x2, #3
	mov	x3, #0x22
	mov	x4, #-1
	mov	x5, #0
	svc	#0
	str	x0, [sp]
1:	bl	named_registers
	ldr	x0, [sp]
	.globl user_fault_here
user_fault_here:
	str	x1, [x0]
	mov	x8, #233		/* madvise(page, 4096, MADV_DONTNEED) */
	mov	x1, #4096
	mov	x2, #4
	svc	#0
	b	1b

threads:
	mov	x19, #0
	mov	x2, #10
2:	ldrb	w1, [x20], #1
	subs	w1, w1, #'0'
	b.lo	3f
	madd	x19, x19, x2, x1
	b	2b
	/* They share one stack, which none of them uses. */
3:	mov	x8, #220		/* clone() */
	ldr	x0, =0x50f00		/* VM, FS, FILES, SIGHAND, THREAD, SYSVSEM */
	mov	x1, sp
	mov	x2, #0
	mov	x3, #0
	mov	x4, #0
	svc	#0
	cbz	x0, 4f
	subs	x19, x19, #1
	b.ne	3b
4:	mov	x8, #73			/* ppoll(0, 0, 0, 0) */
	mov	x0, #0
	mov	x1, #0
	mov	x2, #0
	mov	x3, #0
	svc	#0
	b	4b

	.macro	name_register n
	movz	x\n, #0x\n
	movk	x\n, #0x5ca0, lsl #48
	.endm

named_registers:
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, \
		19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
	name_register \n
	.endr
	ret
	.section .note.GNU-stack,"",%progbits
