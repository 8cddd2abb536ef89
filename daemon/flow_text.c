/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See flow_text.h. */
#include "flow_text.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include "protocol.h"
#include "rule.h"
#include "sentence.h"

void sp_describe_text(GVariantBuilder *builder, const char *key, const char *text,
		      size_t length)
{
	char *literal = sp_text_literal(text, length);

	g_variant_builder_add(builder, "{sv}", key, g_variant_new_string(literal ? literal : ""));
	free(literal);
}

static char *write_byte(char *at, unsigned value)
{
	if (value >= 100)
		*at++ = (char)('0' + value / 100);
	if (value >= 10)
		*at++ = (char)('0' + value / 10 % 10);
	*at++ = (char)('0' + value % 10);
	return at;
}

/* As inet_ntop() does, by the way of printf(); each connection's is written twice. */
static void write4(const guint8 address[4], char *at)
{
	for (int i = 0; i < 4; i++) {
		at = write_byte(at, address[i]);
		*at++ = i < 3 ? '.' : 0;
	}
}

void sp_address_write(const guint8 address[16], char text[SP_ADDRESS_TEXT])
{
	static const guint8 mapped[12] = { [10] = 0xff, [11] = 0xff };

	G_STATIC_ASSERT(SP_ADDRESS_TEXT >= INET6_ADDRSTRLEN);
	if (!memcmp(address, mapped, sizeof(mapped)))
		write4(address + 12, text);
	else
		inet_ntop(AF_INET6, address, text, SP_ADDRESS_TEXT);
}

char *sp_address_text(const guint8 address[16])
{
	char text[SP_ADDRESS_TEXT];

	sp_address_write(address, text);
	return g_strdup(text);
}

const char *sp_action_text(int action)
{
	switch (action) {
	case SP_ALLOW:
		return "allow";
	case SP_DENY:
		return "deny";
	case SP_DROP:
		return "drop";
	case SP_ASK:
		return "ask";
	}
	return "";
}

char *sp_protocol_text(guint8 protocol)
{
	const char *name = sp_protocol_name(protocol);

	return name ? g_ascii_strup(name, -1) : g_strdup_printf("protocol %u", protocol);
}

char *sp_protocol_word(guint8 protocol)
{
	const char *name = sp_protocol_name(protocol);

	return name ? g_strdup(name) : g_strdup_printf("%u", protocol);
}

void sp_host_describe(GVariantBuilder *builder, const struct sp_host *host)
{
	static const char *const origins[] = {
		[SP_HOST_BY_ITSELF] = "own", [SP_HOST_BY_SYSTEM] = "system",
		[SP_HOST_BY_ANOTHER] = "other", [SP_HOST_BY_NETWORK] = "network",
		[SP_HOST_BY_ANYONE] = "doubtful",
	};

	if (host->missed)
		g_variant_builder_add(builder, "{sv}", "names-missed", g_variant_new_boolean(TRUE));
	if (host->origin == SP_HOST_NONE)
		return;
	sp_describe_text(builder, "host", host->name, strlen(host->name));
	g_variant_builder_add(builder, "{sv}", "host-source",
			      g_variant_new_string(origins[host->origin]));
}

void sp_flow_describe(GVariantBuilder *builder, const struct sallyport_flow *flow)
{
	g_autofree char *remote = sp_address_text(flow->remote);
	char interface[IF_NAMESIZE] = "";

	if (flow->flags & SALLYPORT_FLOW_NETNS || !if_indextoname(flow->ifindex, interface))
		interface[0] = 0;	/* a device of ours it is not */
	g_variant_builder_add(builder, "{sv}", "direction",
			      g_variant_new_string(flow->direction == SALLYPORT_IN ? "in" : "out"));
	g_variant_builder_add(builder, "{sv}", "user", g_variant_new_uint32(flow->uid));
	g_variant_builder_add(builder, "{sv}", "pid", g_variant_new_uint32(flow->pid));
	g_variant_builder_add(builder, "{sv}", "protocol",
			      g_variant_new_take_string(sp_protocol_word(flow->protocol)));
	g_variant_builder_add(builder, "{sv}", "remote", g_variant_new_string(remote));
	g_variant_builder_add(builder, "{sv}", "remote-port",
			      g_variant_new_uint32(ntohs(flow->remote_port)));
	g_variant_builder_add(builder, "{sv}", "local-port",
			      g_variant_new_uint32(ntohs(flow->local_port)));
	sp_describe_text(builder, "interface", interface, strlen(interface));
}
