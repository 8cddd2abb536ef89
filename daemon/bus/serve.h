/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How every method of every interface begins: its call goes to the gate
 * (access/call.h), and on from there where the caller may.
 */
#pragma once

#include "access/call.h"
#include "faces.h"

struct sp_method {
	const char *signal;	/* of the skeleton: "handle-set-mode" */
	sp_call_next granted;	/* its data is the face */
};

/* @methods end in a NULL signal. */
void sp_serve(gpointer skeleton, struct sp_face *face, const struct sp_method *methods);
