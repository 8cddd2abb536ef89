/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long the answer holds: one of the lifetimes that are offered. */
#pragma once

#include <gtk/gtk.h>

#include "question.h"

#define SP_TYPE_LIFETIME_ROW (sp_lifetime_row_get_type())
G_DECLARE_FINAL_TYPE(SpLifetimeRow, sp_lifetime_row, SP, LIFETIME_ROW, GtkBox)

GtkWidget *sp_lifetime_row_new(void);
/* Begins with the one that the question suggests. Signal "changed". */
void sp_lifetime_row_set(SpLifetimeRow *self, const struct sp_question *question);
/* Nothing where it is not offered. */
void sp_lifetime_row_choose(SpLifetimeRow *self, const char *lifetime);
const char *sp_lifetime_row_get(SpLifetimeRow *self);	/* as the question names it */
