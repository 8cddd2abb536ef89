/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sallyport connections --watch: what each program carries now, until it is left. */
#pragma once

#include <gio/gio.h>

/* @json: an object for each program and second. */
gboolean sp_traffic_view_run(GDBusConnection *bus, gboolean all, gboolean json, GError **error);
