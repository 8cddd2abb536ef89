/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What makes flows one question: same user, program and destination. A program without
 * a path of its own is who it is by its container, too.
 */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include "sallyport.h"

struct sp_question_key {
	uint64_t image;
	uint64_t cgroup;	/* 0: whichever */
	uint8_t remote[16];
	uint32_t uid;
	uint16_t port;		/* out: the remote one; in: the local one */
	uint8_t direction, protocol;
};
static_assert(sizeof(struct sp_question_key) == 40, "no padding: hashed as bytes");

void sp_question_key_of(const struct sallyport_flow *flow, const struct sallyport_image *image,
			struct sp_question_key *key);
bool sp_question_key_equal(const struct sp_question_key *a, const struct sp_question_key *b);
