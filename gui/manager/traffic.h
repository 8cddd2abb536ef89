/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What History.Totals says, summed up for a list: a program, or a place that it had to do
 * with. Emits "changed" when it has other counts.
 */
#pragma once

#include "items.h"

#include "draft.h"

#define SP_TYPE_TRAFFIC (sp_traffic_get_type())
G_DECLARE_FINAL_TYPE(SpTraffic, sp_traffic, SP, TRAFFIC, SpItems)

/*
 * Programs, the busiest first, each a GListModel of its places; @totals: aa{sv} told apart
 * by program and action, or also by host, port, protocol and direction.
 */
GListStore *sp_traffic_programs(GVariant *totals);
/*
 * Places of one program: @totals told apart by all of these, in the daemon's order. Where
 * there is @more to come, without the last one, of which there may be more; *@rows: of
 * those that are told.
 */
GPtrArray *sp_traffic_places(GVariant *totals, gboolean more, guint *rows);
int sp_traffic_compare(gconstpointer a, gconstpointer b, gpointer data);	/* the busiest first */
gboolean sp_traffic_same_place(SpTraffic *self, SpTraffic *other);
/* Has the counts of @now from now on. */
void sp_traffic_update(SpTraffic *self, SpTraffic *now);

gboolean sp_traffic_is_place(SpTraffic *self);
const char *sp_traffic_program(SpTraffic *self);	/* "": unknown */
/* Of a place. */
const char *sp_traffic_host(SpTraffic *self);
const char *sp_traffic_protocol(SpTraffic *self);
guint sp_traffic_port(SpTraffic *self);
gboolean sp_traffic_is_inbound(SpTraffic *self);

guint64 sp_traffic_allowed(SpTraffic *self);		/* connections */
guint64 sp_traffic_refused(SpTraffic *self);		/* attempts */
guint64 sp_traffic_bytes_out(SpTraffic *self);
guint64 sp_traffic_bytes_in(SpTraffic *self);
/* Of a place: "shop.test, HTTPS (TCP 443)". */
char *sp_traffic_title(SpTraffic *self);
/* "3 allowed, 12 refused · ↑ 1.2 kB ↓ 3 kB" */
char *sp_traffic_detail(SpTraffic *self);

/* A rule about this place, or about anything the program does outbound; NULL: unknown program. */
struct sp_draft *sp_traffic_draft(SpTraffic *self, enum sp_action action);
