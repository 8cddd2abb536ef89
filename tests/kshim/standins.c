// SPDX-License-Identifier: GPL-2.0
/* Stand-ins for image.c and socket.c, for the tests of single tables. */
#include <linux/rculist.h>
#include "image.h"
#include "socket.h"
#include "standins.h"
#include "support.h"

static struct hlist_head images;

struct sp_image *support_image(u64 id)
{
	struct sp_image *image = calloc(1, sizeof(*image));

	image->info.id = id;
	refcount_set(&image->refs, 1);
	hlist_add_head_rcu(&image->node, &images);
	return image;
}

static void image_free(struct rcu_head *rcu)
{
	free(container_of(rcu, struct sp_image, rcu));
}

u32 support_waiting(const struct sp_image *image)
{
	u32 sum = 0, i;

	for (i = 0; i < SP_IMAGE_SHARES; i++)
		sum += atomic_read(&image->pending[i]);
	return sum;
}

void sp_image_put(struct sp_image *image)
{
	if (!image || !refcount_dec_and_test(&image->refs))
		return;
	ck_assert_uint_eq(support_waiting(image), 0);
	hlist_del_rcu(&image->node);
	call_rcu(&image->rcu, image_free);
}

u32 support_images(void)
{
	struct sp_image *image;
	u32 count = 0;

	hlist_for_each_entry(image, &images, node)
		count++;
	return count;
}

struct sock *sp_socket_get(struct sock *sk)
{
	if (sk)
		sk->refs++;
	return sk;
}

void sp_socket_put(struct sock *sk)
{
	if (sk)
		sk->refs--;
}

bool sp_socket_is_closed(const struct sock *sk)
{
	return sk && sk->closed;
}
