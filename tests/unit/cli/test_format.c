/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Durations, times, ends of connections, errors. */
#include <locale.h>
#include <string.h>

#include <gio/gio.h>

#include "duration.h"
#include "error.h"
#include "format.h"
#include "rule.h"
#include "unit.h"
#include "words.h"

START_TEST(durations_parse)
{
	static const struct { const char *text; gint64 seconds; } table[] = {
		{ "30s", 30 }, { "15m", 900 }, { "1h", 3600 }, { "2d", 172800 },
		{ "1w", 604800 }, { "1h30m", 5400 }, { "1d12h5m1s", 129901 },
		{ "0h5m", 300 }, { "36500d", SP_DURATION_MAX },
	};
	static const char *const bad[] = {
		"", "15", "m", "15x", "15 m", " 15m", "15m ", "-5m", "+5m", "1.5h", "0s",
		"5m1h", "5m5m", "36501d", "99999999999999999999s", "1hm",
	};
	gint64 seconds;

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		ck_assert_msg(sp_duration_parse(table[i].text, &seconds), "%s", table[i].text);
		ck_assert_int_eq(seconds, table[i].seconds);
	}
	for (guint i = 0; i < G_N_ELEMENTS(bad); i++)
		ck_assert_msg(!sp_duration_parse(bad[i], &seconds), "%s", bad[i]);
}
END_TEST

START_TEST(durations_print)
{
	static const struct { gint64 seconds; const char *brief, *words; } table[] = {
		{ 1, "1s", "1 second" },
		{ 61, "61s", "1 min 1 s" },
		{ 900, "15m", "15 minutes" },
		{ 3600, "1h", "1 hour" },
		{ 5400, "90m", "1 h 30 min" },
		{ 86400, "1d", "1 day" },
		{ 604800, "7d", "7 days" },
		{ 90000, "25h", "1 d 1 h" },
	};

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autofree char *brief = sp_duration_short(table[i].seconds);
		g_autofree char *words = sp_duration_words(table[i].seconds);

		ck_assert_str_eq(brief, table[i].brief);
		ck_assert_str_eq(words, table[i].words);
	}
}
END_TEST

static void time_is(gint64 time, const char *expected)
{
	const gint64 now = 1700000000LL * G_USEC_PER_SEC;	/* 2023-11-14 22:13:20 */
	g_autofree char *text = sp_format_time(time * G_USEC_PER_SEC, now);

	ck_assert_str_eq(text, expected);
}

START_TEST(times)
{
	time_is(0, "");
	time_is(1700000000 - 60, "22:12:20");
	time_is(1700000000 - 86400, "2023-11-13 22:13");
	time_is(1700000000 + 3600 * 2, "2023-11-15 00:13");
	time_is(1700000000 - 365 * 86400, "2022-11-14 22:13");
}
END_TEST

static void flow_is(const char *direction, guint remote, guint local, const char *expected)
{
	g_autofree char *text = sp_format_flow("x", direction, "2001:db8::1", remote, local);

	ck_assert_str_eq(text, expected);
}

START_TEST(flows)
{
	flow_is("out", 80, 40000, "x → 2001:db8::1 port 80");
	flow_is("in", 40000, 22, "x ← 2001:db8::1 to port 22");
	flow_is("out", 0, 0, "x → 2001:db8::1");
	ck_assert_str_eq(sp_format_program("/usr/bin/curl"), "curl");
	ck_assert_str_eq(sp_format_program("curl"), "curl");
	ck_assert_str_eq(sp_format_program("/"), "/");
	ck_assert_str_eq(sp_format_program(""), "an unknown program");
}
END_TEST

START_TEST(owners)
{
	g_autofree char *system = sp_format_owner(SP_SYSTEM);
	g_autofree char *root = sp_format_owner(0);
	guint32 uid;

	ck_assert_str_eq(system, "system");
	ck_assert_str_eq(root, "root");
	ck_assert(sp_format_find_owner("system", &uid) && uid == SP_SYSTEM);
	ck_assert(sp_format_find_owner("root", &uid) && uid == 0);
	ck_assert(sp_format_find_owner("12345", &uid) && uid == 12345);
	ck_assert(!sp_format_find_owner("4294967295", &uid));
	ck_assert(!sp_format_find_owner("", &uid));
	ck_assert(!sp_format_find_owner("no such user", &uid));
}
END_TEST

START_TEST(words)
{
	ck_assert_int_eq(sp_words_counter_group("limit-user"), SP_GROUP_REFUSED);
	ck_assert_str_eq(sp_words_counter("limit-user"),
			 "too many connections of one user wait");
	ck_assert_int_eq(sp_words_counter_group("of the future"), SP_GROUP_OTHER);
	ck_assert_str_eq(sp_words_counter("of the future"), "of the future");
	ck_assert_str_eq(sp_words_cancel("of the future"), "of the future");
}
END_TEST

/* What a program exits with when the bus says @name. */
static void exits(const char *name, enum sp_exit expected)
{
	GError *error = g_dbus_error_new_for_dbus_error(name, "why");

	sp_client_error_translate(&error);
	ck_assert_msg(sp_client_error_exit(error) == expected, "%s: %d, %s", name,
		      sp_client_error_exit(error), error->message);
	ck_assert_ptr_null(strstr(error->message, "GDBus.Error"));
	g_error_free(error);
}

START_TEST(errors)
{
#define OWN "org.sallyport.Firewall1.Error."
#define BUS "org.freedesktop.DBus.Error."
	sp_client_error_register();
	exits(OWN "NotAuthorized", SP_EXIT_NOT_AUTHORISED);
	exits(OWN "InvalidRule", SP_EXIT_INVALID_RULE);
	exits(OWN "NoSuchRule", SP_EXIT_NOT_FOUND);
	exits(OWN "NoSuchQuestion", SP_EXIT_NOT_FOUND);
	exits(OWN "NotOffered", SP_EXIT_ERROR);
	exits(OWN "NotSaved", SP_EXIT_NOT_SAVED);
	exits(OWN "NoSuchChange", SP_EXIT_NOT_FOUND);
	exits(OWN "Conflict", SP_EXIT_CONFLICT);
	exits(OWN "Limit", SP_EXIT_ERROR);
	exits(OWN "NotReady", SP_EXIT_NOT_REACHABLE);
	exits(OWN "OfTheFuture", SP_EXIT_ERROR);
	exits(BUS "ServiceUnknown", SP_EXIT_NOT_REACHABLE);
	exits(BUS "NameHasNoOwner", SP_EXIT_NOT_REACHABLE);
	exits(BUS "NoReply", SP_EXIT_NOT_REACHABLE);
	exits(BUS "AccessDenied", SP_EXIT_NOT_AUTHORISED);
	exits(BUS "InteractiveAuthorizationRequired", SP_EXIT_NOT_AUTHORISED);
	exits(BUS "UnknownMethod", SP_EXIT_ERROR);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("format");
	TCase *tests = tcase_create("format");

	setlocale(LC_ALL, "");
	tcase_add_test(tests, durations_parse);
	tcase_add_test(tests, durations_print);
	tcase_add_test(tests, times);
	tcase_add_test(tests, flows);
	tcase_add_test(tests, owners);
	tcase_add_test(tests, words);
	tcase_add_test(tests, errors);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
