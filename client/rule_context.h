/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What rules are read with where a person types them: names of users, this boot, this session. */
#pragma once

#include <glib.h>

#include "decide.h"
#include "text.h"

/* @owner: where a rule names none. Valid until the next call. */
const struct sp_text_context *sp_rule_text_context(guint32 owner);
/* What decides where no rule does. @status: of Manager.GetStatus; NULL: as it is set up. */
struct sp_defaults sp_rule_defaults(GVariant *status);
