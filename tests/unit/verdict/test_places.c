/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine's networks and resolvers, and decisions by them. */
#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include "fake.h"

static struct fake *fake;
static uint64_t curl;

static struct sp_places *places(void)
{
	return &fake->thread.engine.places;
}

static void message(uint16_t type, uint32_t ifindex, const char *text, uint8_t length)
{
	struct {
		struct nlmsghdr header;
		struct ifaddrmsg address;
		struct rtattr attribute;
		uint8_t bytes[16];
	} m = {
		.header.nlmsg_type = type,
		.address.ifa_index = ifindex,
		.address.ifa_prefixlen = length,
		.attribute.rta_type = IFA_ADDRESS,
	};
	bool is6 = strchr(text, ':') != NULL;
	size_t size = is6 ? 16 : 4;

	m.address.ifa_family = is6 ? AF_INET6 : AF_INET;
	m.attribute.rta_len = (uint16_t)(sizeof(m.attribute) + size);
	ck_assert_int_eq(inet_pton(m.address.ifa_family, text, m.bytes), 1);
	m.header.nlmsg_len = (uint32_t)(offsetof(typeof(m), bytes) + size);
	sp_places_message(places(), &m.header);
}

static void end_of_listing(void)
{
	struct nlmsghdr header = { .nlmsg_len = sizeof(header), .nlmsg_type = NLMSG_DONE };

	sp_places_message(places(), &header);
}

static struct sp_snapshot *policy(enum sp_remote kind)
{
	struct sp_rule rule = fake_rule(1, SP_ALLOW, "/usr/bin/curl", NULL, 0);

	rule.remote_kind = kind;
	return fake_policy(1, SP_DENY, &rule, 1);
}

static void begin(enum sp_remote kind)
{
	fake = fake_new(policy(kind));
	curl = fake_image(fake, "/usr/bin/curl", 0);
}

static void setup(void)
{
	begin(SP_REMOTE_LAN);
}

static void teardown(void)
{
	fake_free(fake);
}

/* As the thread does. */
static void settle(void)
{
	if (places()->changed)
		ck_assert_int_eq(sp_sweep(&fake->thread.engine), 0);
	fake_end_round(fake);
}

static enum fake_fate connect_to(const char *address)
{
	struct sallyport_flow flow = fake_flow(curl, address, 443);
	enum fake_fate fate;
	uint32_t packet = fake_send_judged(fake, &flow, &fate);

	if (!packet)
		return fate;
	fake_round(fake);
	return fake->packets[fake->packets_count - 1].fate;
}

START_TEST(what_is_not_listed_allows_nothing)
{
	message(RTM_NEWADDR, 2, "192.0.2.10", 24);
	settle();
	ck_assert_int_eq(connect_to("192.0.2.77"), FATE_REFUSED);
	end_of_listing();
	settle();
	ck_assert_int_eq(connect_to("192.0.2.78"), FATE_PASSED);
	ck_assert_int_eq(connect_to("198.51.100.1"), FATE_REFUSED);
}
END_TEST

START_TEST(networks_that_come_and_go)
{
	end_of_listing();
	message(RTM_NEWADDR, 2, "192.0.2.10", 24);
	message(RTM_NEWADDR, 2, "192.0.2.11", 24);
	settle();
	ck_assert_int_eq(connect_to("192.0.2.77"), FATE_PASSED);
	ck_assert_uint_eq(fake->flows_count, 1);
	/* another address of the same network is left */
	message(RTM_DELADDR, 2, "192.0.2.10", 24);
	settle();
	ck_assert_uint_eq(fake->flows_count, 1);
	/* the same address on another device is another one */
	message(RTM_DELADDR, 3, "192.0.2.11", 24);
	settle();
	ck_assert_uint_eq(fake->flows_count, 1);
	message(RTM_DELADDR, 2, "192.0.2.11", 24);
	settle();
	ck_assert_uint_eq(fake->flows_count, 0);
	ck_assert_int_eq(connect_to("192.0.2.77"), FATE_REFUSED);
	places()->changed = false;
	message(RTM_DELADDR, 2, "192.0.2.11", 24);
	ck_assert(!places()->changed);
}
END_TEST

START_TEST(what_is_no_network)
{
	end_of_listing();
	message(RTM_NEWADDR, 1, "127.0.0.1", 8);
	message(RTM_NEWADDR, 1, "::1", 128);
	message(RTM_NEWADDR, 2, "192.0.2.10", 7);
	message(RTM_NEWADDR, 2, "192.0.2.10", 33);
	message(RTM_NEWADDR, 2, "2001:db8::1", 31);
	ck_assert_uint_eq(places()->count, 0);
	message(RTM_NEWADDR, 2, "2001:db8::1", 64);
	ck_assert_uint_eq(places()->count, 1);
	settle();
	ck_assert_int_eq(connect_to("2001:db8::77"), FATE_PASSED);
	ck_assert_int_eq(connect_to("2001:db8:0:1::77"), FATE_REFUSED);
}
END_TEST

/* With more than there is room for nobody knows what is lan. */
START_TEST(too_many)
{
	char text[32];
	unsigned int i;

	end_of_listing();
	for (i = 0; i < SP_PLACES_MAX; i++) {
		snprintf(text, sizeof(text), "10.%u.%u.1", i / 250, i % 250);
		message(RTM_NEWADDR, 2, text, 24);
	}
	settle();
	ck_assert_int_eq(connect_to("10.0.0.9"), FATE_PASSED);
	message(RTM_NEWADDR, 2, "192.0.2.10", 24);
	settle();
	ck_assert_int_eq(connect_to("10.0.0.10"), FATE_REFUSED);
}
END_TEST

START_TEST(resolvers)
{
	struct sp_verdict_resolvers list = { .count = 1 };

	fake_free(fake);
	begin(SP_REMOTE_RESOLVER);
	end_of_listing();
	settle();
	ck_assert_int_eq(connect_to("192.0.2.53"), FATE_REFUSED);
	fake_address("192.0.2.53", list.addresses[0]);
	sp_places_set_resolvers(places(), &list);
	settle();
	ck_assert_int_eq(connect_to("192.0.2.53"), FATE_PASSED);
	ck_assert_int_eq(connect_to("192.0.2.54"), FATE_REFUSED);
}
END_TEST

Suite *suite_places(void)
{
	Suite *suite = suite_create("places");
	TCase *tests = tcase_create("places");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, what_is_not_listed_allows_nothing);
	tcase_add_test(tests, networks_that_come_and_go);
	tcase_add_test(tests, what_is_no_network);
	tcase_add_test(tests, too_many);
	tcase_add_test(tests, resolvers);
	suite_add_tcase(suite, tests);
	return suite;
}
