/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of the history as rows of a table, or lines of JSON. */
#pragma once

#include <glib.h>

/*
 * Shows @records (aa{sv}) whose serial is greater than *@last, and moves it.
 * @streaming: columns have a fixed width, since more rows follow later.
 * FALSE: nobody reads any more.
 */
gboolean sp_records_show(GVariant *records, guint64 *last, gboolean titles,
			 gboolean streaming, gboolean json);
