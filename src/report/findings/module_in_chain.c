/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose code it died in, where that is not the kernel's own. */
#include <string.h>

#include "../../base/context.h"
#include "../culprits.h"
#include "../findings.h"

static bool is_own_code(const char *function)
{
	return stk_culprit_role(function) == STK_ROLE_CODE;
}

static enum stk_status look(struct stk *s, struct stk_triage *t,
			    const struct stk_finding_info *info)
{
	struct stk_signature_frame frame = { 0 };
	const struct stk_event_trace *trace = t->trace;
	struct stk_finding *f;

	if (!t->died || stk_event_kind(t->event->kind)->not_code)
		return STK_OK;
	if (!trace)
		trace = stk_event_any_trace(t->event);
	if (!trace)
		return STK_OK;
	for (size_t nth = 0; stk_trace_frame((void *)(uintptr_t)trace, nth, &frame);
	     nth++) {
		if (frame.doubtful || !frame.module ||
		    (frame.function && !is_own_code(frame.function)))
			continue;
		f = stk_finding_add(
			t, info,
			"%.128s of the module %.64s is the first code of the chain "
			"that is not the kernel's own",
			frame.function ? frame.function : "code without a name",
			frame.module);
		if (!f)
			return STK_ERR_NOMEM;
		f->function = frame.function;
		f->module = frame.module;
		break;
	}
	return STK_OK;
}

const struct stk_finding_info stk_finding_module_in_chain = {
	.id = "module-in-chain",
	.severity = STK_SEVERITY_NOTICE,
	.look = look,
};
