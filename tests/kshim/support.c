// SPDX-License-Identifier: GPL-2.0
/* What the tests of kmod/ share. */
#include <arpa/inet.h>
#include <linux/string.h>
#include "flow_cache.h"
#include "stats.h"
#include "support.h"

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

u64 stat_of(enum sallyport_stat stat)
{
	u64 sum[__SALLYPORT_STAT_MAX];

	sp_stats_sum(sum);
	return sum[stat];
}
