/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See errors.h. */
#include "errors.h"

G_DEFINE_QUARK(sp-error-quark, sp_error)

#define OWN	"org.sallyport.Firewall1.Error."

static const char *const names[] = {
	[SP_ERROR_NOT_AUTHORIZED] = OWN "NotAuthorized",
	[SP_ERROR_INTERACTION] = "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired",
	[SP_ERROR_INVALID_RULE] = OWN "InvalidRule",
	[SP_ERROR_NO_SUCH_RULE] = OWN "NoSuchRule",
	[SP_ERROR_NO_SUCH_QUESTION] = OWN "NoSuchQuestion",
	[SP_ERROR_NOT_OFFERED] = OWN "NotOffered",
	[SP_ERROR_NOT_SAVED] = OWN "NotSaved",
	[SP_ERROR_LIMIT] = OWN "Limit",
	[SP_ERROR_NOT_READY] = OWN "NotReady",
	[SP_ERROR_INVALID_ARGUMENT] = "org.freedesktop.DBus.Error.InvalidArgs",
	[SP_ERROR_NO_SUCH_CHANGE] = OWN "NoSuchChange",
	[SP_ERROR_NO_SUCH_FLOW] = OWN "NoSuchFlow",
	[SP_ERROR_NO_SUCH_NETWORK] = OWN "NoSuchNetwork",
	[SP_ERROR_CONFLICT] = OWN "Conflict",
};

void sp_error_return(GDBusMethodInvocation *invocation, GError *error)
{
	const char *name = "org.freedesktop.DBus.Error.Failed";

	if (error->domain == SP_ERROR && error->code < (int)G_N_ELEMENTS(names))
		name = names[error->code];
	g_dbus_method_invocation_return_dbus_error(invocation, name, error->message);
	g_error_free(error);
}
