/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A switch for the rules that let every program ask the machine's own name servers. Where
 * there are none, it is not to be seen.
 */
#pragma once

#include <adwaita.h>

#include "changes.h"
#include "rules.h"

#define SP_TYPE_RESOLVER_ROW (sp_resolver_row_get_type())
G_DECLARE_FINAL_TYPE(SpResolverRow, sp_resolver_row, SP, RESOLVER_ROW, AdwActionRow)

void sp_resolver_row_set(SpResolverRow *self, SpRules *rules, SpChanges *changes);
