/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text_triage.h - the parts of the first screen that have a file of their own. */
#ifndef STK_TEXT_TRIAGE_H
#define STK_TEXT_TRIAGE_H

#include "triage.h"

void stk_text_triage_cpus(FILE *fp, const struct stk_triage *t, bool all);
void stk_text_triage_tasks(FILE *fp, const struct stk_triage *t);
void stk_text_triage_log(FILE *fp, const struct stk_triage *t, bool all);

#endif
