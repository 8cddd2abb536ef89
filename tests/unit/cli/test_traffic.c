/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Open flows summed up by program. */
#include <stdlib.h>
#include <check.h>

#include "traffic.h"
#include "unit.h"

static void update(struct sp_traffic *traffic, gint64 time, const char *text)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) flows = g_variant_parse(G_VARIANT_TYPE("aa{sv}"), text, NULL, NULL,
						    &error);

	ck_assert_msg(flows != NULL, "%s", error ? error->message : "");
	sp_traffic_update(traffic, time, flows);
}

#define FLOW(id, program, user, out, in) \
	"{'id': <uint64 " #id ">, 'program': <'" program "'>, 'user': <uint32 " #user ">, " \
	"'bytes-out': <uint64 " #out ">, 'bytes-in': <uint64 " #in ">}"

static const struct sp_traffic_row *row(const struct sp_traffic *traffic, guint index)
{
	ck_assert_uint_lt(index, sp_traffic_rows(traffic)->len);
	return g_ptr_array_index(sp_traffic_rows(traffic), index);
}

START_TEST(flows_are_summed_up_by_program_and_user)
{
	struct sp_traffic *traffic = sp_traffic_new();

	update(traffic, 1000000, "[" FLOW(1, "/usr/bin/curl", 1, 10, 100) ","
	       FLOW(2, "/usr/bin/wget", 1, 1, 1) "," FLOW(3, "/usr/bin/curl", 1, 5, 50) ","
	       FLOW(4, "/usr/bin/curl", 2, 1, 0) "]");
	ck_assert_uint_eq(sp_traffic_rows(traffic)->len, 3);
	ck_assert_str_eq(row(traffic, 0)->program, "/usr/bin/curl");
	ck_assert_uint_eq(row(traffic, 0)->flows, 2);
	ck_assert_uint_eq(row(traffic, 0)->bytes_out, 15);
	ck_assert_uint_eq(row(traffic, 0)->bytes_in, 150);
	ck_assert(row(traffic, 0)->out == 0 && row(traffic, 0)->in == 0);
	ck_assert_uint_eq(row(traffic, 2)->user, 2);
	sp_traffic_free(traffic);
}
END_TEST

START_TEST(rates_are_what_came_since)
{
	struct sp_traffic *traffic = sp_traffic_new();

	update(traffic, 1000000, "[" FLOW(1, "/a", 1, 100, 1000) "," FLOW(2, "/b", 1, 9000, 9000) "]");
	update(traffic, 3000000, "[" FLOW(1, "/a", 1, 300, 5000) "," FLOW(2, "/b", 1, 9000, 9000) ","
	       FLOW(3, "/a", 1, 50, 60) "]");
	ck_assert_str_eq(row(traffic, 0)->program, "/a");	/* the fastest first */
	ck_assert(row(traffic, 0)->out == 125 && row(traffic, 0)->in == 2030);
	ck_assert(row(traffic, 1)->out == 0 && row(traffic, 1)->in == 0);
	/* The same listing again, and one from before: as it was. */
	update(traffic, 3000000, "[]");
	update(traffic, 2000000, "[]");
	ck_assert_uint_eq(sp_traffic_rows(traffic)->len, 2);
	ck_assert(row(traffic, 0)->out == 125);
	/* Counts that went back (another flow has the number) are no rate. */
	update(traffic, 4000000, "[" FLOW(1, "/a", 1, 1, 1) "]");
	ck_assert(row(traffic, 0)->out == 0 && row(traffic, 0)->in == 0);
	update(traffic, 5000000, "[]");
	ck_assert_uint_eq(sp_traffic_rows(traffic)->len, 0);
	sp_traffic_free(traffic);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("traffic");
	TCase *tests = tcase_create("traffic");

	tcase_add_test(tests, flows_are_summed_up_by_program_and_user);
	tcase_add_test(tests, rates_are_what_came_since);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
