/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Authority by effect: what a change of rules takes, told from what was before
 * and what is after. Greater effects imply the smaller ones.
 */
#pragma once

#include <glib.h>
#include "rule.h"

enum sp_effect {
	SP_EFFECT_NONE,
	SP_EFFECT_OWN_NARROW,	/* the caller's programs may do less */
	SP_EFFECT_OWN_WIDEN,	/* … more */
	SP_EFFECT_SYSTEM,	/* the machine's rules, or another user's */
	SP_EFFECT_FLOOR,	/* rules that nothing overrides */
	SP_EFFECT_MODE,		/* the mode: all rules at once */
};

/* @before NULL: a rule is added; @after NULL: one is removed. */
enum sp_effect sp_effect_of(const struct sp_rule *before, const struct sp_rule *after,
			    guint32 caller);
/* The polkit action that an effect takes; NULL for NONE. */
const char *sp_effect_action(enum sp_effect effect);
/* What a dialog says about it, with "$(what)" in it; NULL for NONE. */
const char *sp_effect_message(enum sp_effect effect);
