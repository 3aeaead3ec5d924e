/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests say of findings. */
#ifndef STK_TEST_FINDINGS_H
#define STK_TEST_FINDINGS_H

#include "report/triage.h"

/* What it is about is @want: "CPU 1, PID 227, 0xADDRESS, function [module]". */
void expect_about(const struct stk_finding *f, const char *want);

#endif
