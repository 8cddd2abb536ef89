/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The flows that are open, as the kernel listed them last. All who ask share a
 * listing: a new one is made at most once a second, however many they are, and the
 * last is dropped a minute after anybody wanted it.
 *
 * A flow's number stays the same from listing to listing, and is never another's;
 * it is forgotten with the last listing.
 */
#pragma once

#include <glib.h>
#include "verdict_link.h"

struct sp_flows;

struct sp_open_flow {
	guint64 number;
	const struct sp_listed_flow *listed;
};

struct sp_flows *sp_flows_new(struct sp_link *link);
/* Nobody waits any more. */
void sp_flows_free(struct sp_flows *flows);

/* @good FALSE: there is none, and none to be had. */
typedef void (*sp_flows_ready)(struct sp_flows *flows, gboolean good, void *data);
/* Calls @ready once there is a listing not older than a second; maybe at once. */
void sp_flows_refresh(struct sp_flows *flows, sp_flows_ready ready, void *data);

/* By number; valid until the main loop runs again. */
const struct sp_open_flow *sp_flows_get(const struct sp_flows *flows, gsize *count);
const struct sp_open_flow *sp_flows_find(const struct sp_flows *flows, guint64 number);
/* ns of CLOCK_REALTIME: when it was made. */
gint64 sp_flows_time(const struct sp_flows *flows);
/* A time of the kernel's, likewise. */
gint64 sp_flows_real(const struct sp_flows *flows, guint64 boot);
