/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See effect.h. */
#include "effect.h"

#include "methods.h"

/* Of a rule that is there on one side of the change only. */
static enum sp_effect effect_of_one(const struct sp_rule *rule, gboolean added, guint32 caller)
{
	gboolean allows = rule->action == SP_ALLOW && !rule->unconfirmed;	/* else it asks */

	if (rule->floor)
		return SP_EFFECT_FLOOR;
	if (rule->owner == SP_SYSTEM || rule->owner != caller)
		return SP_EFFECT_SYSTEM;
	if (!rule->enabled)
		return SP_EFFECT_OWN_NARROW;
	/* An ask less may let the default allow; an ask more lets a person decide. */
	return allows == added ? SP_EFFECT_OWN_WIDEN : SP_EFFECT_OWN_NARROW;
}

enum sp_effect sp_effect_of(const struct sp_rule *before, const struct sp_rule *after,
			    guint32 caller)
{
	enum sp_effect effect = SP_EFFECT_NONE;

	if (before)
		effect = effect_of_one(before, FALSE, caller);
	if (after)
		effect = MAX(effect, effect_of_one(after, TRUE, caller));
	return effect;
}

const char *sp_effect_action(enum sp_effect effect)
{
	switch (effect) {
	case SP_EFFECT_NONE:
		return NULL;
	case SP_EFFECT_OWN_NARROW:
		return SP_ACTION("rules-own-narrow");
	case SP_EFFECT_OWN_WIDEN:
		return SP_ACTION("rules-own-widen");
	case SP_EFFECT_SYSTEM:
		return SP_ACTION("rules-system");
	case SP_EFFECT_FLOOR:
		return SP_ACTION("floor");
	}
	g_assert_not_reached();
}
