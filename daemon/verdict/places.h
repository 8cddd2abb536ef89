/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where this machine is: the networks of its own addresses ("lan") and its name
 * servers ("resolver"), as rules speak about them, and what the networks are called
 * that its devices lead to. Addresses come by rtnetlink, from a socket of its own; a
 * network is known from when all have been listed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "decide.h"
#include "netlink.h"
#include "prefix.h"
#include "verdict.h"

#define SP_PLACES_MAX 1024	/* addresses of the machine; with more the fact fails */

struct nlmsghdr;

struct sp_place {
	uint32_t ifindex;
	uint8_t address[16];
	struct sp_prefix network;
};

struct sp_places {
	struct sp_netlink netlink;
	struct sp_batch batch;
	bool listed;		/* all that there are */
	bool full;		/* there are more */
	bool changed;		/* decisions by place are to be made again */
	size_t count, size;
	struct sp_place *list;
	struct sp_prefix *networks;	/* of the list, as large */
	struct sp_prefix resolvers[SP_VERDICT_RESOLVERS];
	size_t resolver_count;
	struct sp_verdict_networks connected;
};

/* Opens and asks for all addresses; read them with sp_places_read(). An errno. */
int sp_places_open(struct sp_places *places);
void sp_places_close(struct sp_places *places);
void sp_places_clear(struct sp_places *places);
void sp_places_read(struct sp_places *places);	/* never blocks */
void sp_places_set_resolvers(struct sp_places *places,
			     const struct sp_verdict_resolvers *resolvers);
void sp_places_set_networks(struct sp_places *places,
			    const struct sp_verdict_networks *networks);

/* RTM_NEWADDR, RTM_DELADDR, the end of a listing; others are passed over. */
void sp_places_message(struct sp_places *places, const struct nlmsghdr *message);
/* Valid until the next change. */
void sp_places_fill(const struct sp_places *places, uint32_t ifindex, struct sp_facts *facts);
