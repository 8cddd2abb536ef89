/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules as a text that can be imported again. */
#pragma once

#include "picks.h"

/*
 * Those that are picked, or where none is all of them, but for those of the
 * administrator's files. @count: how many.
 */
char *sp_export_text(SpRules *rules, SpPicks *picks, guint *count);
