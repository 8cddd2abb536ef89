/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See guarded.h. */
#include "guarded.h"

const char *sp_call_guarded(struct sp_call *call, struct sp_guard *guard, const char *how,
			    gboolean *guarded)
{
	guint seconds = sp_peer_guard(sp_call_peer(call));
	g_autoptr(GError) error = NULL;

	*guarded = FALSE;
	if (!seconds)
		return how;
	how = sp_guard_begin(guard, sp_call_uid(call), seconds, FALSE, &error);
	*guarded = how != NULL;
	if (error)
		sp_call_fail_with(call, error);
	return how;
}
