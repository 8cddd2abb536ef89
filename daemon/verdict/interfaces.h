/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of network devices by index, as rtnetlink tells. The table knows
 * whether something changed under a number that may have been decided by.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <net/if.h>

#define SP_INTERFACES_MAX 4096

struct nlmsghdr;

struct sp_interface {
	uint32_t ifindex;
	char name[IF_NAMESIZE];
};

struct sp_interfaces {
	size_t count, size;
	struct sp_interface *list;	/* by ifindex, ascending */
	bool missed;			/* a name was asked for and not known */
	bool changed;			/* decisions by name are to be made again */
};

void sp_interfaces_clear(struct sp_interfaces *interfaces);
/* Before a new listing: all devices that it does not name are gone. */
void sp_interfaces_reset(struct sp_interfaces *interfaces);
/* NULL: not known. Valid until the next change. */
const char *sp_interfaces_name(struct sp_interfaces *interfaces, uint32_t ifindex);
void sp_interfaces_set(struct sp_interfaces *interfaces, uint32_t ifindex,
		       const char *name);
void sp_interfaces_remove(struct sp_interfaces *interfaces, uint32_t ifindex);
/* RTM_NEWLINK, RTM_DELLINK; others are passed over. */
void sp_interfaces_message(struct sp_interfaces *interfaces,
			   const struct nlmsghdr *message);
