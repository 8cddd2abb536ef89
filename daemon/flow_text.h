/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A flow as the bus tells it: entries of an a{sv}, the same everywhere. */
#pragma once

#include <glib.h>
#include "verdict.h"

/* direction, user, pid, protocol, remote, remote-port, local-port, interface */
/* host, host-source, where there is one; names-missed, where there may be another. */
void sp_host_describe(GVariantBuilder *builder, const struct sp_host *host);
void sp_flow_describe(GVariantBuilder *builder, const struct sallyport_flow *flow);
/* A key whose value is text from a process or file name: made harmless. */
void sp_describe_text(GVariantBuilder *builder, const char *key, const char *text,
		      size_t length);
#define SP_ADDRESS_TEXT 46	/* bytes, with the NUL: INET6_ADDRSTRLEN */
void sp_address_write(const guint8 address[16], char text[SP_ADDRESS_TEXT]);
char *sp_address_text(const guint8 address[16]);
const char *sp_action_text(int action);		/* enum sp_action; "" unknown */
/* For people: "TCP"; "protocol 253" */
char *sp_protocol_text(guint8 protocol);
/* As rules have it: "tcp"; "253" */
char *sp_protocol_word(guint8 protocol);
