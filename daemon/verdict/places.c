/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses of this machine, and the networks that they are in. */
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include "places.h"

#define BATCH		4
#define MESSAGE_SIZE	(32 * 1024)
#define GROUPS		(RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR)
#define FIRST_SIZE	32
#define SHORTEST4	8	/* bits of a network */
#define SHORTEST6	32

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

static int ask_for_all(const struct sp_places *places)
{
	struct {
		struct nlmsghdr header;
		struct ifaddrmsg address;
	} request = {
		.header.nlmsg_len = sizeof(request),
		.header.nlmsg_type = RTM_GETADDR,
		.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		.header.nlmsg_seq = 1,
		.address.ifa_family = AF_UNSPEC,
	};

	return sp_netlink_send(&places->netlink, &request, sizeof(request));
}

int sp_places_open(struct sp_places *places)
{
	int error = ENOMEM;

	if (sp_batch_init(&places->batch, BATCH, MESSAGE_SIZE))
		error = sp_netlink_open(&places->netlink, NETLINK_ROUTE, GROUPS);
	if (!error)
		error = ask_for_all(places);
	if (error)
		sp_places_close(places);
	return error;
}

void sp_places_close(struct sp_places *places)
{
	sp_netlink_close(&places->netlink);
	sp_batch_clear(&places->batch);
}

void sp_places_clear(struct sp_places *places)
{
	free(places->list);
	free(places->networks);
	places->list = NULL;
	places->networks = NULL;
	places->count = places->size = 0;
}

/* --- the list ------------------------------------------------------------------ */

static struct sp_place *find(const struct sp_places *places, const struct sp_place *like)
{
	size_t i;

	for (i = 0; i < places->count; i++)
		if (places->list[i].ifindex == like->ifindex &&
		    places->list[i].network.length == like->network.length &&
		    !memcmp(places->list[i].address, like->address, 16))
			return &places->list[i];
	return NULL;
}

static bool grow(struct sp_places *places)
{
	size_t size = places->size ? places->size * 2 : FIRST_SIZE;
	struct sp_prefix *networks;
	struct sp_place *list;

	if (places->count < places->size)
		return true;
	if (size > SP_PLACES_MAX)
		return false;
	list = reallocarray(places->list, size, sizeof(*list));
	if (!list)
		return false;
	places->list = list;
	networks = reallocarray(places->networks, size, sizeof(*networks));
	if (!networks)
		return false;
	places->networks = networks;
	places->size = size;
	return true;
}

/* The networks anew, after a change of the list. */
static void renew(struct sp_places *places)
{
	size_t i;

	for (i = 0; i < places->count; i++)
		places->networks[i] = places->list[i].network;
	places->changed = true;
}

static void add(struct sp_places *places, const struct sp_place *place)
{
	if (find(places, place))
		return;
	if (!grow(places)) {
		places->changed |= !places->full;
		places->full = true;
		return;
	}
	places->list[places->count++] = *place;
	renew(places);
}

static void drop(struct sp_places *places, const struct sp_place *like)
{
	struct sp_place *place = find(places, like);

	if (!place)
		return;
	*place = places->list[--places->count];
	renew(places);
}

/* --- messages ------------------------------------------------------------------- */

/* Of a point-to-point device the other end counts, which is in IFA_ADDRESS. */
static const uint8_t *address_bytes(const struct nlmsghdr *message, size_t size)
{
	size_t header = NLMSG_SPACE(sizeof(struct ifaddrmsg)), left, length;
	const uint8_t *at = (const uint8_t *)message + header;
	struct rtattr attribute;

	for (left = message->nlmsg_len - header; left >= sizeof(attribute);) {
		memcpy(&attribute, at, sizeof(attribute));
		length = attribute.rta_len;
		if (length < sizeof(attribute) || length > left)
			return NULL;
		if (attribute.rta_type == IFA_ADDRESS &&
		    length - sizeof(attribute) == size)
			return at + sizeof(attribute);
		length = RTA_ALIGN(length) < left ? RTA_ALIGN(length) : left;
		at += length;
		left -= length;
	}
	return NULL;
}

/*
 * Loopback is a class of its own. What is larger than any network of one's own is
 * somebody's mistake, or a network's attempt to be taken for more than it is.
 */
