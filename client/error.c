/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors of the bus and of the daemon, in words. Every message that leaves
 * here says what to do where something can be done.
 */
#include "error.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

#include "width.h"

G_DEFINE_QUARK(sp-client-error-quark, sp_client_error)

static const struct {
	const char *name;
	enum sp_client_error code;
} names[] = {
	{ "org.sallyport.Firewall1.Error.NotAuthorized", SP_CLIENT_ERROR_NOT_AUTHORISED },
	{ "org.sallyport.Firewall1.Error.InvalidRule", SP_CLIENT_ERROR_INVALID_RULE },
	{ "org.sallyport.Firewall1.Error.NoSuchRule", SP_CLIENT_ERROR_NO_SUCH_RULE },
	{ "org.sallyport.Firewall1.Error.NoSuchQuestion", SP_CLIENT_ERROR_NO_SUCH_QUESTION },
	{ "org.sallyport.Firewall1.Error.NotOffered", SP_CLIENT_ERROR_NOT_OFFERED },
	{ "org.sallyport.Firewall1.Error.NotSaved", SP_CLIENT_ERROR_NOT_SAVED },
	{ "org.sallyport.Firewall1.Error.NoSuchChange", SP_CLIENT_ERROR_NO_SUCH_CHANGE },
	{ "org.sallyport.Firewall1.Error.NoSuchFlow", SP_CLIENT_ERROR_NO_SUCH_FLOW },
	{ "org.sallyport.Firewall1.Error.NoSuchNetwork", SP_CLIENT_ERROR_NO_SUCH_NETWORK },
	{ "org.sallyport.Firewall1.Error.Conflict", SP_CLIENT_ERROR_CONFLICT },
	{ "org.sallyport.Firewall1.Error.Limit", SP_CLIENT_ERROR_LIMIT },
	{ "org.sallyport.Firewall1.Error.NotReady", SP_CLIENT_ERROR_NOT_READY },
};

#define ASK_NAME "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired"

void sp_client_error_register(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		g_dbus_error_register_error(SP_CLIENT_ERROR, names[i].code,
					    names[i].name);
}

/* What the bus itself says, as one of our codes; FAILED where it is no such. */
static enum sp_client_error bus_code(const GError *error)
{
	if (error->domain == G_IO_ERROR)
		return error->code == G_IO_ERROR_CLOSED ||
		       error->code == G_IO_ERROR_TIMED_OUT ?
		       SP_CLIENT_ERROR_NOT_REACHABLE : SP_CLIENT_ERROR_FAILED;
	if (error->domain != G_DBUS_ERROR)
		return SP_CLIENT_ERROR_FAILED;
	switch (error->code) {
	case G_DBUS_ERROR_SERVICE_UNKNOWN:
	case G_DBUS_ERROR_NAME_HAS_NO_OWNER:
	case G_DBUS_ERROR_NO_REPLY:
	case G_DBUS_ERROR_DISCONNECTED:
	case G_DBUS_ERROR_TIMEOUT:
		return SP_CLIENT_ERROR_NOT_REACHABLE;
	case G_DBUS_ERROR_ACCESS_DENIED:
	case G_DBUS_ERROR_AUTH_FAILED:
		return SP_CLIENT_ERROR_NOT_AUTHORISED;
	default:
		return SP_CLIENT_ERROR_FAILED;
	}
}

static char *bus_message(const GError *error)
{
	if (g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ||
	    g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER))
		return g_strdup(_("sallyportd is not running; start it with “systemctl start sallyportd”"));
	if (bus_code(error) == SP_CLIENT_ERROR_NOT_REACHABLE)
		return g_strdup(_("sallyportd went away before it answered; see “journalctl -u sallyportd”"));
	if (g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD) ||
	    g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_INTERFACE) ||
	    g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT))
		return g_strdup(_("sallyportd is of another version than this program; restart it with “systemctl restart sallyportd”"));
	return g_strdup(error->message);
}

