/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Installed verdicts, answers "once", names of devices, facts. */
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include "fake.h"

/* --- installed ------------------------------------------------------------------ */

static struct sp_installed installed;

static struct sallyport_verdict verdict(uint64_t id, uint16_t port)
{
	struct sallyport_verdict v = {
		.id = id, .image = 20, .uid = 1000, .match = SALLYPORT_MATCH_REMOTE_PORT,
		.remote_port = port, .action = SALLYPORT_ALLOW,
	};

	return v;
}

static bool remember(const struct sallyport_verdict *v, void *arg)
{
	uint64_t *sum = arg;

	*sum += v->id;
	return false;
}

static uint64_t sum(void)
{
	uint64_t total = 0;

	sp_installed_remove_if(&installed, remember, &total);
	return total;
}

static void setup_installed(void)
{
	ck_assert(sp_installed_init(&installed, 700));
}

static void teardown_installed(void)
{
	sp_installed_clear(&installed);
}

START_TEST(the_same_key_is_replaced)
{
	struct sallyport_verdict a = verdict(1, 80), b = verdict(2, 80), c = verdict(4, 81);

	b.action = SALLYPORT_DENY;
	b.rule = 5;
	b.expires = 9;
	sp_installed_add(&installed, &a);
	sp_installed_add(&installed, &b);
	ck_assert_uint_eq(installed.count, 1);
	ck_assert_uint_eq(sum(), 2);
	sp_installed_add(&installed, &c);
	ck_assert_uint_eq(sum(), 6);
}
END_TEST

START_TEST(grows_to_its_bound_and_reuses)
{
	struct sallyport_verdict v;
	uint16_t i;

	for (i = 0; sp_installed_has_room(&installed); i++) {
		v = verdict(i + 1, i);
		sp_installed_add(&installed, &v);
		sp_installed_prepare(&installed);
	}
	ck_assert_uint_eq(i, 700);
	v = verdict(9999, 3);	/* in place of another: needs no room */
	sp_installed_add(&installed, &v);
	ck_assert_uint_eq(installed.count, 700);
}
END_TEST

START_TEST(expired_ones_go)
{
	struct sallyport_verdict a = verdict(1, 80), b = verdict(2, 81);

	b.expires = 100;
	sp_installed_add(&installed, &a);
	sp_installed_add(&installed, &b);
	sp_installed_expire(&installed, 99);
	ck_assert_uint_eq(sum(), 3);
	sp_installed_expire(&installed, 100);
	ck_assert_uint_eq(sum(), 1);
}
END_TEST

Suite *suite_installed(void)
{
	Suite *suite = suite_create("installed");
	TCase *tests = tcase_create("installed");

	tcase_add_checked_fixture(tests, setup_installed, teardown_installed);
	tcase_add_test(tests, the_same_key_is_replaced);
	tcase_add_test(tests, grows_to_its_bound_and_reuses);
	tcase_add_test(tests, expired_ones_go);
	suite_add_tcase(suite, tests);
	return suite;
}

/* --- once ------------------------------------------------------------------------ */

static struct sp_once once;

static void setup_once(void)
{
	memset(&once, 0, sizeof(once));
}

START_TEST(lasts_until_the_last_flow_ends)
{
	struct sallyport_flow a = fake_flow(20, "192.0.2.1", 80);
	struct sallyport_flow b = fake_flow(20, "192.0.2.1", 80);

	ck_assert_uint_eq(sp_once_find(&once, &a, 1), 0);
	sp_once_add(&once, &a, SALLYPORT_DENY, 1);
	ck_assert_uint_eq(sp_once_find(&once, &b, 1), SALLYPORT_DENY);
	sp_once_add(&once, &b, SALLYPORT_DENY, 1);
	sp_once_ended(&once, &a);
	ck_assert_uint_eq(sp_once_find(&once, &b, 1), SALLYPORT_DENY);
	sp_once_ended(&once, &b);
	ck_assert_uint_eq(sp_once_find(&once, &b, 1), 0);
	sp_once_ended(&once, &b);
}
END_TEST

START_TEST(is_for_one_process_host_and_port)
{
	struct sallyport_flow flow = fake_flow(20, "192.0.2.1", 80), other;

	sp_once_add(&once, &flow, SALLYPORT_ALLOW, 1);
	other = flow;
	other.process++;
	ck_assert_uint_eq(sp_once_find(&once, &other, 1), 0);
	other = flow;
	other.remote[15]++;
	ck_assert_uint_eq(sp_once_find(&once, &other, 1), 0);
	other = flow;
	other.remote_port++;
	ck_assert_uint_eq(sp_once_find(&once, &other, 1), 0);
	other = flow;
	other.protocol = IPPROTO_UDP;
	ck_assert_uint_eq(sp_once_find(&once, &other, 1), 0);
	other = flow;
	other.uid++;
	ck_assert_uint_eq(sp_once_find(&once, &other, 1), 0);
	other = flow;
	other.local_port++;
	ck_assert_uint_eq(sp_once_find(&once, &other, 1), SALLYPORT_ALLOW);
}
END_TEST

