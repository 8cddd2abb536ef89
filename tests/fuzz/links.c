/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as messages of rtnetlink about devices and addresses: tables in order and in
 * bounds. Nothing is read behind a message.
 */
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include "interfaces.h"
#include "places.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool so)
{
	if (!so)
		abort();
}

static void check_interfaces(const struct sp_interfaces *interfaces)
{
	must(interfaces->count <= SP_INTERFACES_MAX);
	for (size_t i = 0; i < interfaces->count; i++) {
		const struct sp_interface *one = &interfaces->list[i];

		must(!i || one[-1].ifindex < one->ifindex);
		must(one->name[0] && memchr(one->name, 0, sizeof(one->name)));
	}
}

static void check_places(const struct sp_places *places)
{
	must(places->count <= SP_PLACES_MAX);
	for (size_t i = 0; i < places->count; i++)
		must(places->list[i].network.length <= 128);
}

/* As long as it says, as the netlink library gives only such to a reader. */
static size_t take(const uint8_t *data, size_t size, struct sp_interfaces *interfaces,
		   struct sp_places *places)
{
	struct nlmsghdr header, *message;

	if (size < sizeof(header))
		return size;
	memcpy(&header, data, sizeof(header));
	if (header.nlmsg_len < sizeof(header) || header.nlmsg_len > size)
		return size;
	message = malloc(header.nlmsg_len);
	memcpy(message, data, header.nlmsg_len);
	sp_interfaces_message(interfaces, message);
	sp_places_message(places, message);
	free(message);
	return header.nlmsg_len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sp_interfaces interfaces;
	static struct sp_places places;
	size_t taken;

	for (; size; data += taken, size -= taken)
		taken = take(data, size, &interfaces, &places);
	check_interfaces(&interfaces);
	check_places(&places);
	sp_interfaces_clear(&interfaces);
	sp_places_clear(&places);
	memset(&places, 0, sizeof(places));
	return 0;
}
