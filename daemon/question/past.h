/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What became of a program's connections lately, to be shown with a question. */
#pragma once

#include "history/history.h"
#include "verdict.h"

struct sp_past {
	gboolean known;
	guint32 allowed, denied, hosts;	/* hosts: addresses it was allowed to */
};

/* Of the same program file, by path, and the same user; as far as @history goes. */
void sp_past_of(const struct sp_history *history, const struct sp_waiting *waiting,
		struct sp_past *past);
