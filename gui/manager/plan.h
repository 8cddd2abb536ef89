/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What it would do to bring in the rules of a text (rule language or JSON): an SpItems of
 * SpPlanLine in the text's order. Nothing is done by it.
 */
#pragma once

#include "rules.h"

#define SP_TYPE_PLAN_LINE (sp_plan_line_get_type())
G_DECLARE_FINAL_TYPE(SpPlanLine, sp_plan_line, SP, PLAN_LINE, GObject)

const char *sp_plan_line_sentence(SpPlanLine *self);
const char *sp_plan_line_icon(SpPlanLine *self);
const char *sp_plan_line_effect(SpPlanLine *self);	/* "Added", "Is there already", … */

#define SP_TYPE_PLAN (sp_plan_get_type())
G_DECLARE_FINAL_TYPE(SpPlan, sp_plan, SP, PLAN, SpItems)

/* NULL: an error that says where the text is wrong. */
SpPlan *sp_plan_new(SpRules *rules, const char *text, gsize length, GError **error);
guint sp_plan_count(SpPlan *self);		/* rules that would be added */
const char *sp_plan_text(SpPlan *self);		/* these, for Rules.Import */
