/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See polkit.h. A check belongs to itself: it is freed when its reply has
 * come, which cancelling makes come at once.
 */
#include "polkit.h"

#include "errors.h"

#define POLKIT		"org.freedesktop.PolicyKit1"
#define PATH		"/org/freedesktop/PolicyKit1/Authority"
#define INTERFACE	"org.freedesktop.PolicyKit1.Authority"

#define ALLOW_INTERACTION	1u

struct sp_polkit_check {
	GDBusConnection *connection;
	GCancellable *cancel;
	char *id;
	gboolean interactive;
	sp_polkit_done done;
	void *data;
};

static void check_free(struct sp_polkit_check *check)
{
	g_object_unref(check->connection);
	g_object_unref(check->cancel);
	g_free(check->id);
	g_free(check);
}

/* NULL: authorised. */
static GError *judge(const struct sp_polkit_check *check, GVariant *reply)
{
	g_autoptr(GVariant) details = NULL;
	gboolean authorised, challenge;
	const char *dismissed = NULL;

	g_variant_get(reply, "((bb@a{ss}))", &authorised, &challenge, &details);
	if (authorised)
		return NULL;
	if (g_variant_lookup(details, "polkit.dismissed", "&s", &dismissed))
		return g_error_new(SP_ERROR, SP_ERROR_NOT_AUTHORIZED,
				   "authentication was dismissed");
	if (challenge)
		return g_error_new(SP_ERROR, SP_ERROR_INTERACTION, check->interactive ?
				   "authentication is needed, and there is no agent to ask for it" :
				   "authentication is needed");
	return g_error_new(SP_ERROR, SP_ERROR_NOT_AUTHORIZED, "not authorised");
}

static void on_reply(GObject *source, GAsyncResult *result, void *data)
{
	struct sp_polkit_check *check = data;
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) reply = NULL;
	g_autoptr(GError) verdict = NULL;

	reply = g_dbus_connection_call_finish(check->connection, result, &error);
	if (g_cancellable_is_cancelled(check->cancel)) {
		check_free(check);
		return;
	}
	if (reply)
		verdict = judge(check, reply);
	else
		verdict = g_error_new(SP_ERROR, SP_ERROR_NOT_AUTHORIZED,
				      "polkit does not answer: %s", error->message);
	check->done(verdict, check->data);
	check_free(check);
}

static GVariant *details(const char *message, const char *what)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("a{ss}"));
	if (message && what) {
		g_variant_builder_add(&builder, "{ss}", "polkit.message", message);
		g_variant_builder_add(&builder, "{ss}", "polkit.gettext_domain", "sallyport");
		g_variant_builder_add(&builder, "{ss}", "what", what);
	}
	return g_variant_builder_end(&builder);
}

struct sp_polkit_check *sp_polkit_check(GDBusConnection *connection, const char *sender,
					const char *action, const char *message,
					const char *what, gboolean interactive,
					sp_polkit_done done, void *data)
{
	static guint64 serial;
	struct sp_polkit_check *check = g_new0(struct sp_polkit_check, 1);
	GVariantBuilder subject;

	check->connection = g_object_ref(connection);
	check->cancel = g_cancellable_new();
	check->id = g_strdup_printf("sallyport-%" G_GUINT64_FORMAT, ++serial);
	check->interactive = interactive;
	check->done = done;
	check->data = data;
	g_variant_builder_init(&subject, G_VARIANT_TYPE("a{sv}"));
	g_variant_builder_add(&subject, "{sv}", "name", g_variant_new_string(sender));
	g_dbus_connection_call(connection, POLKIT, PATH, INTERFACE, "CheckAuthorization",
			       g_variant_new("((sa{sv})s@a{ss}us)", "system-bus-name", &subject,
					     action, details(message, what),
					     interactive ? ALLOW_INTERACTION : 0, check->id),
			       G_VARIANT_TYPE("((bba{ss}))"), G_DBUS_CALL_FLAGS_NONE,
			       interactive ? G_MAXINT : 30000, check->cancel, on_reply, check);
	return check;
}

void sp_polkit_cancel(struct sp_polkit_check *check)
{
	g_dbus_connection_call(check->connection, POLKIT, PATH, INTERFACE,
			       "CancelCheckAuthorization", g_variant_new("(s)", check->id),
			       NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, NULL, NULL);
	g_cancellable_cancel(check->cancel);
}
