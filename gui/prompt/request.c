/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See request.h. */
#include "request.h"

struct _SpRequest {
	GObject parent;
	struct sp_question *question;
	gboolean chosen, sending, held;
	char *message;
};

G_DEFINE_FINAL_TYPE(SpRequest, sp_request, G_TYPE_OBJECT)

enum { PROP_CHOSEN = 1, PROPS };
enum { ANSWER, DISMISS, HOLD, CHANGED, RENEWED, SIGNALS };

static GParamSpec *props[PROPS];
static guint signals[SIGNALS];

static void sp_request_finalize(GObject *object)
{
	SpRequest *self = SP_REQUEST(object);

	sp_question_free(self->question);
	g_free(self->message);
	G_OBJECT_CLASS(sp_request_parent_class)->finalize(object);
}

static void sp_request_get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
	if (id == PROP_CHOSEN)
		g_value_set_boolean(value, SP_REQUEST(object)->chosen);
	else
		G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void sp_request_set_property(GObject *object, guint id, const GValue *value,
				GParamSpec *spec)
{
	if (id == PROP_CHOSEN)
		sp_request_set_chosen(SP_REQUEST(object), g_value_get_boolean(value));
	else
		G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void sp_request_class_init(SpRequestClass *class)
{
	GObjectClass *object = G_OBJECT_CLASS(class);
	GType type = G_TYPE_FROM_CLASS(class);

	object->finalize = sp_request_finalize;
	object->get_property = sp_request_get_property;
	object->set_property = sp_request_set_property;
	props[PROP_CHOSEN] = g_param_spec_boolean("chosen", NULL, NULL, TRUE,
		G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
	g_object_class_install_properties(object, PROPS, props);
	signals[ANSWER] = g_signal_new("answer", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
				       G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_STRING,
				       G_TYPE_STRING);
	signals[DISMISS] = g_signal_new("dismiss", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
					G_TYPE_NONE, 0);
	signals[HOLD] = g_signal_new("hold", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
				     G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
	signals[RENEWED] = g_signal_new("renewed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
					G_TYPE_NONE, 0);
	signals[CHANGED] = g_signal_new("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
					G_TYPE_NONE, 0);
}

static void sp_request_init(SpRequest *self)
{
	self->chosen = TRUE;
}

SpRequest *sp_request_new(struct sp_question *question)
{
	SpRequest *self = g_object_new(SP_TYPE_REQUEST, NULL);

	self->question = question;
	return self;
}

const struct sp_question *sp_request_question(SpRequest *self)
{
	return self->question;
}

const struct sp_question *sp_request_question_at(GListModel *asks, guint position)
{
	g_autoptr(SpRequest) ask = g_list_model_get_item(asks, position);

	return ask->question;
}

gboolean sp_request_chosen(SpRequest *self)
{
	return self->chosen;
}

void sp_request_set_chosen(SpRequest *self, gboolean chosen)
{
	if (self->chosen == chosen)
		return;
	self->chosen = chosen;
	g_object_notify_by_pspec(G_OBJECT(self), props[PROP_CHOSEN]);
}

static void send(SpRequest *self)
{
	g_clear_pointer(&self->message, g_free);
	self->sending = TRUE;
	g_signal_emit(self, signals[CHANGED], 0);
}

void sp_request_answer(SpRequest *self, const char *action, const char *scope, const char *lifetime)
{
	if (self->sending)
		return;
	send(self);
	g_signal_emit(self, signals[ANSWER], 0, action, scope, lifetime);
}

void sp_request_dismiss(SpRequest *self)
{
	if (self->sending)
		return;
	send(self);
	g_signal_emit(self, signals[DISMISS], 0);
}

void sp_request_hold(SpRequest *self, gboolean held)
{
	if (self->held == held)
		return;
	self->held = held;
	g_signal_emit(self, signals[HOLD], 0, held);
}

gboolean sp_request_is_sending(SpRequest *self)
{
	return self->sending;
}

const char *sp_request_message(SpRequest *self)
{
	return self->message;
}

/* An answer that is on its way was to the one before: it will be refused. */
void sp_request_renew(SpRequest *self, struct sp_question *question)
{
	sp_question_free(self->question);
	self->question = question;
	g_signal_emit(self, signals[RENEWED], 0);
	g_signal_emit(self, signals[CHANGED], 0);
}

void sp_request_update(SpRequest *self, GVariant *changes)
{
	if (sp_question_update(self->question, changes))
		g_signal_emit(self, signals[RENEWED], 0);
	g_signal_emit(self, signals[CHANGED], 0);
}

void sp_request_refused(SpRequest *self, const GError *error)
{
	g_free(self->message);
	self->message = g_strdup(error->message);
	self->sending = FALSE;
	g_signal_emit(self, signals[CHANGED], 0);
}
