/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a rule that a caller wrote still needs: users' names, an end, its maker. */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>
#include "rule.h"

/* For struct sp_text_context; may need a directory service, so workers alone call it. */
bool sp_rule_find_user(const char *name, uint32_t *uid);

/* The option "lifetime" ("15m", "1h", "2d") in ns; 0 where there is none. */
gboolean sp_rule_lifetime(GVariant *options, gint64 *lifetime, GError **error);

/* Made now, by @uid. NULL, or why it can't be. */
const char *sp_rule_made(struct sp_rule *rule, gint64 lifetime, guint32 uid);
