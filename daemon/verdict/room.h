/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much may wait: for people, and in the kernel for us.
 *
 * People are asked questions. Flows that are one question (question_key.h) take the place of
 * one of their program's: a browser opens a dozen connections to a host at once. Flows
 * themselves are bounded as well: of a program, a user, and in all.
 *
 * A flow that a rule decides waits too, for a moment: a browser that opens twenty
 * connections to hosts of its rules has them all under way before the first is
 * decided. They take no place from questions, nor questions from them; what one
 * program may have under way is bounded all the same, because others' flows come
 * after them in the queue.
 */
#pragma once

#include <stdbool.h>
#include "sallyport.h"
#include "waiting.h"

/* What the kernel is told, when so much may wait for people. */
struct sallyport_pending_limits
sp_room_in_flight(const struct sallyport_pending_limits *asked);

/*
 * May @flow, which is not asked about, wait for a person? False: @limit says which of
 * SALLYPORT_STAT_LIMIT_* is reached.
 */
bool sp_room_for(const struct sallyport_pending_limits *asked,
			  const struct sp_waiting_table *table,
			  const struct sp_waiting_flow *flow, enum sallyport_stat *limit);
