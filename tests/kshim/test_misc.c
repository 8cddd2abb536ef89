// SPDX-License-Identifier: GPL-2.0
/* kmod/stats.c, kmod/flow_desc.c and kmod/flow_key.h */
#include <linux/string.h>
#include "flow_desc.h"
#include "stats.h"
#include "support.h"

START_TEST(stats_are_summed)
{
	u64 sum[__SALLYPORT_STAT_MAX];
	int i;

	for (shim_cpu = 0; shim_cpu < shim_cpus; shim_cpu++)
		for (i = 0; i <= shim_cpu; i++)
			sp_stat(SALLYPORT_STAT_STALE);
	shim_cpu = 0;
	sp_stat(SALLYPORT_STAT_CACHE_HIT);
	memset(sum, 0xff, sizeof(sum));
	sp_stats_sum(sum);
	for (i = 1; i < SALLYPORT_STAT_STALE; i++)
		ck_assert_uint_eq(sum[i], 0);
	ck_assert_uint_eq(sum[SALLYPORT_STAT_CACHE_HIT], 1);
	ck_assert_uint_eq(sum[SALLYPORT_STAT_STALE], 1 + 2 + 3 + 4);
}
END_TEST

static struct sp_flow_desc full_desc(struct sp_image *image)
{
	struct sp_flow_desc desc = support_desc(image, 77, 9, 443);

	desc.direction = SALLYPORT_IN;
	desc.flags = SALLYPORT_FLOW_INHERITED;
	desc.wire.netns = 4026531840U;
	return desc;
}

START_TEST(desc_is_exported)
{
	struct sp_image *image = support_image(20);
	struct sp_flow_desc desc = full_desc(image);
	struct sallyport_flow flow;

	memset(&flow, 0xff, sizeof(flow));
	sp_flow_desc_export(&desc, &flow);
	ck_assert_uint_eq(flow.cookie, 77);
	ck_assert_uint_eq(flow.image, 20);
	ck_assert_uint_eq(flow.process, 7);
	ck_assert_uint_eq(flow.cgroup, 8);
	ck_assert_mem_eq(flow.local, &desc.wire.local, 16);
	ck_assert_mem_eq(flow.remote, &desc.key.remote, 16);
	ck_assert_uint_eq(flow.local_port, desc.key.local_port);
	ck_assert_uint_eq(flow.remote_port, desc.key.remote_port);
	ck_assert_uint_eq(flow.ifindex, 2);
	ck_assert_uint_eq(flow.uid, 1000);
	ck_assert_uint_eq(flow.pid, 9);
	ck_assert_uint_eq(flow.netns, 4026531840U);
	ck_assert_uint_eq(flow.family, AF_INET);
	ck_assert_uint_eq(flow.protocol, IPPROTO_UDP);
	ck_assert_uint_eq(flow.direction, SALLYPORT_IN);
	ck_assert_uint_eq(flow.flags, SALLYPORT_FLOW_INHERITED);
	sp_image_put(image);
}
END_TEST

START_TEST(ref_names_the_key)
{
	struct sp_image *image = support_image(20);
	struct sp_flow_desc desc = full_desc(image);
	struct sallyport_flow_ref ref;
	struct sallyport_flow flow;
	struct sp_flow_key key;

	sp_flow_desc_export(&desc, &flow);
	ref = (struct sallyport_flow_ref) {
		.cookie = flow.cookie,
		.remote_port = flow.remote_port,
		.local_port = flow.local_port,
		.ifindex = flow.ifindex,
		.protocol = flow.protocol,
		.family = flow.family,
	};
	memcpy(ref.remote, flow.remote, sizeof(ref.remote));
	memset(&key, 0xff, sizeof(key));
	sp_flow_ref_import(&ref, &key);
	ck_assert(sp_flow_key_equal(&key, &desc.key));
	sp_image_put(image);
}
END_TEST

START_TEST(words_lie_as_the_key)
{
	struct sp_flow_desc desc = support_desc(NULL, 0x123456789aULL, 9, 443);
	const struct sp_flow_key *key = &desc.key;
	const u32 *remote = key->remote.s6_addr32;
	struct sp_flow_words words = { .word = {
		key->cookie,
		sp_word(remote[0], remote[1]),
		sp_word(remote[2], remote[3]),
		sp_word(sp_half(key->remote_port, key->local_port),
			key->ifindex),
		sp_word_kind(key->protocol, key->family),
	} };

	ck_assert_mem_eq(&words, key, sizeof(words));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("misc");

	tcase_add_checked_fixture(tcase, shim_init, shim_exit);
	tcase_add_test(tcase, stats_are_summed);
	tcase_add_test(tcase, desc_is_exported);
	tcase_add_test(tcase, words_lie_as_the_key);
	tcase_add_test(tcase, ref_names_the_key);
	return support_run(tcase);
}
