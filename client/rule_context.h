/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What rules are read with where a person types them: names of users, this boot, this session. */
#pragma once

#include <glib.h>

#include "text.h"

/* @owner: where a rule names none. Valid until the next call. */
const struct sp_text_context *sp_rule_text_context(guint32 owner);
