/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a program is another version than the one that rules allow. */
#include <string.h>
#include "questions_private.h"

static gboolean is_pinned(const struct sp_rule *rule, const struct sp_waiting *waiting)
{
	return rule->enabled && rule->action == SP_ALLOW && rule->hash && rule->program &&
	       (rule->owner == SP_SYSTEM || rule->owner == waiting->flow.uid) &&
	       strlen(rule->program) == waiting->path_length &&
	       !memcmp(rule->program, waiting->path, waiting->path_length);
}

/* Do rules allow what had this path, none of them what is there now? */
gboolean sp_question_is_changed(const struct sp_question *question)
{
	const struct sp_waiting *waiting = question->waiting;
	gboolean changed = FALSE;
	gsize count;
	const struct sp_rule *rule = sp_policy_rules(question->questions->policy, &count);

	for (gsize i = 0; *waiting->hash && i < count; i++, rule++) {
		if (!is_pinned(rule, waiting))
			continue;
		if (!strcmp(rule->hash, waiting->hash))
			return FALSE;
		changed = TRUE;
	}
	return changed;
}
