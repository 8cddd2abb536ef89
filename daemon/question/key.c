/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See key.h. */
#include "key.h"

#include <arpa/inet.h>
#include <string.h>
#include "verdict/facts.h"

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

guint sp_question_key_hash(const void *key)
{
	const guint8 *bytes = key;
	guint hash = 5381;

	for (size_t i = 0; i < sizeof(struct sp_question_key); i++)
		hash = hash * 33 + bytes[i];
	return hash;
}

gboolean sp_question_key_equal(const void *a, const void *b)
{
	return !memcmp(a, b, sizeof(struct sp_question_key));
}
