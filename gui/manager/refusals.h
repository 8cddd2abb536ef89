/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was refused because nobody answered, or nobody could be asked: a GListModel of
 * SpRefusal, one for each program and place, the latest first.
 */
#pragma once

#include "items.h"
#include "draft.h"
#include "query.h"

#define SP_TYPE_REFUSAL (sp_refusal_get_type())
G_DECLARE_FINAL_TYPE(SpRefusal, sp_refusal, SP, REFUSAL, GObject)

char *sp_refusal_title(SpRefusal *self);	/* "curl → 192.0.2.1 port 443" */
/* "Missed: nobody answered in time · 3 times, at 14:02:11 for the last time" */
char *sp_refusal_detail(SpRefusal *self);
const char *sp_refusal_program(SpRefusal *self);
/* NULL: the program is not known, and a rule would be for any. */
struct sp_draft *sp_refusal_draft(SpRefusal *self, enum sp_action action);

#define SP_TYPE_REFUSALS (sp_refusals_get_type())
G_DECLARE_FINAL_TYPE(SpRefusals, sp_refusals, SP, REFUSALS, SpItems)

SpRefusals *sp_refusals_new(SpLink *link);
SpQuery *sp_refusals_query(SpRefusals *self);
