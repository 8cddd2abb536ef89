/* SPDX-License-Identifier: GPL-2.0-or-later */
/* told.c, monitor.c: what systemd-resolved says of look-ups, and that it is heard. */
#include <arpa/inet.h>
#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>
#include "monitor.h"
#include "unit.h"

#define SHOP_A \
	"{\"rr\":{\"key\":{\"class\":1,\"type\":1,\"name\":\"shop.test\"},\"address\":[192,0,2,2]}," \
	"\"raw\":\"\",\"ifindex\":2}"
#define SHOP \
	"{\"parameters\":{\"state\":\"success\"," \
	"\"question\":[{\"class\":1,\"type\":1,\"name\":\"Shop.test\"}],\"answer\":[" SHOP_A "]}," \
	"\"continues\":true}"

static struct sp_dns_reply reply;

static bool read_text(const char *text)
{
	return sp_told_read(text, strlen(text), &reply);
}

static void expect_address(size_t i, const char *text, size_t names)
{
	char found[INET6_ADDRSTRLEN];
	const uint8_t *address = reply.addresses[i].address;

	ck_assert_uint_lt(i, reply.count);
	if (strchr(text, ':'))
		inet_ntop(AF_INET6, address, found, sizeof(found));
	else
		inet_ntop(AF_INET, address + 12, found, sizeof(found));
	ck_assert_str_eq(found, text);
	ck_assert_uint_eq(reply.addresses[i].names, names);
}

START_TEST(an_answer)
{
	ck_assert(read_text(SHOP));
	ck_assert_uint_eq(reply.chain_count, 1);
	ck_assert_str_eq(reply.chain[0], "shop.test");
	ck_assert_str_eq(reply.question.name, "shop.test");
	ck_assert_uint_eq(reply.count, 1);
	expect_address(0, "192.0.2.2", 1);
}
END_TEST

/* Word for word from systemd 252: a name of its /etc/hosts, for which nothing is sent. */
START_TEST(an_answer_of_252)
{
	ck_assert(!read_text("{\"parameters\":{\"ready\":true},\"continues\":true}"));
	ck_assert(!read_text("{\"parameters\":{\"state\":\"network-down\",\"question\":["
			     "{\"class\":1,\"type\":1,\"name\":\"nosuch.test\"}]},"
			     "\"continues\":true}"));
	ck_assert(read_text("{\"parameters\":{\"state\":\"success\",\"question\":[{\"class\":1,"
			    "\"type\":1,\"name\":\"only.resolved.test\"}],\"answer\":[{\"rr\":{"
			    "\"key\":{\"class\":1,\"type\":1,\"name\":\"only.resolved.test\"},"
			    "\"address\":[192,0,2,10]},\"raw\":"
			    "\"BG9ubHkIcmVzb2x2ZWQEdGVzdAAAAQABAAAAAAAEwAACCg==\"}]},"
			    "\"continues\":true}"));
	ck_assert_str_eq(reply.chain[0], "only.resolved.test");
	ck_assert_uint_eq(reply.count, 1);
	expect_address(0, "192.0.2.10", 1);
}
END_TEST

/* The name that was asked for first comes first; what is of another name is left out. */
START_TEST(aliases)
{
	ck_assert(read_text(
		"{\"parameters\":{\"state\":\"success\","
		"\"collectedQuestions\":[{\"class\":1,\"type\":28,\"name\":\"www.test\"}],"
		"\"question\":[{\"class\":1,\"type\":28,\"name\":\"cdn.test\"}],\"answer\":["
		"{\"rr\":{\"key\":{\"class\":1,\"type\":28,\"name\":\"edge.test.\"},"
		"\"address\":[32,1,13,184,0,0,0,0,0,0,0,0,0,0,0,1]}},"
		"{\"rr\":{\"key\":{\"class\":1,\"type\":28,\"name\":\"evil.test\"},"
		"\"address\":[32,1,13,184,0,0,0,0,0,0,0,0,0,0,0,2]}},"
		"{\"rr\":null,\"raw\":\"\"},"
		"{\"rr\":{\"key\":{\"class\":1,\"type\":5,\"name\":\"mid.test\"},\"name\":\"edge.test\"}},"
		"{\"rr\":{\"key\":{\"class\":1,\"type\":5,\"name\":\"cdn.test\"},\"name\":\"mid.test\"}}"
		"]}}"));
	ck_assert_uint_eq(reply.chain_count, 4);
	ck_assert_str_eq(reply.chain[0], "www.test");
	ck_assert_str_eq(reply.chain[1], "cdn.test");
	ck_assert_str_eq(reply.chain[3], "edge.test");
	ck_assert_uint_eq(reply.count, 1);
	expect_address(0, "2001:db8::1", 4);
}
END_TEST

