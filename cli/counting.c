/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See counting.h; daemon/policy_compile.c does the same. */
#include "counting.h"

#include <string.h>

gsize sp_counting_rules(struct sp_rule *rules, gsize count, const char *mode,
			struct sp_defaults *defaults)
{
	gboolean lockdown = !strcmp(mode, "lockdown");
	gsize counting = 0;

	for (gsize i = 0; i < count; i++) {
		if (lockdown && !rules[i].floor)
			continue;
		rules[counting] = rules[i];
		if (rules[counting].unconfirmed)
			rules[counting].action = SP_ASK;
		counting++;
	}
	if (lockdown)
		*defaults = (struct sp_defaults){ .out = SP_DENY, .in = SP_DENY };
	return counting;
}
