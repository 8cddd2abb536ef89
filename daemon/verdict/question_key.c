/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See question_key.h. */
#include <arpa/inet.h>
#include <string.h>
#include "facts.h"
#include "question_key.h"

void sp_question_key_of(const struct sallyport_flow *flow, const struct sallyport_image *image,
			struct sp_question_key *key)
{
	memset(key, 0, sizeof(*key));
	key->image = flow->image;
	key->cgroup = sp_image_pathless(image) ? flow->cgroup : 0;
	memcpy(key->remote, flow->remote, sizeof(key->remote));
	key->uid = flow->uid;
	key->port = ntohs(flow->direction == SALLYPORT_OUT ? flow->remote_port :
							     flow->local_port);
	key->direction = flow->direction;
	key->protocol = flow->protocol;
}

bool sp_question_key_equal(const struct sp_question_key *a, const struct sp_question_key *b)
{
	return !memcmp(a, b, sizeof(*a));
}
