/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * port N[-M]: of the service, which is the remote port of an outbound flow and
 * the local one of an inbound flow. local-port, remote-port: the other one. A
 * range inside another is narrower; two that only overlap are neither.
 *
 * Ports match nothing of a protocol that has none (the kernel gives ICMP's
 * identifier as a port).
 */
#include <string.h>
#include "field.h"
#include "protocol.h"
#include "text_error.h"

#define PORT_MAX 65535

static struct sp_ports *port_of(struct sp_rule *rule)
{
	return rule->direction == SP_OUT ? &rule->remote_port : &rule->local_port;
}

static struct sp_ports *other_port_of(struct sp_rule *rule)
{
	return rule->direction == SP_OUT ? &rule->local_port : &rule->remote_port;
}

static const struct sp_ports *port(const struct sp_rule *rule)
{
	return rule->direction == SP_OUT ? &rule->remote_port : &rule->local_port;
}

static const struct sp_ports *other_port(const struct sp_rule *rule)
{
	return rule->direction == SP_OUT ? &rule->local_port : &rule->remote_port;
}

static bool parse_ports(const char *value, const struct sp_parse *parse,
			struct sp_ports *ports)
{
	const char *dash = strchr(value, '-');
	size_t length = dash ? (size_t)(dash - value) : strlen(value);
	uint64_t first, last;
	char shown[SP_SHOWN];

	if (!sp_parse_number(value, length, PORT_MAX, &first))
		goto malformed;
	last = first;
	if (dash && !sp_parse_number(dash + 1, strlen(dash + 1), PORT_MAX, &last))
		goto malformed;
	if (first > last)
		return sp_parse_fail(parse, "port range %s ends before it begins",
				     sp_text_shown(value, shown));
	ports->first = (uint16_t)first;
	ports->last = (uint16_t)last;
	return true;
malformed:
	return sp_parse_fail(parse, "\"%s\" is no port; expected a number from 0 to 65535, or a range such as 8000-8080",
			     sp_text_shown(value, shown));
}

static void print_ports(const struct sp_ports *ports, struct sp_buffer *out)
{
	if (ports->first == ports->last)
		sp_buffer_format(out, "%u", ports->first);
	else
		sp_buffer_format(out, "%u-%u", ports->first, ports->last);
}

static uint32_t ports_narrowness(const struct sp_ports *ports)
{
	return PORT_MAX - (uint32_t)(ports->last - ports->first);
}

static enum sp_relation relate_ports(const struct sp_ports *a, const struct sp_ports *b)
{
	if (a->first == b->first && a->last == b->last)
		return SP_EQUAL;
	if (a->last < b->first || b->last < a->first)
		return SP_DISJOINT;
	if (a->first >= b->first && a->last <= b->last)
		return SP_NARROWER;
	if (b->first >= a->first && b->last <= a->last)
		return SP_WIDER;
	return SP_CROSSING;
}

/* @look has the port's bit. The cheaper of two proofs that it does not match. */
static enum sp_match match_ports(const struct sp_ports *ports, uint16_t value,
				 uint8_t protocol, struct sp_look *look)
{
	if (!sp_protocol_ports(protocol)) {
		look->fields = SP_LOOKED_PROTOCOL;
		return SP_NO;
	}
	if (value < ports->first || value > ports->last) {
		/* Without ports it would not match either: the port is enough. */
		return SP_NO;
	}
	look->fields |= SP_LOOKED_PROTOCOL;
	return SP_YES;
}

static uint16_t flow_port(const struct sp_flow *flow)
{
	return flow->direction == SP_OUT ? flow->remote_port : flow->local_port;
}

static uint16_t flow_other_port(const struct sp_flow *flow)
{
	return flow->direction == SP_OUT ? flow->local_port : flow->remote_port;
}

static bool parse_port(const struct sp_field *field, const char *value,
		       const struct sp_parse *parse, struct sp_rule *rule)
{
	return parse_ports(value, parse, port_of(rule));
}

static bool parse_other_port(const struct sp_field *field, const char *value,
			     const struct sp_parse *parse, struct sp_rule *rule)
{
	return parse_ports(value, parse, other_port_of(rule));
}

static uint32_t narrowness(const struct sp_field *field, const struct sp_rule *rule)
{
	return ports_narrowness(port(rule));
}

static uint32_t other_narrowness(const struct sp_field *field, const struct sp_rule *rule)
{
	return ports_narrowness(other_port(rule));
}

static bool any(const struct sp_field *field, const struct sp_rule *rule)
{
	return !narrowness(field, rule);
}

static bool other_any(const struct sp_field *field, const struct sp_rule *rule)
{
	return !other_narrowness(field, rule);
}

static void print(const struct sp_field *field, const struct sp_rule *rule,
		  sp_user_name_fn user_name, struct sp_buffer *out)
{
	print_ports(port(rule), out);
}

static void print_other(const struct sp_field *field, const struct sp_rule *rule,
			sp_user_name_fn user_name, struct sp_buffer *out)
{
	print_ports(other_port(rule), out);
}

static enum sp_relation relate(const struct sp_field *field,
			       const struct sp_rule *a, const struct sp_rule *b)
{
	return relate_ports(port(a), port(b));
}

static enum sp_relation relate_other(const struct sp_field *field,
				     const struct sp_rule *a, const struct sp_rule *b)
{
	return relate_ports(other_port(a), other_port(b));
}

static enum sp_match match(const struct sp_field *field, const struct sp_rule *rule,
			   const struct sp_flow *flow, const struct sp_facts *facts,
			   struct sp_look *look)
{
	return match_ports(port(rule), flow_port(flow), flow->protocol, look);
}

static enum sp_match match_other(const struct sp_field *field, const struct sp_rule *rule,
				 const struct sp_flow *flow, const struct sp_facts *facts,
				 struct sp_look *look)
{
	return match_ports(other_port(rule), flow_other_port(flow), flow->protocol, look);
}

static const char *ports_fault(const struct sp_rule *rule, const struct sp_ports *ports)
{
	if (ports->first > ports->last)
		return "the range of ports ends before it begins";
	if (rule->protocol == SP_ANY_PROTOCOL || sp_protocol_ports(rule->protocol))
		return NULL;
	return "this protocol has no ports";
}

static const char *fault(const struct sp_field *field, const struct sp_rule *rule)
{
	return ports_fault(rule, port(rule));
}

static const char *other_fault(const struct sp_field *field, const struct sp_rule *rule)
{
	return ports_fault(rule, other_port(rule));
}

const struct sp_field sp_field_port = {
	.word = { "port", "port" },
	.wants = "a port or a range of ports",
	.parse = parse_port,
	.any = any,
	.print = print,
	.fault = fault,
	.narrowness = narrowness,
	.relate = relate,
	.match = match,
	.looked = { SP_LOOKED_REMOTE_PORT, SP_LOOKED_LOCAL_PORT },
	.price = { 2, 2 },
};

const struct sp_field sp_field_other_port = {
	.word = { "local-port", "remote-port" },
	.wants = "a port or a range of ports",
	.parse = parse_other_port,
	.any = other_any,
	.print = print_other,
	.fault = other_fault,
	.narrowness = other_narrowness,
	.relate = relate_other,
	.match = match_other,
	.looked = { SP_LOOKED_LOCAL_PORT, SP_LOOKED_REMOTE_PORT },
	.price = { 9, 9 },	/* another one with nearly every flow */
};
