/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See guarded.h. */
#include "guarded.h"

struct sp_guard_maker sp_call_guard_maker(const struct sp_call *call)
{
	return (struct sp_guard_maker){
		.uid = sp_call_uid(call),
		.seconds = sp_peer_guard(sp_call_peer(call)),
		.privileged = sp_call_is_privileged(call),
	};
}

const char *sp_call_guarded(struct sp_call *call, struct sp_guard *guard, const char *how,
			    gboolean *guarded)
{
	const struct sp_guard_maker maker = sp_call_guard_maker(call);
	g_autoptr(GError) error = NULL;

	*guarded = FALSE;
	if (!maker.seconds)
		return how;
	how = sp_guard_begin(guard, &maker, FALSE, &error);
	*guarded = how != NULL;
	if (error)
		sp_call_fail_with(call, error);
	return how;
}
