/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as the beginning of a packet, cut off anywhere: read within its bounds;
 * and what was read from less is read from more too.
 */
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool so)
{
	if (!so)
		abort();
}

/* What is behind the headers lies in the packet, and so does what is read of them again. */
static void read_payload(const uint8_t *data, size_t size, const struct sp_tuple *tuple)
{
	uint32_t sequence, total;
	const uint8_t *payload;
	size_t length;

	if (!sp_packet_payload(data, size, tuple, &payload, &length))
		return;
	must(payload >= data && payload + length <= data + size);
	if (tuple->protocol == IPPROTO_TCP)
		sp_packet_sequence(data, size, tuple, payload, &sequence, &total);
}

static bool parse(const uint8_t *data, size_t size, uint8_t family, uint8_t direction,
		  struct sp_tuple *tuple)
{
	/* A copy without a byte behind it. */
	uint8_t *copy = malloc(size + !size);
	bool good;

	must(copy);
	if (size)
		memcpy(copy, data, size);
	good = sp_packet_parse(copy, size, family, direction, 2, tuple);
	if (good)
		read_payload(copy, size, tuple);
	free(copy);
	must(!good || (tuple->family == family && tuple->direction == direction &&
		       tuple->ifindex == 2));
	return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_tuple whole, part;
	uint8_t family, direction;
	size_t cut;

	if (size < 3)
		return 0;
	family = data[0] & 1 ? AF_INET6 : AF_INET;
	direction = data[0] & 2 ? SALLYPORT_IN : SALLYPORT_OUT;
	cut = data[1] % (size - 1);
	data += 2;
	size -= 2;
	if (parse(data, cut < size ? cut : size, family, direction, &part))
		must(parse(data, size, family, direction, &whole) &&
		     sp_tuple_equal(&whole, &part) &&
		     sp_tuple_hash(&whole) == sp_tuple_hash(&part));
	else
		parse(data, size, family, direction, &whole);
	return 0;
}
