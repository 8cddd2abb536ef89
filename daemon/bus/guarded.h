/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A change that is about to be made for a caller who may want it guarded (Manager.Guard). */
#pragma once

#include "access/call.h"
#include "guard.h"

/* With no seconds: nothing is guarded. */
struct sp_guard_maker sp_call_guard_maker(const struct sp_call *call);

/*
 * What the journal calls it: @how, where it is not guarded. NULL: it can't be made, and the
 * caller was told. *@guarded: sp_guard_made() is to be called.
 */
const char *sp_call_guarded(struct sp_call *call, struct sp_guard *guard, const char *how,
			    gboolean *guarded);
