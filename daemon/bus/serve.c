/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See serve.h. Signals of skeletons have the invocation first, then the arguments, which
 * are read from it when the call was granted: so one marshaller is enough.
 */
#include "serve.h"

struct served {
	GClosure closure;	/* its data is the face: bus.c disconnects by it */
	sp_call_next granted;
};

static void begin(GClosure *closure, GValue *handled, guint count, const GValue *values,
		  gpointer hint, gpointer data)
{
	const struct served *served = (const struct served *)(void *)closure;
	struct sp_face *face = closure->data;

	sp_call_enter(face->peers, g_value_get_object(&values[1]), served->granted, face);
	g_value_set_boolean(handled, TRUE);
}

void sp_serve(gpointer skeleton, struct sp_face *face, const struct sp_method *methods)
{
	for (; methods->signal; methods++) {
		GClosure *closure = g_closure_new_simple(sizeof(struct served), face);

		((struct served *)(void *)closure)->granted = methods->granted;
		g_closure_set_marshal(closure, begin);
		g_signal_connect_closure(skeleton, methods->signal, closure, FALSE);
	}
}
