/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cfi.h - DWARF call frame information of an image. */
#ifndef STK_CFI_H
#define STK_CFI_H

#include "elf_file.h"

/* As struct stk_debuginfo_ops has it. */
enum stk_status stk_cfi_caller(struct stk_elf *image, uint64_t pc,
			       struct stk_cfi_frame *frame, stk_cfi_read *read,
			       void *ctx);

#endif
