/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A change of the rules: what, when, by whom; and a button that undoes it, or does it again. */
#pragma once

#include <gtk/gtk.h>

#include "changes.h"
#include "journal.h"

#define SP_TYPE_JOURNAL_ROW (sp_journal_row_get_type())
G_DECLARE_FINAL_TYPE(SpJournalRow, sp_journal_row, SP, JOURNAL_ROW, GtkBox)

GtkWidget *sp_journal_row_new(SpChanges *changes);
void sp_journal_row_set(SpJournalRow *self, SpJournalChange *change);	/* NULL: none */
