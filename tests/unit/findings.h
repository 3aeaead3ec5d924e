/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests say of findings. */
#ifndef STK_TEST_FINDINGS_H
#define STK_TEST_FINDINGS_H

#include "report/findings.h"
#include "report/triage.h"

/* What it is about is @want: "CPU 1, PID 227, 0xADDRESS, function [module]". */
void expect_about(const struct stk_finding *f, const char *want);

/* Who has found something, and has no byte of memory to tell it, says so. */
void expect_no_room(struct stk *s, struct stk_triage *t,
		    const struct stk_finding_info *info);
void expect_no_room_for_any(struct stk *s, struct stk_triage *t);

/* All that is told of a machine, to golden. */
void put_triage(struct stk *s, const struct stk_triage *t);
void put_findings(const struct stk_triage *t);
/* All of it but how to prove it, to golden. */
void put_finding(const struct stk_finding *f);
/* Below @sides, the same row of numbers after each seed. */
void dice_seed(uint32_t seed);
unsigned int dice(unsigned int sides);
/* What was written to golden since the last time is that of golden/findings.txt. */
void expect_findings(const char *function, int nth);

#endif
