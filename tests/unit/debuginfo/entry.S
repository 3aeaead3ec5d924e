/* SPDX-License-Identifier: GPL-2.0-or-later */
	.cfi_sections .debug_frame
	.text
	.globl asm_entry, in_asm
	.type asm_entry, @function
asm_entry:
	.cfi_startproc
	push %rbp
	.cfi_adjust_cfa_offset 8
	.cfi_offset %rbp, -16
	.cfi_same_value %rbx
in_asm:
	nop			/* line 13 */
"$d":	ret			/* as assemblers of other machines mark data */
	.cfi_endproc
	.size asm_entry, . - asm_entry
	.globl in_plain

in_plain:
	nop			/* line 20, of no function */
	ret
	.globl asm_moves, in_moves
	.type asm_moves, @function
asm_moves:
	.cfi_startproc
	mov %rbx, %r12
	.cfi_register %rbx, %r12
in_moves:
	nop
	ret
	.cfi_endproc
	.size asm_moves, . - asm_moves
	.globl asm_values, in_values
	.type asm_values, @function
asm_values:
	.cfi_startproc
	.cfi_val_offset %rbx, -24
	nop
in_values:
	nop
	ret
	.cfi_endproc
	.size asm_values, . - asm_values
	.globl asm_at_cfa, in_at_cfa
	.type asm_at_cfa, @function
asm_at_cfa:
	.cfi_startproc
	.cfi_offset %rbx, 0
	nop
in_at_cfa:
	nop
	ret
	.cfi_endproc
	.size asm_at_cfa, . - asm_at_cfa
	.globl asm_broken, in_broken
	.type asm_broken, @function
asm_broken:
	.cfi_startproc
	.cfi_escape 0x10, 3, 1, 0	/* rbx: an expression of no operation */
	nop
in_broken:
	nop
	ret
	.cfi_endproc
	.size asm_broken, . - asm_broken
	/* What lies before the image does not move with it. */
	.globl before_image
	before_image = 0x40
	.section .note.GNU-stack, "", @progbits
