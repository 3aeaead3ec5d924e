/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "about_address.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../../arch/arch.h"
#include "../../base/context.h"
#include "../findings.h"
#include "../poison.h"

/* What is not found in a place that is known: by the kind of its region. */
static const char *const nothing_there[] = {
	[STK_REGION_VMALLOC] = ", where nothing is allocated: freed, or never was",
	[STK_REGION_MODULES] = ", where no module is: unloaded, or never was",
	[STK_REGION_DIRECT] = ", where no memory is mapped",
};

static void about_task(const struct stk_place *p, char *text, size_t size)
{
	const struct stk_object *o = &p->object;
	char who[120] = "";

	if (p->has_task)
		stk_finding_task(&p->task, who, sizeof(who));
	if (o->state == STK_OBJECT_GAP)
		snprintf(text, size, "between two objects of the type %s", o->what);
	else
		snprintf(text, size, "in the %s of %s%s%s%s", o->what,
			 *who ? who : "no task", o->why ? " (" : "", o->why ? o->why : "",
			 o->why ? ")" : "");
}

static void about_stack(const struct stk_place *p, char *text, size_t size)
{
	char who[120] = "";

	if (p->has_task)
		stk_finding_task(&p->task, who, sizeof(who));
	snprintf(text, size, "%s the %s stack%s%s, %s",
		 !p->guard	? "on"
		 : p->guard < 0 ? "in the guard page below"
				: "in the guard page above",
		 stk_stack_kind_name(p->stack.kind), *who ? " of " : "", who,
		 stk_state_name(p->state));
}

static void about_area(struct stk *s, const struct stk_place *p, char *text, size_t size)
{
	const struct stk_area *a = &p->area;
	char place[256] = "";
	struct stk_name by = { 0 };

	if (a->caller) {
		stk_symbolize(s, a->caller, true, &by);
		stk_finding_place(&by, place, sizeof(place));
	}
	snprintf(text, size, "%s %s%s%.80s of %" PRIu64 " bytes%s%s",
		 a->in_guard ? "in the guard page behind" : "in", a->what,
		 a->name ? " of " : "", a->name ? a->name : "",
		 (a->guard ? a->guard : a->end) - a->begin,
		 by.function ? ", allocated by " : "", by.function ? place : "");
}

static void about_user(const struct stk_place *p, char *text, size_t size)
{
	char who[120] = "this task";

	if (p->has_task)
		stk_finding_task(&p->task, who, sizeof(who));
	if (p->area.access)
		snprintf(text, size, "user memory of %s: %s%s%.80s", who, p->area.access,
			 p->area.name ? " " : "", p->area.name ? p->area.name : "");
	else
		snprintf(text, size, "a user address, at which %s has nothing mapped",
			 who);
}

const char *stk_about_address(struct stk *s, const struct stk_place *p, char *text,
			      size_t size)
{
	char place[256];
	const char *none = "";

	if (p->has_stack) {
		about_stack(p, text, size);
	} else if (p->object.what) {
		about_task(p, text, size);
	} else if (p->region_kind == STK_REGION_USER) {
		about_user(p, text, size);
	} else if (p->name.function) {
		stk_finding_place(&p->name, place, sizeof(place));
		snprintf(text, size, "%s, in the %s%s", place,
			 p->area.what ? p->area.what : p->region,
			 p->percpu ? ", per CPU" : "");
	} else if (p->area.what && strcmp(p->area.what, p->region) != 0) {
		about_area(s, p, text, size);
	} else {
		if ((size_t)p->region_kind <
			    sizeof(nothing_there) / sizeof(nothing_there[0]) &&
		    p->phys_status == STK_ERR_UNMAPPED && nothing_there[p->region_kind])
			none = nothing_there[p->region_kind];
		snprintf(text, size, "in the region \"%s\"%s", p->region, none);
	}
	return text;
}

/* ---- what is no address ---- */

/* Memory of the kernel that is there. */
static bool is_mapped(struct stk *s, uint64_t addr)
{
	struct stk_place place = { .addr = addr };
	uint64_t phys;

	s->arch->region(s, addr, &place);
	return place.region_kind != STK_REGION_INVALID &&
	       place.region_kind != STK_REGION_HOLE &&
	       place.region_kind != STK_REGION_USER &&
	       !s->arch->translate(s, addr, &phys);
}

/* Which one or two bits of @value, changed, make a mapped kernel address of it. */
static unsigned int wrong_bits(struct stk *s, uint64_t value, uint64_t *meant,
			       uint64_t bit[2])
{
	for (bit[0] = 1; bit[0]; bit[0] <<= 1)
		if (is_mapped(s, *meant = value ^ bit[0]))
			return 1;
	for (bit[0] = 1; bit[0]; bit[0] <<= 1)
		for (bit[1] = 1; bit[1] < bit[0]; bit[1] <<= 1)
			if (is_mapped(s, *meant = value ^ bit[0] ^ bit[1]))
				return 2;
	return 0;
}

bool stk_about_no_address(struct stk *s, uint64_t value, char *text, size_t size)
{
	const struct stk_poison *poison = stk_poison_of(value);
	uint64_t meant, bit[2];
	unsigned int nr;
	char chars[9];

	if (poison && poison->value == value) {
		snprintf(text, size, "%s: %s", poison->name, poison->why);
	} else if (poison) {
		snprintf(text, size, "%s%c0x%" PRIx64 ": %s", poison->name,
			 value > poison->value ? '+' : '-',
			 value > poison->value ? value - poison->value
					       : poison->value - value,
			 poison->why);
	} else if (stk_poison_text(value, chars)) {
		snprintf(text, size,
			 "the characters \"%s\": a string was written over it", chars);
	} else if ((nr = wrong_bits(s, value, &meant, bit)) == 1) {
		snprintf(text, size,
			 "the mapped kernel address 0x%" PRIx64 " with bit %d wrong",
			 meant, __builtin_ctzll(bit[0]));
	} else if (nr == 2) {
		snprintf(text, size,
			 "the mapped kernel address 0x%" PRIx64
			 " with bits %d and %d wrong",
			 meant, __builtin_ctzll(bit[1]), __builtin_ctzll(bit[0]));
	} else {
		return false;
	}
	return true;
}
