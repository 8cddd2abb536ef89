/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In place of GIO's g_task_run_in_thread(), for GTK, which loads icons by it: here they are
 * loaded at once.
 *
 * gtk_icon_theme_lookup_icon() of GTK 4 (seen in 4.8, gtkicontheme.c) may take an icon from its
 * cache whose last reference a loading thread has just given up and that waits for the cache's
 * lock to leave it. That is a critical warning, which ends our tests, about one run in hundreds
 * on a busy machine; with each g_mutex_lock() of those threads delayed by 100 ms it is each run.
 */
#include <gio/gio.h>

void g_task_run_in_thread(GTask *task, GTaskThreadFunc function)
{
	function(task, g_task_get_source_object(task), g_task_get_task_data(task),
		 g_task_get_cancellable(task));
}
