/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The person chooses a file: by the desktop's own dialog, or a portal's. */
#pragma once

#include <gtk/gtk.h>

#include "changes.h"
#include "picks.h"

/* Then the window of sp-import.h over @parent. */
void sp_dialog_import(GtkWindow *parent, SpRules *rules, SpChanges *changes);
/* Then the rules of sp_export_text() are written; @changes tells of that. */
void sp_dialog_export(GtkWindow *parent, SpRules *rules, SpPicks *picks, SpChanges *changes);
