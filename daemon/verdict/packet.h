/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A queued packet's headers, read into what identifies its waiting flow: the
 * same reading as the module's, so that both arrive at the same tuple.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "sallyport.h"

/*
 * No holes: compared as bytes. Addresses as in the protocol, IPv4 mapped; ports
 * in network byte order, 0 where the packet has none. The local side is the
 * source of what goes out and the destination of what comes in; an ICMP echo's
 * identifier is the local port whichever way it goes.
 */
struct sp_tuple {
	uint8_t local[16];
	uint8_t remote[16];
	uint64_t netns;		/* network namespace; not in the packet itself */
	uint16_t local_port;
	uint16_t remote_port;
	uint32_t ifindex;
	uint8_t family;		/* AF_INET, AF_INET6 */
	uint8_t protocol;
	uint8_t direction;	/* enum sallyport_direction */
	uint8_t zero[5];
};

_Static_assert(sizeof(struct sp_tuple) == 56, "struct sp_tuple has holes");

/*
 * Reads the first @length bytes of a packet of @family. False, and @tuple
 * undefined, where the headers make no sense or are cut off before the ports.
 * The namespace is left 0.
 */
bool sp_packet_parse(const uint8_t *data, size_t length, uint8_t family,
		     uint8_t direction, uint32_t ifindex,
		     struct sp_tuple *tuple);

/*
 * Behind the headers of UDP or TCP, of a packet that was read into @tuple: what is there
 * of it, if @data is cut. False: something else, or cut off before.
 */
bool sp_packet_payload(const uint8_t *data, size_t length, const struct sp_tuple *tuple,
		       const uint8_t **payload, size_t *size);

/*
 * The number of the payload's first byte, and how many it has, of a TCP segment whose
 * payload was found; also where @data is cut before their end.
 */
void sp_packet_sequence(const uint8_t *data, size_t length, const struct sp_tuple *tuple,
			const uint8_t *payload, uint32_t *sequence, uint32_t *total);

void sp_tuple_of_flow(const struct sallyport_flow *flow, struct sp_tuple *tuple);
bool sp_tuple_equal(const struct sp_tuple *a, const struct sp_tuple *b);
uint32_t sp_tuple_hash(const struct sp_tuple *tuple);
