/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * user.S for riscv64: the same modes, and registers that say their own names.
 */
	.globl _start
_start:
	ld	s1, 16(sp)		/* argv[1]: mode */
	ld	s2, 24(sp)		/* argv[2]: a number; a CPU is one digit */
	lbu	s1, 0(s1)
	li	t0, 't'
	beq	s1, t0, threads
	lbu	t1, 0(s2)
	addi	t1, t1, -'0'
	li	t2, 1
	sll	t2, t2, t1
	addi	sp, sp, -16
	sd	t2, 0(sp)
	li	a7, 122			/* sched_setaffinity(0, 8, &mask) */
	li	a0, 0
	li	a1, 8
	mv	a2, sp
	ecall
	li	t0, 'f'
	beq	s1, t0, fault

	jal	named_registers
	.globl user_spin_here
user_spin_here:
	j	user_spin_here

fault:
	li	a7, 222			/* mmap(0, 4096, RW, PRIVATE|ANON, -1, 0) */
	li	a0, 0
	li	a1, 4096
	li	a2, 3
	li	a3, 0x22
	li	a4, -1
	li	a5, 0
	ecall
	sd	a0, 0(sp)
1:	jal	named_registers
	ld	a0, 0(sp)
	.globl user_fault_here
user_fault_here:
	sd	a1, 0(a0)
	li	a7, 233			/* madvise(page, 4096, MADV_DONTNEED) */
	li	a1, 4096
	li	a2, 4
	ecall
	j	1b

threads:
	li	s3, 0
	li	t2, 10
2:	lbu	t1, 0(s2)
	addi	s2, s2, 1
	addi	t1, t1, -'0'
	bltz	t1, 3f
	mul	s3, s3, t2
	add	s3, s3, t1
	j	2b
	/* They share one stack, which none of them uses. */
3:	li	a7, 220			/* clone() */
	li	a0, 0x50f00		/* VM, FS, FILES, SIGHAND, THREAD, SYSVSEM */
	mv	a1, sp
	li	a2, 0
	li	a3, 0
	li	a4, 0
	ecall
	beqz	a0, 4f
	addi	s3, s3, -1
	bnez	s3, 3b
4:	li	a7, 73			/* ppoll(0, 0, 0, 0) */
	li	a0, 0
	li	a1, 0
	li	a2, 0
	li	a3, 0
	ecall
	j	4b

	.macro	name_register n
	li	x\n, 0x5ca0
	slli	x\n, x\n, 48
	ori	x\n, x\n, 0x\n
	.endm

/* All but ra and sp, which are in use. */
named_registers:
	.irp	n, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, \
		21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	name_register \n
	.endr
	ret
	.section .note.GNU-stack,"",%progbits
