/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See flow_text.h. A flow is written as a rule that has its one value in each field. */
#include "flow_text.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "action.h"
#include "calls.h"
#include "format.h"
#include "host.h"
#include "output.h"
#include "protocol.h"
#include "text.h"

static gboolean is_flow(GVariant *record)
{
	const char *event = sp_dict_string(record, "event");

	return !strcmp(event, "decided") || !strcmp(event, "refused") || !strcmp(event, "asked");
}

static gboolean read_address(const char *text, struct sp_prefix *prefix)
{
	prefix->length = 128;
	memset(prefix->address, 0, 10);
	memset(prefix->address + 10, 0xff, 2);
	return inet_pton(AF_INET, text, prefix->address + 12) == 1 ||
	       inet_pton(AF_INET6, text, prefix->address) == 1;
}

static int protocol_of(const char *text)
{
	int protocol = sp_protocol_number(text);

	return protocol >= 0 ? protocol : g_ascii_isdigit(*text) ? atoi(text) : SP_ANY_PROTOCOL;
}

static void set_port(struct sp_ports *ports, GVariant *record, const char *key)
{
	guint16 port = (guint16)sp_dict_number(record, key);

	if (port)
		ports->first = ports->last = port;
}

/* Texts of the record as long as the rule; FALSE: it is no flow that can be written. */
static gboolean fill(struct sp_rule *rule, GVariant *record)
{
	const char *interface = sp_dict_string(record, "interface");

	if (!sp_action_find(sp_dict_string(record, "action"), &rule->action))
		rule->action = SP_ASK;	/* nothing was decided */
	rule->direction = strcmp(sp_dict_string(record, "direction"), "in") ? SP_OUT : SP_IN;
	rule->user = (guint32)sp_dict_number(record, "user");
	rule->protocol = protocol_of(sp_dict_string(record, "protocol"));
	if (sp_protocol_ports(rule->protocol)) {
		set_port(&rule->remote_port, record, "remote-port");
		set_port(&rule->local_port, record, "local-port");
	}
	rule->program = sp_program_path(sp_dict_string(record, "program"));
	if (*interface)
		rule->interface = strdup(interface);
	return read_address(sp_dict_string(record, "remote"), &rule->remote) &&
	       !sp_rule_check(rule);
}

/* What counts for an allow, too; NULL: none. */
static const char *host_of(GVariant *record)
{
	const char *host = sp_format_sure_host(record);

	return !*host || sp_host_fault(host) ? NULL : host;
}

/* NULL: it is no flow. */
static char *line_of(GVariant *record)
{
	const char *host = host_of(record);
	char *text = NULL, *line = NULL;
	struct sp_rule rule;

	sp_rule_init(&rule);
	if (is_flow(record) && fill(&rule, record))
		text = sp_text_print(&rule, NULL);
	if (text)
		line = host ? g_strdup_printf("%s called %s\n", text, host) :
			      g_strdup_printf("%s\n", text);
	free(text);
	sp_rule_clear(&rule);
	return line;
}

gboolean sp_flows_put(GVariant *records)
{
	GVariantIter iter;
	GVariant *record;
	gboolean ok = TRUE;

	g_variant_iter_init(&iter, records);
	while (ok && (record = g_variant_iter_next_value(&iter))) {
		g_autofree char *line = line_of(record);

		ok = !line || sp_output_put(line);
		g_variant_unref(record);
	}
	return ok;
}
