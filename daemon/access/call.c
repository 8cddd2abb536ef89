/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See call.h. A call holds its peer. While polkit is asked, the peer's going
 * cancels the check and ends the call; afterwards a call runs to its end even
 * if nobody waits for the answer, since a change half made is none.
 */
#include "call.h"

#include <string.h>
#include "errors.h"
#include "log.h"
#include "methods.h"
#include "polkit.h"

struct sp_call {
	GDBusMethodInvocation *invocation;
	const struct sp_access_rule *rule;
	struct sp_peer *peer;
	enum sp_effect effect;		/* that was asked for last */
	gboolean charged, all;
	gboolean charged_user[SP_CHARGES];
	struct sp_polkit_check *check;	/* under way */
	sp_call_next granted;
	void *data;
	GDestroyNotify refused;			/* frees @data unless granted */
};

static void call_end(struct sp_call *call)
{
	g_assert(!call->check);
	sp_peer_forget(call->peer, call);
	if (call->refused)
		call->refused(call->data);
	if (call->charged)
		sp_peer_discharge(call->peer);
	for (int i = 0; i < SP_CHARGES; i++)
		if (call->charged_user[i])
			sp_peer_discharge_user(call->peer, i);
	sp_peer_release(call->peer);
	g_free(call);
}

void sp_call_return(struct sp_call *call, GVariant *value)
{
	g_autoptr(GVariant) kept = value ? g_variant_ref_sink(value) : NULL;

	if (kept && g_variant_get_size(kept) > SP_CALL_REPLY_MAX) {
		sp_call_fail(call, SP_ERROR_LIMIT, "the answer is too long for one message");
		return;
	}
	g_dbus_method_invocation_return_value(call->invocation, value);
	call_end(call);
}

void sp_call_fail_with(struct sp_call *call, const GError *error)
{
	sp_error_return(call->invocation, g_error_copy(error));
	call_end(call);
}

void sp_call_fail(struct sp_call *call, int code, const char *format, ...)
{
	va_list ap;
	g_autoptr(GError) error = NULL;

	va_start(ap, format);
	error = g_error_new_valist(SP_ERROR, code, format, ap);
	va_end(ap);
	sp_call_fail_with(call, error);
}

static void refuse_closed(struct sp_call *call)
{
	sp_call_fail(call, SP_ERROR_NOT_READY, "the daemon is about to stop");
}

static void on_gone(struct sp_peer *peer, void *data)
{
	struct sp_call *call = data;

	if (call->check)
		sp_polkit_cancel(g_steal_pointer(&call->check));
	if (sp_peer_is_closed(peer))
		refuse_closed(call);
	else
		sp_call_fail(call, SP_ERROR_NOT_AUTHORIZED, "the caller has gone");
}

static void go_on(struct sp_call *call)
{
	sp_peer_forget(call->peer, call);
	if (sp_peer_is_closed(call->peer)) {
		refuse_closed(call);
		return;
	}
	call->refused = NULL;
	call->granted(call, call->data);
}

static void on_checked(const GError *error, void *data)
{
	struct sp_call *call = data;

	call->check = NULL;
	if (!error) {
		go_on(call);
		return;
	}
	sp_log_refused(g_dbus_method_invocation_get_method_name(call->invocation),
		       sp_peer_name(call->peer), sp_peer_uid(call->peer), error->message);
	sp_call_fail_with(call, error);
}

/* @action NULL: nothing is needed. @message, @what: as in polkit.h. */
static void check(struct sp_call *call, const char *action, const char *message,
		  const char *what)
{
	GDBusMessage *asked = g_dbus_method_invocation_get_message(call->invocation);
	gboolean interactive = (g_dbus_message_get_flags(asked) &
				G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION) != 0;

	/* So says polkit too, but root shall not depend on its being there. */
	if (!action || sp_peer_uid(call->peer) == 0) {
		go_on(call);
		return;
	}
	call->check = sp_polkit_check(g_dbus_method_invocation_get_connection(call->invocation),
				      sp_peer_name(call->peer), action, message, what,
				      interactive, on_checked, call);
}

