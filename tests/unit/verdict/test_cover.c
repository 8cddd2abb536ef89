/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verdicts from decisions, and facts. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include "cover.h"
#include "facts.h"
#include "fake.h"

static struct sallyport_verdict build(const struct sp_decision *decision,
				      const struct sallyport_flow *flow)
{
	struct sallyport_verdict verdict;
	struct sp_flow key;

	sp_flow_of(flow, &key);
	sp_cover_build(decision, &key, &fake_now, 1, &verdict);
	return verdict;
}

START_TEST(has_the_fields_looked_at_and_no_other)
{
	struct sallyport_flow flow = fake_flow(20, "203.0.113.77", 443);
	struct sp_decision decision = {
		.action = SP_DENY, .rule = 9, .remote_length = 96 + 24,
		.looked = SP_LOOKED_REMOTE_PORT | SP_LOOKED_PROTOCOL,
	};
	struct sallyport_verdict verdict = build(&decision, &flow);
	uint8_t prefix[16];

	fake_address("203.0.113.0", prefix);
	ck_assert_mem_eq(verdict.remote, prefix, 16);
	ck_assert_uint_eq(verdict.remote_length, 120);
	ck_assert_uint_eq(verdict.remote_port, htons(443));
	ck_assert_uint_eq(verdict.protocol, IPPROTO_TCP);
	ck_assert(!verdict.process && !verdict.cgroup && !verdict.ifindex);
	ck_assert_uint_eq(verdict.action, SALLYPORT_DENY);
	ck_assert_uint_eq(verdict.uid, 1000);
	ck_assert(sp_cover_matches(&verdict, &flow));
	flow.remote[15] = 1;
	ck_assert(sp_cover_matches(&verdict, &flow));
	flow.remote[14] = 1;
	ck_assert(!sp_cover_matches(&verdict, &flow));
}
END_TEST

