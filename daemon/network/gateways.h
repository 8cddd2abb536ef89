/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the machine's devices lead to, as the kernel knows it: the default gateway of
 * each, and that one's hardware address. By rtnetlink, in the main loop; all is read
 * again when something about it changes, which is seldom.
 */
#pragma once

#include <glib.h>
#include <net/if.h>

#define SP_GATEWAYS_MAX	64u	/* devices; what there is more is passed over */

/* Plain data, zero where there is nothing. */
struct sp_gateway {
	guint32 ifindex;
	char device[IF_NAMESIZE];
	gboolean loopback;
	gboolean bare;		/* no hardware addresses: a tunnel, a modem */
	gboolean made;		/* not a piece of hardware: root has made it */
	/*
	 * Grows whenever the device or its way out was gone for a moment: what was known
	 * of it before need not be so any more, though it looks the same.
	 */
	guint32 losses;
	gboolean leads_out;	/* a default route goes through it */
	guint8 family;		/* AF_INET, AF_INET6; 0: there is no gateway */
	guint32 metric;		/* of its route */
	guint8 address[16];	/* as the family has it */
	gboolean resolved;
	guint8 hardware[6];	/* where @resolved */
};

struct sp_gateways;

/* What there is is known when it returns. @changed is called when it is different. */
struct sp_gateways *sp_gateways_new(void (*changed)(void *data), void *data);
void sp_gateways_free(struct sp_gateways *gateways);	/* NULL is fine */

/* By ifindex; valid until the main loop runs again. */
const struct sp_gateway *sp_gateways_get(const struct sp_gateways *gateways, gsize *count);