/* SPDX-License-Identifier: GPL-2.0 */
/* What the tests of kmod/ share: flows, images, and how a suite is run. */
#ifndef KSHIM_SUPPORT_H
#define KSHIM_SUPPORT_H

#include <check.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include "flow_table.h"
#include "shim.h"

/* An image with one reference, the caller's. */
struct sp_image *support_image(u64 id);
u32 support_images(void);	/* how many are alive */
u32 support_waiting(const struct sp_image *image);	/* flows of it that wait */

/*
 * Socket @cookie of user 1000 sends to 192.0.2.@host, port @port. UDP, device
 * 2, local port 40000.
 */
struct sp_flow_desc support_desc(struct sp_image *image, u64 cookie, u8 host,
				 u16 port);
void support_protocol(struct sp_flow_desc *desc, u8 protocol);

/* sp_cache_hit(), by key. */
u8 support_hit(const struct sp_flow_key *key, u8 direction, u32 bytes,
	       u32 packets);

/* A counter of the module. */
u64 stat_of(enum sallyport_stat stat);

/* As a hook runs. */
void support_enter(void);
void support_leave(void);

/* Runs all tests of @tcase as TAP; the program's exit status. */
int support_run(TCase *tcase);

#endif