START_TEST(prefixes_of_every_length)
{
	struct sallyport_flow flow = fake_flow(20, "2001:db8:aaaa:5555:ffff:1:2:3", 1);
	struct sp_decision decision = { .action = SP_ALLOW };
	struct sallyport_verdict verdict;
	int length, bit;

	for (length = 0; length <= 128; length++) {
		decision.remote_length = (uint8_t)length;
		verdict = build(&decision, &flow);
		ck_assert(sp_cover_matches(&verdict, &flow));
		for (bit = 0; bit < 128; bit++) {
			flow.remote[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
			ck_assert(sp_cover_matches(&verdict, &flow) == (bit >= length));
			flow.remote[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
		}
	}
}
END_TEST

START_TEST(ends_with_the_decision)
{
	struct sp_decision decision = { .action = SP_ALLOW };
	struct sallyport_flow flow = fake_flow(20, "192.0.2.1", 80);

	ck_assert_uint_eq(build(&decision, &flow).expires, 0);
	decision.expires = fake_now.real + 5;
	ck_assert_uint_eq(build(&decision, &flow).expires, fake_now.boot + 5);
	decision.expires = fake_now.real - 5;	/* not "never" */
	ck_assert_uint_eq(build(&decision, &flow).expires, 1);
	decision.expires = INT64_MAX;
	ck_assert_uint_gt(build(&decision, &flow).expires, fake_now.boot);
	ck_assert_int_eq(sp_real_time(&fake_now, fake_now.boot - 7), fake_now.real - 7);
}
END_TEST

/* One for each address: they give their places back, and stay as long as they live. */
START_TEST(by_name_it_is_short)
{
	struct sp_decision decision = {
		.action = SP_ALLOW, .looked = SP_LOOKED_NAMES, .remote_length = 128,
	};
	struct sallyport_flow flow = fake_flow(20, "192.0.2.1", 80);
	struct sallyport_verdict verdict = build(&decision, &flow);

	ck_assert_uint_gt(verdict.expires, fake_now.boot);
	ck_assert_uint_le(verdict.expires, fake_now.boot + 600 * SECOND);
	ck_assert_uint_eq(verdict.match, 0);
	ck_assert(sp_cover_keeps(&verdict, &decision, &fake_now));
	decision.expires = fake_now.real + 5;
	ck_assert_uint_eq(build(&decision, &flow).expires, fake_now.boot + 5);
	ck_assert(!sp_cover_keeps(&verdict, &decision, &fake_now));
	/* without names it was for a whole network */
	verdict.remote_length = 120;
	decision.expires = 0;
	ck_assert(!sp_cover_keeps(&verdict, &decision, &fake_now));
}
END_TEST

START_TEST(stays_only_if_it_says_the_same)
{
	struct sallyport_verdict verdict = {
		.action = SALLYPORT_ALLOW, .rule = 3, .remote_length = 120,
		.match = SALLYPORT_MATCH_PROTOCOL | SALLYPORT_MATCH_REMOTE_PORT,
		.expires = fake_now.boot + 100 * SECOND,
	};
	const struct sp_decision same = {
		.action = SP_ALLOW, .rule = 3, .remote_length = 120,
		.looked = SP_LOOKED_PROTOCOL, .expires = fake_now.real + 100 * SECOND,
	};
	struct sp_decision now = same;

	ck_assert(sp_cover_keeps(&verdict, &now, &fake_now));
	now.expires = 0;
	ck_assert(sp_cover_keeps(&verdict, &now, &fake_now));
	now.expires = fake_now.real + 99 * SECOND;
	ck_assert(!sp_cover_keeps(&verdict, &now, &fake_now));
	now = same;
	now.action = SP_ASK;
	ck_assert(!sp_cover_keeps(&verdict, &now, &fake_now));
	now = same;
	now.rule = 4;
	ck_assert(!sp_cover_keeps(&verdict, &now, &fake_now));
	now = same;
	now.looked |= SP_LOOKED_INTERFACE;
	ck_assert(!sp_cover_keeps(&verdict, &now, &fake_now));
	now = same;
	now.remote_length = 121;
	ck_assert(!sp_cover_keeps(&verdict, &now, &fake_now));
	now = same;
	now.need = SP_FACT_PROGRAM;
	ck_assert(!sp_cover_keeps(&verdict, &now, &fake_now));
	verdict.expires = 0;
	now = same;
	ck_assert(!sp_cover_keeps(&verdict, &now, &fake_now));
}
END_TEST

Suite *suite_cover(void)
{
	Suite *suite = suite_create("cover");
	TCase *tests = tcase_create("cover");

	tcase_add_test(tests, has_the_fields_looked_at_and_no_other);
	tcase_add_test(tests, prefixes_of_every_length);
	tcase_add_test(tests, ends_with_the_decision);
	tcase_add_test(tests, by_name_it_is_short);
	tcase_add_test(tests, stays_only_if_it_says_the_same);
	suite_add_tcase(suite, tests);
	return suite;
}

/* --- facts ------------------------------------------------------------------------ */

static struct sp_facts facts(uint64_t id, uint32_t flags, const char *path)
{
	struct sallyport_image image = { .id = id, .flags = flags };
	struct sp_facts f;

	sp_facts_fill(&f, &image, path, "eth0");
	return f;
}

static void check_state(uint64_t id, uint32_t flags, const char *path,
			enum sp_fact_state state, bool proven)
{
	struct sp_facts f = facts(id, flags, path);

	ck_assert_int_eq(f.program.state, state);
	ck_assert_ptr_eq(f.program.text, proven ? path : NULL);
}

START_TEST(a_path_counts_only_if_it_is_proven)
{
	const char *path = "/usr/bin/curl";

	check_state(20, 0, path, SP_FACT_KNOWN, true);
	check_state(20, SALLYPORT_IMAGE_OLDER, path, SP_FACT_KNOWN, true);
	check_state(20, SALLYPORT_IMAGE_FOREIGN, path, SP_FACT_KNOWN, false);
	check_state(20, SALLYPORT_IMAGE_DELETED, path, SP_FACT_KNOWN, false);
	check_state(20, SALLYPORT_IMAGE_USERNS, path, SP_FACT_KNOWN, false);
	check_state(20, SALLYPORT_IMAGE_PRIVATE, path, SP_FACT_KNOWN, false);
	check_state(SALLYPORT_IMAGE_KERNEL, 0, NULL, SP_FACT_KNOWN, false);
	check_state(SALLYPORT_IMAGE_KERNEL, 0, path, SP_FACT_KNOWN, false);
}
END_TEST

START_TEST(what_could_not_be_told_has_failed)
{
	check_state(SALLYPORT_IMAGE_UNKNOWN, 0, NULL, SP_FACT_FAILED, false);
	check_state(SALLYPORT_IMAGE_UNKNOWN, 0, "/usr/bin/curl", SP_FACT_FAILED, false);
	check_state(20, SALLYPORT_IMAGE_NOPATH, NULL, SP_FACT_FAILED, false);
	check_state(20, SALLYPORT_IMAGE_NOPATH, "/usr/bin/curl", SP_FACT_FAILED, false);
	check_state(20, 0, NULL, SP_FACT_FAILED, false);
	check_state(20, 0, "", SP_FACT_FAILED, false);
	check_state(20, 0, "usr/bin/curl", SP_FACT_FAILED, false);
	check_state(3, 0, "/usr/bin/curl", SP_FACT_FAILED, false);
	/* elsewhere, whatever its name */
	check_state(20, SALLYPORT_IMAGE_FOREIGN | SALLYPORT_IMAGE_NOPATH, NULL,
		    SP_FACT_KNOWN, false);
}
END_TEST

START_TEST(a_device_without_name_has_failed)
{
	struct sallyport_image image = { .id = 20 };
	struct sp_facts f = facts(20, 0, "/usr/bin/curl");

	ck_assert_int_eq(f.interface.state, SP_FACT_KNOWN);
	ck_assert_str_eq(f.interface.text, "eth0");
	sp_facts_fill(&f, &image, "/usr/bin/curl", NULL);
	ck_assert_int_eq(f.interface.state, SP_FACT_FAILED);
}
END_TEST

Suite *suite_facts(void)
{
	Suite *suite = suite_create("facts");
	TCase *tests = tcase_create("facts");

	tcase_add_test(tests, a_path_counts_only_if_it_is_proven);
	tcase_add_test(tests, what_could_not_be_told_has_failed);
	tcase_add_test(tests, a_device_without_name_has_failed);
	suite_add_tcase(suite, tests);
	return suite;
}
