/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A packet as nfnetlink_queue hands it over. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "packet.h"
#include "waiting.h"

struct nlmsghdr;

struct sp_queued {
	struct sp_held held;
	uint64_t netns;		/* set by who knows the socket */
	uint8_t family;
	uint8_t hook;		/* NF_INET_LOCAL_IN, NF_INET_LOCAL_OUT */
	uint32_t in, out;	/* devices, 0: none */
	const uint8_t *data;	/* the packet's first bytes, in the message */
	size_t length;
};

/* False: not a packet, or nothing in it that says which. */
bool sp_queued_read(const struct nlmsghdr *message, struct sp_queued *packet);
bool sp_queued_tuple(const struct sp_queued *packet, struct sp_tuple *tuple);
