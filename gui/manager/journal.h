/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was changed, newest first: a GListModel of SpJournalChange, each with what it did to rules. */
#pragma once

#include "items.h"
#include "query.h"

#define SP_TYPE_JOURNAL_CHANGE (sp_journal_change_get_type())
G_DECLARE_FINAL_TYPE(SpJournalChange, sp_journal_change, SP, JOURNAL_CHANGE, GObject)

guint64 sp_journal_change_number(SpJournalChange *self);
gint64 sp_journal_change_time(SpJournalChange *self);		/* µs */
gboolean sp_journal_change_undone(SpJournalChange *self);
/* It is one that can be turned round: no undo, redo or expiry. */
gboolean sp_journal_change_is_plain(SpJournalChange *self);
/* "Removed: Deny connections by …", a line for each rule; at most @lines. */
char *sp_journal_change_text(SpJournalChange *self, guint lines);
/* "14:02:11 · alice · undone". */
char *sp_journal_change_subtitle(SpJournalChange *self);

#define SP_TYPE_JOURNAL (sp_journal_get_type())
G_DECLARE_FINAL_TYPE(SpJournal, sp_journal, SP, JOURNAL, SpItems)

SpJournal *sp_journal_new(SpLink *link);
SpQuery *sp_journal_query(SpJournal *self);
/* For tests: the entries as Rules.Journal says them, aa{sv}. */
void sp_journal_take(SpJournal *self, GVariant *entries);