/* Inbound the port is the one that was called; the connection goes on. */
START_TEST(inbound_follows_the_connection)
{
	struct sallyport_flow flow = fake_flow(20, "192.0.2.1", 40000), child;

	flow.direction = SALLYPORT_IN;
	sp_once_add(&once, &flow, SALLYPORT_ALLOW, 1);
	child = flow;
	child.remote_port++;
	ck_assert_uint_eq(sp_once_find(&once, &child, 1), SALLYPORT_ALLOW);
	sp_once_inherited(&once, &flow);
	sp_once_ended(&once, &flow);	/* what stood for the handshake */
	ck_assert_uint_eq(sp_once_find(&once, &child, 1), SALLYPORT_ALLOW);
	sp_once_ended(&once, &flow);
	ck_assert_uint_eq(sp_once_find(&once, &child, 1), 0);
}
END_TEST

START_TEST(an_unknown_process_is_not_remembered)
{
	struct sallyport_flow flow = fake_flow(20, "192.0.2.1", 80);

	flow.process = 0;
	sp_once_add(&once, &flow, SALLYPORT_ALLOW, 1);
	ck_assert_uint_eq(sp_once_find(&once, &flow, 1), 0);
}
END_TEST

START_TEST(old_answers_go)
{
	struct sallyport_flow flow = fake_flow(20, "192.0.2.1", 80), first = flow;
	uint64_t i;

	sp_once_add(&once, &flow, SALLYPORT_ALLOW, 1);
	ck_assert_uint_eq(sp_once_find(&once, &flow, 1 + SP_ONCE_AGE), SALLYPORT_ALLOW);
	ck_assert_uint_eq(sp_once_find(&once, &flow, 2 + SP_ONCE_AGE), 0);
	sp_once_add(&once, &flow, SALLYPORT_ALLOW, 1);
	for (i = 0; i < SP_ONCE_MAX; i++) {
		flow.process++;
		sp_once_add(&once, &flow, SALLYPORT_ALLOW, 2 + i);
	}
	ck_assert_uint_eq(sp_once_find(&once, &first, 2 + i), 0);
	ck_assert_uint_eq(sp_once_find(&once, &flow, 2 + i), SALLYPORT_ALLOW);
}
END_TEST

Suite *suite_once(void)
{
	Suite *suite = suite_create("once");
	TCase *tests = tcase_create("once");

	tcase_add_checked_fixture(tests, setup_once, NULL);
	tcase_add_test(tests, lasts_until_the_last_flow_ends);
	tcase_add_test(tests, is_for_one_process_host_and_port);
	tcase_add_test(tests, inbound_follows_the_connection);
	tcase_add_test(tests, an_unknown_process_is_not_remembered);
	tcase_add_test(tests, old_answers_go);
	suite_add_tcase(suite, tests);
	return suite;
}

/* --- interfaces -------------------------------------------------------------------- */

static struct sp_interfaces interfaces;

static void setup_interfaces(void)
{
	memset(&interfaces, 0, sizeof(interfaces));
}

static void teardown_interfaces(void)
{
	sp_interfaces_clear(&interfaces);
}

START_TEST(names_by_index)
{
	uint32_t i;
	char name[16];

	for (i = 300; i > 0; i--) {
		snprintf(name, sizeof(name), "if%u", i);
		sp_interfaces_set(&interfaces, i, name);
	}
	ck_assert(!interfaces.changed);
	for (i = 1; i <= 300; i++) {
		snprintf(name, sizeof(name), "if%u", i);
		ck_assert_str_eq(sp_interfaces_name(&interfaces, i), name);
	}
	ck_assert_ptr_null(sp_interfaces_name(&interfaces, 0));
	ck_assert(!interfaces.missed);
	ck_assert_ptr_null(sp_interfaces_name(&interfaces, 301));
	ck_assert(interfaces.missed);
}
END_TEST

START_TEST(knows_what_changes_decisions)
{
	sp_interfaces_set(&interfaces, 2, "eth0");
	sp_interfaces_set(&interfaces, 2, "eth0");
	ck_assert(!interfaces.changed);
	sp_interfaces_set(&interfaces, 2, "lan");
	ck_assert(interfaces.changed);
	interfaces.changed = false;
	sp_interfaces_remove(&interfaces, 7);
	ck_assert(!interfaces.changed);
	sp_interfaces_remove(&interfaces, 2);
	ck_assert(interfaces.changed);
	interfaces.changed = false;
	sp_interfaces_name(&interfaces, 5);
	sp_interfaces_set(&interfaces, 5, "wg0");
	ck_assert(interfaces.changed);
}
END_TEST

