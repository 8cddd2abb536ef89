/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store's rules in memory: an array of struct sp_rule by id (sp_rules_new()). */
#pragma once

#include <glib.h>
#include "store.h"

void sp_rule_list_sort(GArray *rules);
/* NULL: there is none; valid until the list changes. */
const struct sp_rule *sp_rule_list_find(const GArray *rules, guint64 id);

/*
 * What a change set did in the store. Ids of added rules are appended to @ids; who
 * (@uid) and by what way (@how) is for the log.
 */
void sp_rule_list_apply(GArray *rules, const GArray *changes, guint32 uid, const char *how,
			GArray *ids);

/* When the next rule ends after @now, ns of CLOCK_REALTIME; 0: none does. */
gint64 sp_rule_list_next_end(const GArray *rules, gint64 now);
/* Has one ended by @now? */
gboolean sp_rule_list_has_ended(const GArray *rules, gint64 now);
gsize sp_rule_list_unconfirmed(const GArray *rules);
gsize sp_rule_list_count_of(const GArray *rules, guint32 owner);