START_TEST(an_alias_that_no_rule_can_have)
{
	ck_assert(read_text(
		"{\"parameters\":{\"state\":\"success\","
		"\"question\":[{\"class\":1,\"type\":1,\"name\":\"shop.test\"}],\"answer\":["
		"{\"rr\":{\"key\":{\"class\":1,\"type\":5,\"name\":\"shop.test\"},"
		"\"name\":\"X-.tracker.test\"}},"
		"{\"rr\":{\"key\":{\"class\":1,\"type\":1,\"name\":\"x-.tracker.test.\"},"
		"\"address\":[192,0,2,2]}}]}}"));
	ck_assert_uint_eq(reply.chain_count, 2);
	ck_assert_str_eq(reply.chain[1], "tracker.test");
	ck_assert(reply.parts[1]);
	expect_address(0, "192.0.2.2", 2);
	ck_assert(!reply.incomplete);
}
END_TEST

START_TEST(what_says_nothing)
{
	static const char *const texts[] = {
		"", "{", "[]", "1", "{\"parameters\":{}}", "{\"error\":\"io.systemd.no\"}",
		"{\"parameters\":{\"state\":\"rcode-failure\",\"rcode\":3,"
		"\"question\":[{\"class\":1,\"type\":1,\"name\":\"no.test\"}]}}",
		/* another class, an address of another length, of no bytes, of no name */
		"{\"parameters\":{\"state\":\"success\","
		"\"question\":[{\"class\":3,\"type\":1,\"name\":\"shop.test\"}],"
		"\"answer\":[" SHOP_A "]}}",
		"{\"parameters\":{\"state\":\"success\","
		"\"question\":[{\"class\":1,\"type\":1,\"name\":\"shop.test\"}],\"answer\":["
		"{\"rr\":{\"key\":{\"class\":1,\"type\":1,\"name\":\"shop.test\"},\"address\":[1,2,3]}},"
		"{\"rr\":{\"key\":{\"class\":1,\"type\":1,\"name\":\"shop.test\"},\"address\":[1,2,3,256]}},"
		"{\"rr\":{\"key\":{\"class\":1,\"type\":1,\"name\":\"shop.test\"},\"address\":\"abcd\"}},"
		"{\"rr\":{\"key\":{\"class\":1,\"type\":1,\"name\":\"a b\"},\"address\":[1,2,3,4]}},"
		"{\"rr\":{\"key\":{\"class\":1,\"type\":2,\"name\":\"shop.test\"},\"address\":[1,2,3,4]}},"
		"{\"rr\":7},7]}}",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		ck_assert_msg(!read_text(texts[i]), "%zu", i);
}
END_TEST

/* More names and addresses than there is room for. */
START_TEST(very_much)
{
	g_autoptr(GString) text = g_string_new("{\"parameters\":{\"state\":\"success\",\"question\":[");

	for (int i = 0; i < 50; i++)
		g_string_append_printf(text, "%s{\"class\":1,\"type\":1,\"name\":\"h%d.test\"}",
				       i ? "," : "", i);
	g_string_append(text, "],\"answer\":[");
	for (int i = 0; i < 1000; i++)
		g_string_append_printf(text, "%s{\"rr\":{\"key\":{\"class\":1,\"type\":1,"
				       "\"name\":\"h%d.test\"},\"address\":[10,0,%d,%d]}}",
				       i ? "," : "", i % 50, i / 256, i % 256);
	g_string_append(text, "]}}");
	ck_assert(read_text(text->str));
	ck_assert_uint_eq(reply.chain_count, SP_DNS_CHAIN);
	ck_assert_uint_eq(reply.count, SP_DNS_ADDRESSES);
	ck_assert(reply.incomplete);
}
END_TEST

/* --- the socket ------------------------------------------------------------------------- */

static char *folder, *path;
static GSocketService *server;
static GSocketConnection *client;
static guint told, missed, calls;
static guint room;	/* that there is for what is told in all */

static gboolean on_told(const struct sp_dns_reply *found, void *data)
{
	ck_assert_str_eq(found->chain[0], "shop.test");
	return ++told < room;
}

static void on_missed(void *data)
{
	missed++;
}

static gboolean on_incoming(GSocketService *service, GSocketConnection *connection,
			    GObject *source, void *data)
{
	g_set_object(&client, connection);
	calls++;
	return TRUE;
}

static void server_up(void)
{
	g_autoptr(GSocketAddress) address = g_unix_socket_address_new(path);

	server = g_socket_service_new();
	ck_assert(g_socket_listener_add_address(G_SOCKET_LISTENER(server), address,
						G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT,
						NULL, NULL, NULL));
	g_signal_connect(server, "incoming", G_CALLBACK(on_incoming), NULL);
}

static void server_down(void)
{
	g_socket_service_stop(server);
	g_socket_listener_close(G_SOCKET_LISTENER(server));
	g_clear_object(&server);
	if (client)
		g_io_stream_close(G_IO_STREAM(client), NULL, NULL);
	g_clear_object(&client);
	g_unlink(path);
}

static void until(const guint *number, guint wanted)
{
	while (*number < wanted)
		g_main_context_iteration(NULL, TRUE);
}

static void say(const char *text, gsize length)
{
	GOutputStream *stream = g_io_stream_get_output_stream(G_IO_STREAM(client));

	ck_assert(g_output_stream_write_all(stream, text, length, NULL, NULL, NULL));
}

static void expect_request(void)
{
	GInputStream *stream = g_io_stream_get_input_stream(G_IO_STREAM(client));
	static const char method[] = "\"io.systemd.Resolve.Monitor.SubscribeQueryResults\"";
	char text[200] = "";
	gssize length = 0, size;

	do {
		g_main_context_iteration(NULL, FALSE);
		size = g_input_stream_read(stream, text + length, 1, NULL, NULL);
		ck_assert_int_eq(size, 1);
	} while (text[length++]);
	ck_assert_ptr_nonnull(strstr(text, method));
	ck_assert_ptr_nonnull(strstr(text, "\"more\":true"));
}

static struct sp_monitor *begin(void)
{
	const struct sp_monitor_handler handler = { on_told, on_missed, NULL };
	g_autofree char *inner = NULL;

	folder = g_dir_make_tmp("monitor-XXXXXX", NULL);
	inner = g_build_filename(folder, "resolve", NULL);
	path = g_build_filename(inner, "socket", NULL);
	told = missed = calls = 0;
	room = UINT_MAX;
	return sp_monitor_new(path, &handler);
}

static void make_folder(void)
{
	g_autofree char *inner = g_path_get_dirname(path);

	ck_assert_int_eq(g_mkdir(inner, 0700), 0);
}

/* Its folder comes, its socket, it speaks, goes, and is back. */
START_TEST(it_comes_and_goes)
{
	struct sp_monitor *monitor = begin();

	ck_assert(!sp_monitor_listens(monitor));
	make_folder();
	server_up();
	until(&calls, 1);
	while (!sp_monitor_listens(monitor))
		g_main_context_iteration(NULL, TRUE);
	expect_request();
	say(SHOP "\0{\"parameters\":{}}\0" SHOP, sizeof(SHOP "\0{\"parameters\":{}}\0" SHOP) - 1);
	until(&told, 1);
	say("\0", 1);
	until(&told, 2);
	server_down();
	while (sp_monitor_listens(monitor))
		g_main_context_iteration(NULL, TRUE);
	server_up();
	until(&calls, 2);
	expect_request();
	say(SHOP, sizeof(SHOP));
	until(&told, 3);
	ck_assert_uint_eq(missed, 0);
	sp_monitor_free(monitor);
	server_down();
}
END_TEST

/* What nobody has room for stays where it is; then it comes, and all of it. */
START_TEST(more_than_there_is_room_for)
{
	struct sp_monitor *monitor = begin();

	make_folder();
	server_up();
	until(&calls, 1);
	expect_request();
	room = 3;
	for (int i = 0; i < 5; i++)
		say(SHOP, sizeof(SHOP));
	until(&told, 3);
	for (int i = 0; i < 20; i++)
		g_main_context_iteration(NULL, FALSE);
	ck_assert_uint_eq(told, 3);
	room = 4;
	sp_monitor_go_on(monitor);
	ck_assert_uint_eq(told, 4);
	sp_monitor_go_on(monitor);
	until(&told, 5);
	room = UINT_MAX;
	sp_monitor_go_on(monitor);
	sp_monitor_go_on(monitor);
	say(SHOP, sizeof(SHOP));
	until(&told, 6);
	ck_assert_uint_eq(missed, 0);
	sp_monitor_free(monitor);
	server_down();
}
END_TEST

/* One who never ends a message is hung up on, and that is known. */
START_TEST(it_says_too_much)
{
	struct sp_monitor *monitor = begin();
	g_autofree char *much = g_malloc(65536);

	memset(much, ' ', 65536);
	make_folder();
	server_up();
	until(&calls, 1);
	expect_request();
	for (int i = 0; i < 8 && !missed; i++) {
		GOutputStream *stream = g_io_stream_get_output_stream(G_IO_STREAM(client));

		for (gsize at = 0; at < 65536;) {
			gssize size = g_pollable_output_stream_write_nonblocking(
				G_POLLABLE_OUTPUT_STREAM(stream), much + at, 65536 - at, NULL, NULL);

			at += size > 0 ? (gsize)size : 0;
			if (missed)
				break;
			g_main_context_iteration(NULL, FALSE);
		}
	}
	until(&missed, 1);
	until(&calls, 2);
	sp_monitor_free(monitor);
	server_down();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("monitor");
	TCase *tcase = tcase_create("monitor");

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, an_answer);
	tcase_add_test(tcase, an_answer_of_252);
	tcase_add_test(tcase, aliases);
	tcase_add_test(tcase, an_alias_that_no_rule_can_have);
	tcase_add_test(tcase, what_says_nothing);
	tcase_add_test(tcase, very_much);
	tcase_add_test(tcase, it_comes_and_goes);
	tcase_add_test(tcase, more_than_there_is_room_for);
	tcase_add_test(tcase, it_says_too_much);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