static char *our_message(const GError *error)
{
	switch ((enum sp_client_error)error->code) {
	case SP_CLIENT_ERROR_NOT_AUTHORISED:
		if (g_str_equal(error->message, "not authorised"))
			return g_strdup(_("not authorised"));
		return g_strdup_printf(_("not authorised: %s"), error->message);
	case SP_CLIENT_ERROR_NOT_SAVED:
		return g_strdup_printf(_("not saved: %s"), error->message);
	case SP_CLIENT_ERROR_NOT_READY:
		return g_strdup_printf(_("%s; see “sallyport status”"), error->message);
	case SP_CLIENT_ERROR_NOT_OFFERED:
		if (g_str_equal(error->message, "the question has changed meanwhile"))
			return g_strdup(_("more became known meanwhile: please look again"));
		break;
	case SP_CLIENT_ERROR_FAILED:
	case SP_CLIENT_ERROR_USAGE:
	case SP_CLIENT_ERROR_NOT_REACHABLE:
	case SP_CLIENT_ERROR_NO_SUCH_RULE:
	case SP_CLIENT_ERROR_NO_SUCH_QUESTION:
	case SP_CLIENT_ERROR_NO_SUCH_CHANGE:
	case SP_CLIENT_ERROR_NO_SUCH_FLOW:
	case SP_CLIENT_ERROR_NO_SUCH_NETWORK:
	case SP_CLIENT_ERROR_CONFLICT:
	case SP_CLIENT_ERROR_INVALID_RULE:
	case SP_CLIENT_ERROR_LIMIT:
		break;
	}
	return g_strdup(error->message);
}

/* A message may hold text of a rule or a program. */
static void make_harmless(GError *error)
{
	char *message = sp_width_harmless(error->message);

	g_free(error->message);
	error->message = message;
}

void sp_client_error_translate(GError **error)
{
	g_autofree char *name = g_dbus_error_get_remote_error(*error);
	g_autofree char *message = NULL;
	enum sp_client_error code;

	g_dbus_error_strip_remote_error(*error);
	make_harmless(*error);
	if (g_strcmp0(name, ASK_NAME) == 0) {
		code = SP_CLIENT_ERROR_NOT_AUTHORISED;
		message = g_strdup(_("not authorised: a password is needed and nobody can be asked for it; "
				     "run it in a terminal, or as root"));
	} else if ((*error)->domain == SP_CLIENT_ERROR) {
		code = (*error)->code;
		message = our_message(*error);
	} else {
		code = bus_code(*error);
		message = bus_message(*error);
	}
	g_clear_error(error);
	*error = g_error_new_literal(SP_CLIENT_ERROR, code, message);
}

enum sp_exit sp_client_error_exit(const GError *error)
{
	if (error->domain == G_OPTION_ERROR)
		return SP_EXIT_USAGE;
	if (error->domain != SP_CLIENT_ERROR)
		return SP_EXIT_ERROR;
	switch ((enum sp_client_error)error->code) {
	case SP_CLIENT_ERROR_USAGE:
		return SP_EXIT_USAGE;
	case SP_CLIENT_ERROR_NOT_AUTHORISED:
		return SP_EXIT_NOT_AUTHORISED;
	case SP_CLIENT_ERROR_NOT_REACHABLE:
	case SP_CLIENT_ERROR_NOT_READY:
		return SP_EXIT_NOT_REACHABLE;
	case SP_CLIENT_ERROR_NO_SUCH_RULE:
	case SP_CLIENT_ERROR_NO_SUCH_QUESTION:
	case SP_CLIENT_ERROR_NO_SUCH_CHANGE:
	case SP_CLIENT_ERROR_NO_SUCH_FLOW:
	case SP_CLIENT_ERROR_NO_SUCH_NETWORK:
		return SP_EXIT_NOT_FOUND;
	case SP_CLIENT_ERROR_CONFLICT:
		return SP_EXIT_CONFLICT;
	case SP_CLIENT_ERROR_INVALID_RULE:
		return SP_EXIT_INVALID_RULE;
	case SP_CLIENT_ERROR_NOT_SAVED:
		return SP_EXIT_NOT_SAVED;
	case SP_CLIENT_ERROR_FAILED:
	case SP_CLIENT_ERROR_NOT_OFFERED:
	case SP_CLIENT_ERROR_LIMIT:
		break;
	}
	return SP_EXIT_ERROR;
}
