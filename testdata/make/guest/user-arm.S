/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A 32-bit process on arm64:
 *   user32 s CPU   spin on that CPU for ever, on one instruction
 *   user32 p CPU   sleep in pause()
 */
	.arm
	.globl _start
_start:
	ldr	r4, [sp, #8]		@ argv[1]: mode
	ldr	r5, [sp, #12]		@ argv[2]: a CPU, one digit
	ldrb	r4, [r4]
	ldrb	r5, [r5]
	sub	r5, r5, #'0'
	mov	r2, #1
	lsl	r2, r2, r5
	push	{r2, r3}
	mov	r7, #241		@ sched_setaffinity(0, 4, &mask)
	mov	r0, #0
	mov	r1, #4
	mov	r2, sp
	svc	#0
	ldr	r0, =0x5ca00000
	.irp	n, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 14
	add	r\n, r0, #\n
	.endr
	cmp	r4, #'p'
	beq	1f
	.globl user32_spin_here
user32_spin_here:
	b	user32_spin_here
1:	mov	r7, #29			@ pause()
	svc	#0
	b	1b
	.section .note.GNU-stack,"",%progbits
