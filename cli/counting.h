/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which rules count, as the daemon has it in force. */
#pragma once

#include <glib.h>

#include "decide.h"

/*
 * Puts those of @rules that count in @mode ("normal", "lockdown", ...) first, as they count:
 * allows that nobody confirmed ask. Returns how many. In lockdown the floor's rules alone
 * do, and @defaults become deny.
 */
gsize sp_counting_rules(struct sp_rule *rules, gsize count, const char *mode,
			struct sp_defaults *defaults);
