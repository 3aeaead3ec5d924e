/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Assembly without a function: of this unit there is no more than itself. */
	.text
	nop
	.section .note.GNU-stack, "", @progbits