/* The option "all" in the last argument, where the method has one. */
static gboolean wants_all(struct sp_call *call)
{
	GVariant *arguments = sp_call_arguments(call);
	g_autoptr(GVariant) options = NULL;
	gboolean all = FALSE;

	options = g_variant_get_child_value(arguments, g_variant_n_children(arguments) - 1);
	g_variant_lookup(options, "all", "b", &all);
	return all;
}

/* FALSE: the caller was told. */
static gboolean charge_user(struct sp_call *call, enum sp_charge charge, guint most)
{
	if (!sp_peer_charge_user(call->peer, charge, most)) {
		sp_call_fail(call, SP_ERROR_LIMIT, "too many calls of this user are under way");
		return FALSE;
	}
	call->charged_user[charge] = TRUE;
	return TRUE;
}

gboolean sp_call_look(struct sp_call *call)
{
	return charge_user(call, SP_CHARGE_LOOK, SP_LOOKS_OF_USER);
}

static void on_known(struct sp_peer *peer, void *data)
{
	struct sp_call *call = data;

	if (!charge_user(call, SP_CHARGE_CALL, SP_CALLS_OF_USER))
		return;
	switch (call->rule->kind) {
	case SP_ACCESS_ACTION:
		call->all = call->rule->action_all && wants_all(call);
		check(call, call->all ? call->rule->action_all : call->rule->action, NULL, NULL);
		return;
	case SP_ACCESS_EFFECT:
	case SP_ACCESS_PROGRAM:
	case SP_ACCESS_OWN:
		go_on(call);
		return;
	}
	g_assert_not_reached();
}

void sp_call_enter(struct sp_peers *peers, GDBusMethodInvocation *invocation,
		   sp_call_next granted, void *data)
{
	const struct sp_access_rule *rule;
	struct sp_call *call;

	rule = sp_access_find(g_dbus_method_invocation_get_interface_name(invocation),
			      g_dbus_method_invocation_get_method_name(invocation));
	if (!rule || !g_dbus_method_invocation_get_sender(invocation)) {
		sp_error_return(invocation, g_error_new(SP_ERROR, SP_ERROR_NOT_AUTHORIZED,
							"not for anybody"));
		return;
	}
	call = g_new0(struct sp_call, 1);
	call->invocation = invocation;
	call->rule = rule;
	call->granted = granted;
	call->data = data;
	call->peer = sp_peers_hold(peers, g_dbus_method_invocation_get_sender(invocation));
	call->charged = sp_peer_charge(call->peer, SP_CALLS_OF_PEER);
	if (!call->charged) {
		sp_call_fail(call, SP_ERROR_LIMIT, "too many calls are under way");
		return;
	}
	sp_peer_when_gone(call->peer, on_gone, call);
	sp_peer_when_known(call->peer, on_known, call);
}

void sp_call_also(struct sp_call *call, const char *action, const char *message,
		  const char *what, sp_call_next granted, void *data, GDestroyNotify refused)
{
	call->granted = granted;
	call->data = data;
	call->refused = refused;
	sp_peer_when_gone(call->peer, on_gone, call);
	check(call, action, message, what);
}

void sp_call_effect(struct sp_call *call, enum sp_effect effect, const char *what,
		    sp_call_next granted, void *data, GDestroyNotify refused)
{
	g_assert(call->rule->kind == SP_ACCESS_EFFECT);
	call->effect = effect;
	sp_call_also(call, sp_effect_action(effect), sp_effect_message(effect), what, granted,
		     data, refused);
}

guint32 sp_call_uid(const struct sp_call *call)
{
	return sp_peer_uid(call->peer);
}

struct sp_peer *sp_call_peer(const struct sp_call *call)
{
	return call->peer;
}

gboolean sp_call_is_privileged(const struct sp_call *call)
{
	return !sp_call_uid(call) || call->effect >= SP_EFFECT_SYSTEM;
}

GVariant *sp_call_arguments(const struct sp_call *call)
{
	return g_dbus_method_invocation_get_parameters(call->invocation);
}

gboolean sp_call_all(const struct sp_call *call)
{
	return call->all;
}
