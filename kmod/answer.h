/* SPDX-License-Identifier: GPL-2.0 */
/* The daemon's answers to flows that wait. */
#ifndef _SALLYPORT_ANSWER_H
#define _SALLYPORT_ANSWER_H

#include <linux/types.h>
#include "uapi/sallyport.h"

/*
 * Carries out @answer for the @count flows of @ids, as the protocol has it: 0, -ESTALE,
 * -EINVAL, -ENOENT, -ENOSPC, -EEXIST, -ENOMEM. Process context.
 */
int sp_answer(const struct sallyport_answer *answer, const u64 *ids, u32 count);

/* From now on answers of older epochs are refused: none is under way any more. */
void sp_answers_begin_epoch(u64 epoch);

#endif
