/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of the history as flows in words (flow_line.h), to be replayed. */
#pragma once

#include <glib.h>

/*
 * A line for each flow in @records (aa{sv}) that was allowed, refused or asked about;
 * what is not known of one is left out. FALSE: nobody reads any more.
 */
gboolean sp_flows_put(GVariant *records);
