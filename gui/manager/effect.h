/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a rule that is being written would mean for those that are there. */
#pragma once

#include "rules.h"

/*
 * In words, a line each; "": nothing. @draft: as it would be; @edited: the number of the
 * rule that it replaces, or 0.
 */
char *sp_effect_words(SpRules *rules, guint64 edited, const struct sp_rule *draft);
