/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See effect.h. */
#include "effect.h"

#include <glib/gi18n-lib.h>

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

/* Of a password's dialog: polkit puts in what it is about. */
static const struct {
	const char *action, *message;
} takes[] = {
	[SP_EFFECT_NONE] = { NULL, NULL },
	[SP_EFFECT_OWN_NARROW] = { SP_ACTION("rules-own-narrow"),
		N_("Authentication is required to change your firewall rules: $(what)") },
	[SP_EFFECT_OWN_WIDEN] = { SP_ACTION("rules-own-widen"),
		N_("Authentication is required to let your programs use more of the network: $(what)") },
	[SP_EFFECT_SYSTEM] = { SP_ACTION("rules-system"),
		N_("Authentication is required to change firewall rules of the system or of other users: $(what)") },
	[SP_EFFECT_FLOOR] = { SP_ACTION("floor"),
		N_("Authentication is required to change firewall rules that nothing overrides: $(what)") },
	[SP_EFFECT_MODE] = { SP_ACTION("mode"),
		N_("Authentication is required to change the firewall's mode: $(what)") },
};

const char *sp_effect_action(enum sp_effect effect)
{
	return takes[effect].action;
}

const char *sp_effect_message(enum sp_effect effect)
{
	return takes[effect].message;
}
