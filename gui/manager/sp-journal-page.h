/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was changed about the rules, newest first. */
#pragma once

#include <adwaita.h>

#include "changes.h"
#include "journal.h"

#define SP_TYPE_JOURNAL_PAGE (sp_journal_page_get_type())
G_DECLARE_FINAL_TYPE(SpJournalPage, sp_journal_page, SP, JOURNAL_PAGE, AdwBin)

GtkWidget *sp_journal_page_new(SpJournal *journal, SpChanges *changes);
