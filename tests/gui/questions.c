/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See questions.h. */
#include "questions.h"

#include <string.h>
#include <unistd.h>

#define SECONDS 40

static const char *const lifetimes[] = { "once", "15m", "1h", "always", NULL };

#define SUM "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void add_scope(GVariantBuilder *builder, const char *name, const char *label,
		      const char *rule, gboolean versions)
{
	g_autofree char *version = g_strconcat(name, SP_THIS_VERSION, NULL);
	g_autofree char *pinned = g_strconcat(rule, " hash " SUM, NULL);

	if (versions)
		g_variant_builder_add(builder, "(sss)", version, label, pinned);
	g_variant_builder_add(builder, "(sss)", name, label, rule);
}

/* Rules are about a program's path where that is proven, else about the process. */
static char *rule_about(const char *program, const char *where)
{
	if (program)
		return g_strdup_printf("allow out program \"%s\"%s", program, where);
	return g_strdup_printf("allow out process 900%s until quit boot "
			       "0123456789abcdef0123456789abcdef", where);
}

static GVariant *scopes(const char *program, const char *remote, gboolean versions)
{
	GVariantBuilder builder;
	g_autofree char *to = g_strdup_printf(" to %s", remote);
	g_autofree char *to_port = g_strdup_printf(" protocol tcp to %s port 443", remote);
	g_autofree char *host_port = rule_about(program, to_port);
	g_autofree char *host = rule_about(program, to);
	g_autofree char *port = rule_about(program, " protocol tcp port 443");
	g_autofree char *all = rule_about(program, "");

	g_variant_builder_init(&builder, G_VARIANT_TYPE("a(sss)"));
	add_scope(&builder, "this-host-port", "This host and port", host_port, versions);
	add_scope(&builder, "this-host", "This host", host, versions);
	add_scope(&builder, "this-port", "Port 443, any host", port, versions);
	add_scope(&builder, "anything", "Anything", all, versions);
	return g_variant_builder_end(&builder);
}

static void add(GVariantDict *dict, const char *key, GVariant *value)
{
	if (!g_variant_dict_contains(dict, key))
		g_variant_dict_insert_value(dict, key, value);
	else
		g_variant_unref(g_variant_ref_sink(value));
}

static void add_text(GVariantDict *dict, const char *key, const char *text)
{
	add(dict, key, g_variant_new_string(text));
}

struct sp_question *gui_question(guint64 id, GVariantDict *more)
{
	g_autoptr(GVariant) value = NULL;
	const char *remote = "192.0.2.1", *program = "/usr/bin/curl", *source, *host;
	g_autofree const char **flags = NULL;
	GVariantDict none, *dict = more;

	g_variant_dict_init(&none, NULL);
	if (!dict)
		dict = &none;
	g_variant_dict_lookup(dict, "remote", "&s", &remote);
	/* As the daemon does: rules are about a name that a resolver said. */
	if (g_variant_dict_lookup(dict, "host-source", "&s", &source) &&
	    strcmp(source, "doubtful") != 0 &&
	    g_variant_dict_lookup(dict, "host", "&s", &host) && *host)
		remote = host;
	g_variant_dict_lookup(dict, "program", "&s", &program);
	if (g_variant_dict_lookup(dict, "flags", "^a&s", &flags) &&
	    g_strv_contains(flags, "foreign"))
		program = NULL;
	add_text(dict, "title", "curl wants to connect to 192.0.2.1 on port 443 (TCP)");
	add_text(dict, "direction", "out");
	add_text(dict, "program", "/usr/bin/curl");
	add_text(dict, "name", "curl");
	add_text(dict, "user-name", "alice");
	add_text(dict, "command-line", "curl https://192.0.2.1/");
	add_text(dict, "parent", "/usr/bin/bash");
	add_text(dict, "protocol", "tcp");
	add_text(dict, "interface", "eth0");
	add_text(dict, "outcome", "deny");
	add_text(dict, "lifetime-default", "always");
	add(dict, "image", g_variant_new_uint64(100));
	add(dict, "user", g_variant_new_uint32(getuid()));
	add(dict, "pid", g_variant_new_uint32(1234));
	add(dict, "remote-port", g_variant_new_uint32(443));
	add(dict, "flows", g_variant_new_uint32(1));
	add(dict, "deadline", g_variant_new_int64(g_get_real_time() + SECONDS * G_USEC_PER_SEC));
	add(dict, "scopes", scopes(program, remote, g_variant_dict_contains(dict, "versions")));
	add(dict, "lifetimes", g_variant_new_strv(lifetimes, -1));
	add_text(dict, "remote", "192.0.2.1");
	value = g_variant_ref_sink(g_variant_dict_end(dict));
	return sp_question_new(id, "token", value);
}

struct sp_question *gui_question_with(guint64 id, const char *key, const char *text)
{
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, key, "s", text);
	return gui_question(id, &dict);
}
