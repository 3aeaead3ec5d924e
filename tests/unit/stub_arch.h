/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stub_arch.h - an architecture that implements only what it must. */
#ifndef STUB_ARCH_H
#define STUB_ARCH_H

#include "arch/arch.h"

extern const struct stk_arch stub_arch;

#endif
