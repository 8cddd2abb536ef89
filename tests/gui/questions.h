/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions as the daemon asks them, for tests of windows and words. */
#pragma once

#include "question.h"

/* curl to 192.0.2.1 port 443 by the user himself; @more (may be NULL): other keys. */
struct sp_question *gui_question(guint64 id, GVariantDict *more);
/* The same with one text changed. */
struct sp_question *gui_question_with(guint64 id, const char *key, const char *text);
