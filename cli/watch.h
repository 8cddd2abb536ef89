/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records as they come, until nobody reads them any more. */
#pragma once

#include <gio/gio.h>

struct sp_watch_options {
	guint past;	/* begin with so many older records */
	gboolean all, json;
};

gboolean sp_watch_run(GDBusConnection *bus, const struct sp_watch_options *options,
		      GError **error);
