/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a change set lets pass that did not pass before, or the other way round. */
#pragma once

#include <glib.h>
#include "store.h"

/* Can nothing be allowed by @changes that was not? @rules: as they are before. */
gboolean sp_changes_tighten(const GArray *rules, const GArray *changes);

#define SP_POLICY_WIDENED_MAX	8	/* rules that are named */

/* What a change that was not an answer lets pass. */
struct sp_widened {
	const struct sp_rule *rules[SP_POLICY_WIDENED_MAX];
	gsize named, count;	/* rules in @rules; in all */
	guint32 owner;		/* of all of them, SP_SYSTEM too where they have several */
	guint32 maker;
	const char *how;
};

/* @widened->maker and ->how stay as they are; FALSE: no rule that allows is made. */
gboolean sp_changes_widen(const GArray *changes, struct sp_widened *widened);
