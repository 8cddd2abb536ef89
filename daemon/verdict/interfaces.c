/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of names, and the reading of link messages. */
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include "interfaces.h"

void sp_interfaces_clear(struct sp_interfaces *interfaces)
{
	free(interfaces->list);
	memset(interfaces, 0, sizeof(*interfaces));
}

void sp_interfaces_reset(struct sp_interfaces *interfaces)
{
	interfaces->changed |= interfaces->count > 0;
	interfaces->count = 0;
}

/* The first place whose index is not below @ifindex. */
static size_t place(const struct sp_interfaces *interfaces, uint32_t ifindex)
{
	size_t low = 0, high = interfaces->count, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (interfaces->list[middle].ifindex < ifindex)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_at(const struct sp_interfaces *interfaces, size_t at,
		  uint32_t ifindex)
{
	return at < interfaces->count && interfaces->list[at].ifindex == ifindex;
}

const char *sp_interfaces_name(struct sp_interfaces *interfaces, uint32_t ifindex)
{
	size_t at = place(interfaces, ifindex);

	if (is_at(interfaces, at, ifindex))
		return interfaces->list[at].name;
	interfaces->missed |= ifindex != 0;
	return NULL;
}

static bool grow(struct sp_interfaces *interfaces)
{
	size_t size = interfaces->size ? interfaces->size * 2 : 16;
	struct sp_interface *list;

	if (interfaces->count < interfaces->size)
		return true;
	if (size > SP_INTERFACES_MAX)
		return false;
	list = reallocarray(interfaces->list, size, sizeof(*list));
	if (!list)
		return false;
	interfaces->list = list;
	interfaces->size = size;
	return true;
}

static void insert(struct sp_interfaces *interfaces, size_t at,
		   uint32_t ifindex, const char *name)
{
	struct sp_interface *slot;

	if (!grow(interfaces))
		return;		/* its name stays unknown: the fact fails */
	slot = &interfaces->list[at];
	memmove(slot + 1, slot, (interfaces->count - at) * sizeof(*slot));
	interfaces->count++;
	memset(slot, 0, sizeof(*slot));
	slot->ifindex = ifindex;
	memcpy(slot->name, name, strnlen(name, IF_NAMESIZE - 1));
	interfaces->changed |= interfaces->missed;
}

void sp_interfaces_set(struct sp_interfaces *interfaces, uint32_t ifindex,
		       const char *name)
{
	size_t at = place(interfaces, ifindex);
	struct sp_interface *slot;

	if (!is_at(interfaces, at, ifindex)) {
		insert(interfaces, at, ifindex, name);
		return;
	}
	slot = &interfaces->list[at];
	if (!strncmp(slot->name, name, IF_NAMESIZE - 1))
		return;
	memset(slot->name, 0, sizeof(slot->name));
	memcpy(slot->name, name, strnlen(name, IF_NAMESIZE - 1));
	interfaces->changed = true;
}

void sp_interfaces_remove(struct sp_interfaces *interfaces, uint32_t ifindex)
{
	size_t at = place(interfaces, ifindex);
	struct sp_interface *slot;

	if (!is_at(interfaces, at, ifindex))
		return;
	slot = &interfaces->list[at];
	interfaces->count--;
	memmove(slot, slot + 1, (interfaces->count - at) * sizeof(*slot));
	interfaces->changed = true;
}

/* IFLA_IFNAME, NUL-terminated within @name. */
static bool link_name(const struct nlmsghdr *message, char name[IF_NAMESIZE])
{
	size_t header = NLMSG_SPACE(sizeof(struct ifinfomsg)), left, length;
	const uint8_t *at = (const uint8_t *)message + header;
	struct rtattr attribute;

	for (left = message->nlmsg_len - header; left >= sizeof(attribute);) {
		memcpy(&attribute, at, sizeof(attribute));
		length = attribute.rta_len;
		if (length < sizeof(attribute) || length > left)
			return false;
		if (attribute.rta_type == IFLA_IFNAME &&
		    length - sizeof(attribute) <= IF_NAMESIZE) {
			memset(name, 0, IF_NAMESIZE);
			memcpy(name, at + sizeof(attribute), length - sizeof(attribute));
			return name[0] && !name[IF_NAMESIZE - 1];
		}
		length = RTA_ALIGN(length) < left ? RTA_ALIGN(length) : left;
		at += length;
		left -= length;
	}
	return false;
}

void sp_interfaces_message(struct sp_interfaces *interfaces,
			   const struct nlmsghdr *message)
{
	struct ifinfomsg link;
	char name[IF_NAMESIZE];

	if (message->nlmsg_len < NLMSG_SPACE(sizeof(link)))
		return;
	memcpy(&link, (const uint8_t *)message + NLMSG_HDRLEN, sizeof(link));
	if (link.ifi_index <= 0 || link.ifi_family != AF_UNSPEC)
		return;		/* AF_BRIDGE: a port left its bridge */
	if (message->nlmsg_type == RTM_DELLINK)
		sp_interfaces_remove(interfaces, (uint32_t)link.ifi_index);
	else if (message->nlmsg_type == RTM_NEWLINK && link_name(message, name))
		sp_interfaces_set(interfaces, (uint32_t)link.ifi_index, name);
}
