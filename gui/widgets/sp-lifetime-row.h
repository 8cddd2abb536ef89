/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long the answer holds: one of the lifetimes that are offered. */
#pragma once

#include <gtk/gtk.h>

#include "request.h"

#define SP_TYPE_LIFETIME_ROW (sp_lifetime_row_get_type())
G_DECLARE_FINAL_TYPE(SpLifetimeRow, sp_lifetime_row, SP, LIFETIME_ROW, GtkBox)

GtkWidget *sp_lifetime_row_new(void);
/* What each of @asks offers; begins with the one that the first suggests. Signal "changed". */
void sp_lifetime_row_set(SpLifetimeRow *self, GListModel *asks);
/* The same with others: what is chosen stays so where it can, or is the shortest. */
void sp_lifetime_row_update(SpLifetimeRow *self, GListModel *asks);
const char *sp_lifetime_row_get(SpLifetimeRow *self);	/* as the question names it */
