// SPDX-License-Identifier: GPL-2.0
/* What the tests of kmod/ share, a stand-in for image.c included. */
#include <arpa/inet.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "flow_cache.h"
#include "image.h"
#include "socket.h"
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

void sp_image_put(struct sp_image *image)
{
	if (!image || !refcount_dec_and_test(&image->refs))
		return;
	ck_assert_int_eq(atomic_read(&image->pending), 0);
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

struct sp_flow_desc support_desc(struct sp_image *image, u64 cookie, u8 host,
				 u16 port)
{
	struct in6_addr remote = { .s6_addr = { [10] = 0xff, 0xff, 192, 0, 2 } };
	struct in6_addr local = { .s6_addr = { [10] = 0xff, 0xff, 10, 0, 0, 1 } };
	struct sp_flow_desc desc = {
		.image = image,
		.process = 7,
		.cgroup = 8,
		.uid = 1000,
		.pid = 9,
	};

	remote.s6_addr[15] = host;
	desc.key = (struct sp_flow_key) {
		.cookie = cookie,
		.remote = remote,
		.remote_port = htons(port),
		.local_port = htons(40000),
		.ifindex = 2,
		.protocol = IPPROTO_UDP,
		.family = AF_INET,
	};
	desc.wire = (struct sp_wire_key) {
		.local = local,
		.remote = remote,
		.local_port = htons(40000),
		.remote_port = htons(port),
		.netns = 1,
		.protocol = IPPROTO_UDP,
		.family = AF_INET,
	};
	return desc;
}

void support_protocol(struct sp_flow_desc *desc, u8 protocol)
{
	desc->key.protocol = protocol;
	desc->wire.protocol = protocol;
}

u8 support_hit(const struct sp_flow_key *key, u8 direction, u32 bytes,
	       u32 packets)
{
	struct sp_flow_words words;

	memcpy(&words, key, sizeof(words));
	return sp_cache_hit(&words, direction, bytes, packets);
}

void support_enter(void)
{
	local_bh_disable();
	rcu_read_lock();
}

void support_leave(void)
{
	rcu_read_unlock();
	local_bh_enable();
}

int support_run(TCase *tcase)
{
	Suite *suite = suite_create("kshim");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 120);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