static bool is_network(const struct sp_place *place)
{
	static const uint8_t loopback6[16] = { [15] = 1 };

	if (!memcmp(place->address, mapped, sizeof(mapped)))
		return place->network.length >= 96 + SHORTEST4 &&
		       place->address[12] != 127;
	return place->network.length >= SHORTEST6 &&
	       memcmp(place->address, loopback6, 16);
}

static bool read_place(const struct nlmsghdr *message, struct sp_place *place)
{
	struct ifaddrmsg header;
	const uint8_t *bytes;
	size_t size;

	if (message->nlmsg_len < NLMSG_SPACE(sizeof(header)))
		return false;
	memcpy(&header, (const uint8_t *)message + NLMSG_HDRLEN, sizeof(header));
	if (header.ifa_family != AF_INET && header.ifa_family != AF_INET6)
		return false;
	size = header.ifa_family == AF_INET ? 4 : 16;
	bytes = address_bytes(message, size);
	if (!bytes || header.ifa_prefixlen > 8 * size)
		return false;
	memset(place, 0, sizeof(*place));
	place->ifindex = header.ifa_index;
	memcpy(place->address, mapped, sizeof(mapped));
	memcpy(place->address + 16 - size, bytes, size);
	place->network.length = (uint8_t)(128 - 8 * size + header.ifa_prefixlen);
	memcpy(place->network.address, place->address, 16);
	sp_prefix_trim(&place->network);
	return is_network(place);
}

void sp_places_message(struct sp_places *places, const struct nlmsghdr *message)
{
	struct sp_place place;

	if (message->nlmsg_type == NLMSG_DONE) {
		places->changed |= !places->listed;
		places->listed = true;
	} else if (message->nlmsg_type == RTM_NEWADDR && read_place(message, &place)) {
		add(places, &place);
	} else if (message->nlmsg_type == RTM_DELADDR && read_place(message, &place)) {
		drop(places, &place);
	}
}

static void read_batch(struct sp_places *places, unsigned int count)
{
	const struct nlmsghdr *message;
	unsigned int i;
	size_t left;

	for (i = 0; i < count; i++) {
		message = sp_batch_first(&places->batch, i, &left);
		for (; message; message = sp_message_next(message, &left))
			sp_places_message(places, message);
	}
}

/* Until nothing is there. False: something was lost. */
static bool read_all(struct sp_places *places)
{
	bool whole = true;
	int count;

	while ((count = sp_batch_receive(&places->batch, &places->netlink, NULL))) {
		if (count > 0)
			read_batch(places, (unsigned int)count);
		else if (count == -ENOBUFS)
			whole = false;
		else
			break;
	}
	return whole;
}

void sp_places_read(struct sp_places *places)
{
	while (!read_all(places)) {
		places->count = 0;
		places->listed = places->full = false;
		places->changed = true;
		if (ask_for_all(places))
			break;
	}
}

/* --- facts ---------------------------------------------------------------------- */

void sp_places_set_resolvers(struct sp_places *places,
			     const struct sp_verdict_resolvers *resolvers)
{
	size_t i;

	places->resolver_count = resolvers->count;
	for (i = 0; i < resolvers->count; i++) {
		memcpy(places->resolvers[i].address, resolvers->addresses[i], 16);
		places->resolvers[i].length = 128;
	}
	places->changed = true;
}

void sp_places_set_networks(struct sp_places *places,
			    const struct sp_verdict_networks *networks)
{
	places->connected = *networks;
	places->changed = true;
}

static void fill_network(const struct sp_verdict_networks *networks, uint32_t ifindex,
			 struct sp_facts *facts)
{
	size_t i;

	if (networks->settling && ifindex)
		facts->network.state = SP_FACT_PENDING;
	for (i = 0; i < networks->count; i++) {
		if (networks->list[i].ifindex != ifindex)
			continue;
		facts->network.state = SP_FACT_KNOWN;
		facts->network.text = networks->list[i].name[0] ? networks->list[i].name : NULL;
		return;
	}
}

void sp_places_fill(const struct sp_places *places, uint32_t ifindex, struct sp_facts *facts)
{
	fill_network(&places->connected, ifindex, facts);
	if (!places->listed || places->full)
		return;
	facts->places.state = SP_FACT_KNOWN;
	facts->places.lan = places->networks;
	facts->places.lan_count = places->count;
	facts->places.resolver = places->resolvers;
	facts->places.resolver_count = places->resolver_count;
}
