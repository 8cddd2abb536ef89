/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A change as journal.c makes it. */
#pragma once

#include "journal.h"

/* @entry: its first, a{sv}; others follow. */
SpJournalChange *sp_journal_change_new(GVariant *entry);
void sp_journal_change_add(SpJournalChange *self, GVariant *entry);
gboolean sp_journal_change_same(SpJournalChange *self, SpJournalChange *other);
