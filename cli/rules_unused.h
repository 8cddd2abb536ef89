/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules that decided nothing for long. */
#pragma once

#include <glib.h>

/* Of @rules (aa{sv}, by id) those that are known not to have been used for @days. */
GVariant *sp_rules_unused(GVariant *rules, guint days);
