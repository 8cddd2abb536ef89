/* SPDX-License-Identifier: GPL-2.0-or-later */
/* resolvers.c: what resolv.conf(5) says, and that it is read again. */
#include <arpa/inet.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include "resolvers.h"
#include "unit.h"

static struct sp_resolver_list list;
static GMainLoop *loop;
static gsize wanted;		/* how many to wait for */

static void parse(const char *text)
{
	memset(&list, 0, sizeof(list));
	sp_resolvers_parse(text, strlen(text), &list);
}

static void expect(gsize i, const char *text)
{
	static const guint8 mapped[12] = { [10] = 0xff, [11] = 0xff };
	char found[INET6_ADDRSTRLEN];
	const guint8 *address = list.addresses[i];

	ck_assert_uint_lt(i, list.count);
	if (!memcmp(address, mapped, sizeof(mapped)))
		inet_ntop(AF_INET, address + 12, found, sizeof(found));
	else
		inet_ntop(AF_INET6, address, found, sizeof(found));
	ck_assert_str_eq(found, text);
}

START_TEST(what_a_file_says)
{
	parse("# by hand\nsearch test\nnameserver 192.0.2.53\n"
	      "nameserver\t2001:db8::53  \r\nnameserver fe80::1%eth0\n"
	      "nameserver 192.0.2.53\noptions edns0\nnameserver 192.0.2.54 # last");
	ck_assert_uint_eq(list.count, 4);
	expect(0, "192.0.2.53");
	expect(1, "2001:db8::53");
	expect(2, "fe80::1");
	expect(3, "192.0.2.54");
}
END_TEST

START_TEST(what_makes_no_sense)
{
	parse("nameserver\nnameserver \nnameservers 192.0.2.1\n nameserver 192.0.2.2\n"
	      "nameserver 192.0.2\nnameserver 192.0.2.256\nnameserver example.org\n"
	      "nameserver 1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc\n\n");
	ck_assert_uint_eq(list.count, 0);
	sp_resolvers_parse("nameserver 192.0.2.1\0\n", 22, &list);
	ck_assert_uint_eq(list.count, 0);
	sp_resolvers_parse("", 0, &list);
	ck_assert_uint_eq(list.count, 0);
}
END_TEST

START_TEST(more_than_count)
{
	char text[4096] = "";

	for (int i = 0; i < 40; i++)
		snprintf(text + strlen(text), 64, "nameserver 192.0.2.%d\n", i);
	parse(text);
	ck_assert_uint_eq(list.count, SP_RESOLVERS_READ);
}
END_TEST

static void on_changed(const struct sp_resolver_list *now, void *data)
{
	(void)data;
	list = *now;
	if (list.count == wanted)
		g_main_loop_quit(loop);
}

static gboolean on_late(void *data)
{
	(void)data;
	ck_abort_msg("nothing was read again");
	return G_SOURCE_REMOVE;
}

static void wait_for(gsize count)
{
	guint late = g_timeout_add_seconds(30, on_late, NULL);

	wanted = count;
	g_main_loop_run(loop);
	g_source_remove(late);
}

/* A file that changes, and one whose folder is made only later. */
START_TEST(files_that_change)
{
	g_autofree char *folder = g_dir_make_tmp("resolvers-XXXXXX", NULL);
	g_autofree char *first = g_build_filename(folder, "resolv.conf", NULL);
	g_autofree char *late = g_build_filename(folder, "a", "b", NULL);
	g_autofree char *second = g_build_filename(late, "resolv.conf", NULL);
	g_autofree char *above = g_path_get_dirname(late);
	const char *const paths[] = { first, second, NULL };
	struct sp_resolvers *resolvers;

	loop = g_main_loop_new(NULL, FALSE);
	ck_assert(g_file_set_contents(first, "nameserver 192.0.2.1\n", -1, NULL));
	resolvers = sp_resolvers_new(paths, on_changed, NULL);
	ck_assert_uint_eq(list.count, 1);
	ck_assert(g_file_set_contents(first, "nameserver 192.0.2.1\nnameserver 192.0.2.2\n",
				      -1, NULL));
	wait_for(2);
	ck_assert_int_eq(g_mkdir_with_parents(late, 0700), 0);
	ck_assert(g_file_set_contents(second, "nameserver 192.0.2.3\n", -1, NULL));
	wait_for(3);
	expect(2, "192.0.2.3");
	g_unlink(first);
	wait_for(1);
	expect(0, "192.0.2.3");
	sp_resolvers_free(resolvers);
	g_unlink(second);
	g_rmdir(late);
	g_rmdir(above);
	g_rmdir(folder);
	g_main_loop_unref(loop);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("resolvers");
	TCase *tcase = tcase_create("resolvers");

	tcase_add_test(tcase, what_a_file_says);
	tcase_add_test(tcase, what_makes_no_sense);
	tcase_add_test(tcase, more_than_count);
	tcase_add_test(tcase, files_that_change);
	tcase_set_timeout(tcase, 120);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
