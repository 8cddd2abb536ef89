/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions as the daemon asks them, for tests. */
#include "questions.h"

static const char *const lifetimes[] = { "once", "15m", "1h", "always", NULL };

static GVariant *scopes(void)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("a(sss)"));
	g_variant_builder_add(&builder, "(sss)", "anything", "anything",
			      "allow out program /usr/bin/curl");
	g_variant_builder_add(&builder, "(sss)", "this-host-port", "this host and port",
			      "allow out program /usr/bin/curl protocol tcp to 192.0.2.2 port 80");
	return g_variant_builder_end(&builder);
}

static void add(GVariantDict *dict, const char *key, GVariant *value)
{
	if (!g_variant_dict_contains(dict, key))
		g_variant_dict_insert_value(dict, key, value);
	else
		g_variant_unref(g_variant_ref_sink(value));
}

struct sp_question *test_question(guint64 id, GVariantDict *more)
{
	GVariantDict none;
	GVariantDict *dict = more;
	g_autoptr(GVariant) value = NULL;

	g_variant_dict_init(&none, NULL);
	if (!dict)
		dict = &none;
	add(dict, "title", g_variant_new_string("curl wants to connect to 192.0.2.2 on port 80 (TCP)"));
	add(dict, "direction", g_variant_new_string("out"));
	add(dict, "program", g_variant_new_string("/usr/bin/curl"));
	add(dict, "name", g_variant_new_string("curl"));
	add(dict, "user", g_variant_new_uint32(1000));
	add(dict, "user-name", g_variant_new_string("alice"));
	add(dict, "pid", g_variant_new_uint32(1234));
	add(dict, "command-line", g_variant_new_string("curl http://192.0.2.2/"));
	add(dict, "parent", g_variant_new_string("/bin/bash"));
	add(dict, "remote", g_variant_new_string("192.0.2.2"));
	add(dict, "remote-port", g_variant_new_uint32(80));
	add(dict, "protocol", g_variant_new_string("TCP"));
	add(dict, "interface", g_variant_new_string("eth0"));
	add(dict, "flows", g_variant_new_uint32(1));
	add(dict, "deadline", g_variant_new_int64(TEST_DEADLINE));
	add(dict, "outcome", g_variant_new_string("deny"));
	add(dict, "scopes", scopes());
	add(dict, "lifetimes", g_variant_new_strv(lifetimes, -1));
	add(dict, "lifetime-default", g_variant_new_string("once"));
	value = g_variant_ref_sink(g_variant_dict_end(dict));
	return sp_question_new(id, "token", value);
}
