/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine.h - machines by their number in ELF, and by the name that uname -m has. */
#ifndef STK_FILE_MACHINE_H
#define STK_FILE_MACHINE_H

#include <stddef.h>
#include <stdint.h>

/* EM_NONE when @name is empty; a number that no table has when it is unknown. */
#define STK_MACHINE_UNKNOWN 0xffffu
uint16_t stk_machine_of(const char *name);

/* "machine 42" in @buf for one without a name. */
const char *stk_machine_name(uint16_t machine, char *buf, size_t size);

#endif
