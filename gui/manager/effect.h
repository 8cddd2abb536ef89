/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a rule that is being written would mean for the others, and for recorded flows. */
#pragma once

#include "decide.h"
#include "rules.h"

/*
 * In words, a line each; "": nothing. Looked for in a thread. @draft: as it would be;
 * @edited: the number of the rule that it replaces, or 0. @records: of History.Recent
 * (aa{sv}), judged by @defaults where no rule is about them; NULL: there are none.
 */
void sp_effect_look(SpRules *rules, guint64 edited, const struct sp_rule *draft, GVariant *records,
		    const struct sp_defaults *defaults, GCancellable *cancellable,
		    GAsyncReadyCallback ready, gpointer data);
char *sp_effect_finish(GAsyncResult *result, GError **error);
