/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Open flows summed up by program, and how fast each is. Pure. */
#pragma once

#include <glib.h>

struct sp_traffic_row {
	char *program;		/* path, "" unknown */
	guint32 user;
	guint flows;
	guint64 bytes_out, bytes_in;	/* of flows that are open now */
	double out, in;		/* bytes a second since the last listing; 0 in the first */
};

struct sp_traffic;

struct sp_traffic *sp_traffic_new(void);
void sp_traffic_free(struct sp_traffic *traffic);

/*
 * Takes in a listing (aa{sv} of Flows.List) made at @time, µs. A time that is not
 * later than the last one's changes nothing: it is the same listing.
 */
void sp_traffic_update(struct sp_traffic *traffic, gint64 time, GVariant *flows);

/* Element: struct sp_traffic_row; the fastest first, then the one that carried most. */
const GPtrArray *sp_traffic_rows(const struct sp_traffic *traffic);
