/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A window that shows what the rules of a file would change, and then brings them in. */
#pragma once

#include <adwaita.h>

#include "changes.h"
#include "rules.h"

#define SP_TYPE_IMPORT (sp_import_get_type())
G_DECLARE_FINAL_TYPE(SpImport, sp_import, SP, IMPORT, AdwWindow)

GtkWidget *sp_import_new(SpRules *rules, SpChanges *changes, GFile *file);
