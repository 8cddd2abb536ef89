/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What makes flows one question: same user, program and destination. A program without
 * a path of its own is who it is by its container, too.
 */
#pragma once

#include <glib.h>
#include "sallyport.h"

struct sp_question_key {
	guint64 image;
	guint64 cgroup;		/* 0: whichever */
	guint8 remote[16];
	guint32 uid;
	guint16 port;		/* out: the remote one; in: the local one */
	guint8 direction, protocol;
};
G_STATIC_ASSERT(sizeof(struct sp_question_key) == 40);	/* no padding: hashed as bytes */

void sp_question_key_of(const struct sallyport_flow *flow, const struct sallyport_image *image,
			struct sp_question_key *key);
guint sp_question_key_hash(const void *key);
gboolean sp_question_key_equal(const void *a, const void *b);
