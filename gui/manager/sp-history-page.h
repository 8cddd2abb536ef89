/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was allowed and refused, over time and by program; what is new, and what was missed. */
#pragma once

#include <adwaita.h>

#include "changes.h"
#include "history.h"
#include "news.h"
#include "refusals.h"

#define SP_TYPE_HISTORY_PAGE (sp_history_page_get_type())
G_DECLARE_FINAL_TYPE(SpHistoryPage, sp_history_page, SP, HISTORY_PAGE, AdwBin)

GtkWidget *sp_history_page_new(SpHistory *history, SpRefusals *refusals, SpNews *news,
			       SpChanges *changes);
/* The focus goes to the search. */
void sp_history_page_search(SpHistoryPage *self);
/* A part of it: "new", "missed"; FALSE: it has no such part. */
gboolean sp_history_page_show(SpHistoryPage *self, const char *part);