START_TEST(is_bounded_too)
{
	uint32_t i;

	for (i = 1; i < 2 * SP_INTERFACES_MAX; i++)
		sp_interfaces_set(&interfaces, i, "x");
	ck_assert_uint_eq(interfaces.count, SP_INTERFACES_MAX);
}
END_TEST

static void message(uint16_t type, int index, const char *name, size_t size)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg link;
		struct rtattr attribute;
		char name[32];
	} m = {
		.header.nlmsg_type = type,
		.link.ifi_index = index,
		.attribute.rta_type = IFLA_IFNAME,
		.attribute.rta_len = (uint16_t)(sizeof(struct rtattr) + size),
	};

	memcpy(m.name, name, size);
	m.header.nlmsg_len = (uint32_t)(offsetof(typeof(m), name) + size);
	sp_interfaces_message(&interfaces, &m.header);
}

START_TEST(reads_link_messages)
{
	message(RTM_NEWLINK, 4, "tun0", 5);
	ck_assert_str_eq(sp_interfaces_name(&interfaces, 4), "tun0");
	message(RTM_NEWLINK, 5, "", 1);
	message(RTM_NEWLINK, 6, "0123456789abcdef", 16);	/* no end */
	message(RTM_NEWLINK, 7, "0123456789abcdefg", 18);	/* too long */
	message(RTM_NEWLINK, -1, "tun0", 5);
	ck_assert_uint_eq(interfaces.count, 1);
	message(RTM_NEWLINK, 8, "0123456789abcde", 16);
	ck_assert_uint_eq(interfaces.count, 2);
	message(RTM_DELLINK, 4, "tun0", 5);
	ck_assert_ptr_null(sp_interfaces_name(&interfaces, 4));
}
END_TEST

Suite *suite_interfaces(void)
{
	Suite *suite = suite_create("interfaces");
	TCase *tests = tcase_create("interfaces");

	tcase_add_checked_fixture(tests, setup_interfaces, teardown_interfaces);
	tcase_add_test(tests, names_by_index);
	tcase_add_test(tests, knows_what_changes_decisions);
	tcase_add_test(tests, is_bounded_too);
	tcase_add_test(tests, reads_link_messages);
	suite_add_tcase(suite, tests);
	return suite;
}

/* --- known ------------------------------------------------------------------------ */

static struct sp_known_table known;

static void setup_known(void)
{
	sp_known_init(&known);
}

static void teardown_known(void)
{
	sp_known_clear(&known);
}

static void learn(uint64_t id)
{
	sp_known_put(&known, sp_known_new(SP_KNOWN_PACKAGE, id, "curl", NULL), 1);
}

static bool knows(uint64_t id)
{
	return sp_known_find(&known, SP_KNOWN_PACKAGE, id, 1);
}

START_TEST(what_was_told_first_goes_first)
{
	uint64_t id;

	ck_assert(sp_known_want(&known, SP_KNOWN_PACKAGE, 1));
	for (id = 2; id <= SP_KNOWN_MAX; id++)
		learn(id);
	learn(2);	/* told again */
	ck_assert(knows(3));
	learn(id);
	ck_assert(!knows(3));
	ck_assert(knows(2));
	ck_assert(knows(4));
	ck_assert(knows(id));
	/* what is waited for stays, and is told */
	ck_assert(sp_known_is_wanted(&known, SP_KNOWN_PACKAGE, 1));
	sp_known_take(&known, sp_known_new(SP_KNOWN_PACKAGE, 1, NULL, NULL), 1);
	ck_assert(knows(1));
	ck_assert_uint_eq(known.under_way, 0);
}
END_TEST

/* Facts for more programs than there are places: those that came find their place kept. */
START_TEST(a_series_of_sweeps_keeps_its_facts)
{
	uint64_t id;

	learn(1);
	known.series = 7;
	for (id = 2; id <= SP_KNOWN_MAX + 1; id++)
		learn(id);
	ck_assert(!knows(1));
	ck_assert(!sp_known_want(&known, SP_KNOWN_PACKAGE, 1));
	learn(1);
	ck_assert(!knows(1));
	ck_assert(knows(2));
	ck_assert(sp_known_want(&known, SP_KNOWN_HASH, 1));
	sp_known_unwant(&known, SP_KNOWN_HASH, 1);
	ck_assert(!sp_known_is_wanted(&known, SP_KNOWN_HASH, 1));
	ck_assert_uint_eq(known.under_way, 0);
	known.series = 8;
	learn(1);
	ck_assert(knows(1));
	ck_assert(!knows(2));
}
END_TEST

Suite *suite_known(void)
{
	Suite *suite = suite_create("known");
	TCase *tests = tcase_create("known");

	tcase_add_checked_fixture(tests, setup_known, teardown_known);
	tcase_add_test(tests, what_was_told_first_goes_first);
	tcase_add_test(tests, a_series_of_sweeps_keeps_its_facts);
	suite_add_tcase(suite, tests);
	return suite;
}
