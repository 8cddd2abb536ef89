/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sallyport answer: a terminal that answers the firewall's questions. */
#include "answer.h"

#include <signal.h>
#include <sys/signalfd.h>

#include <glib/gi18n.h>

#include "agent.h"
#include "answer_ssh.h"
#include "bus.h"
#include "calls.h"
#include "command.h"
#include "error.h"
#include "format.h"
#include "password.h"
#include "terminal.h"
#include "width.h"

static gboolean lines;

static const GOptionEntry entries[] = {
	{ "lines", 0, 0, G_OPTION_ARG_NONE, &lines,
	  N_("Plain lines, also on a terminal"), NULL },
	G_OPTION_ENTRY_NULL
};

static const struct sp_usage usage = {
	.command = "answer",
	.description = N_("Shows the firewall's questions one at a time; one key answers: a allow, o allow\n"
			  "once, d deny, n not now, s scope, l how long, q quit.\n"
			  "Without a terminal, answers are lines: “allow once”, “allow always”,\n"
			  "“deny always”, “not now”; see sallyport(1)."),
	.entries = entries,
};

struct sp_moment sp_moment_now(void)
{
	return (struct sp_moment){ g_get_monotonic_time(), g_get_real_time() };
}

void sp_answer_end(struct sp_answer *a, int signal)
{
	a->signal = signal;
	g_main_loop_quit(a->loop);
}

/* Its question is the one on the screen. */
static void give(struct sp_answer *a, const struct sp_act *act)
{
	const struct sp_question *question = sp_dialog_current(a->dialog);
	g_autoptr(GError) error = NULL;

	if (!question || question->id != act->id)
		return;
	if (sp_answer_ssh_spares(a->bus, question, act, &error)) {
		sp_agent_answer(a->agent, act->id, act->token, act->action,
				act->scope, act->lifetime);
		return;
	}
	sp_dialog_reply(a->dialog, act->id, 0, error, sp_moment_now());
	sp_answer_step(a);
}

static void perform(struct sp_answer *a, const struct sp_act *act)
{
	switch (act->kind) {
	case SP_ACT_ANSWER:
		give(a, act);
		break;
	case SP_ACT_DISMISS:
		sp_agent_dismiss(a->agent, act->id, act->token);
		break;
	case SP_ACT_SAY:
		a->face->say(a, act->text);
		break;
	case SP_ACT_QUIT:
		sp_answer_end(a, 0);
		break;
	}
}

/*
 * What was said comes first, before a new question takes the screen; calls
 * come last, so that the face has given the terminal free where a password may
 * be asked. The face may add acts of its own.
 */
void sp_answer_step(struct sp_answer *a)
{
	g_autoptr(GPtrArray) later = g_ptr_array_new();
	struct sp_act *act;

	while ((act = sp_dialog_take(a->dialog))) {
		if (act->kind != SP_ACT_SAY) {
			g_ptr_array_add(later, act);
			continue;
		}
		perform(a, act);
		sp_act_free(act);
	}
	a->face->update(a);
	while ((act = sp_dialog_take(a->dialog)))
		g_ptr_array_add(later, act);
	for (guint i = 0; i < later->len; i++) {
		act = g_ptr_array_index(later, i);
		perform(a, act);
		sp_act_free(act);
	}
}

static void registered(void *data)
{
	struct sp_answer *a = data;

	a->ready = TRUE;
	a->face->ready(a);
	sp_answer_step(a);
	sp_answer_networks_begin(a->networks);
}

/* Before the first time this is the end; later the daemon may come back. */
static void lost(const GError *error, void *data)
{
	struct sp_answer *a = data;
	gboolean away = g_error_matches(error, SP_CLIENT_ERROR, SP_CLIENT_ERROR_NOT_REACHABLE);

	sp_dialog_reset(a->dialog);
	if (!a->ready || !away) {
		if (!a->error)
			a->error = g_error_copy(error);
		sp_answer_end(a, 0);
		return;
	}
	sp_answer_step(a);
	a->face->say(a, _("sallyportd went away; waiting for it"));
}

static void ask(struct sp_question *question, void *data)
{
	struct sp_answer *a = data;

	sp_dialog_ask(a->dialog, question, sp_moment_now());
	sp_answer_step(a);
}

static void update(guint64 id, GVariant *changes, void *data)
{
	struct sp_answer *a = data;

	sp_dialog_update(a->dialog, id, changes, sp_moment_now());
	sp_answer_step(a);
}

static void cancel(guint64 id, const char *reason, void *data)
{
	struct sp_answer *a = data;

	sp_dialog_cancel(a->dialog, id, reason, sp_moment_now());
	sp_answer_step(a);
}

static void replied(guint64 id, guint64 rule, const GError *error, void *data)
{
	struct sp_answer *a = data;

	sp_dialog_reply(a->dialog, id, rule, error, sp_moment_now());
	sp_answer_step(a);
}

/* The first rule, and how many more. */
static void widened(GVariant *rules, guint count, guint32 maker, void *data)
{
	struct sp_answer *a = data;
	g_autofree char *who = sp_format_owner(maker);
	g_autoptr(GVariant) first = NULL;
	g_autofree char *sentence = NULL, *line = NULL;

	if (!g_variant_n_children(rules))
		return;
	first = g_variant_get_child_value(rules, 0);
	sentence = sp_width_harmless(sp_dict_string(first, "sentence"));
	line = count > 1 ? g_strdup_printf(_("More is allowed, by %s: %s (and %u more rules)"), who,
					   sentence, count - 1) :
	       g_strdup_printf(_("More is allowed, by %s: %s"), who, sentence);
	a->face->say(a, line);
}

static const struct sp_agent_calls calls = {
	.registered = registered,
	.lost = lost,
	.ask = ask,
	.update = update,
	.cancel = cancel,
	.widened = widened,
	.replied = replied,
};

static const int signals[] = {
	SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH,
};

static void fill_signals(sigset_t *set)
{
	sigemptyset(set);
	for (gsize i = 0; i < G_N_ELEMENTS(signals); i++)
		sigaddset(set, signals[i]);
}

void sp_answer_block_signals(void)
{
	sigset_t set;

	fill_signals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

int sp_answer_open_signals(void)
{
	sigset_t set;

	fill_signals(&set);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* The end that the signal would have made: who waits for us sees it. */
static void die_of(int number)
{
	sigset_t set;

	signal(number, SIG_DFL);
	raise(number);
	sigemptyset(&set);
	sigaddset(&set, number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static gboolean run(struct sp_answer *a, GDBusConnection *bus, GError **error)
{
	a->bus = bus;
	a->face->open(a);
	a->networks = sp_answer_networks_new(a, bus);
	a->agent = sp_agent_new(bus, "terminal", &calls, a);
	g_main_loop_run(a->loop);
	a->face->close(a);
	sp_agent_free(a->agent);
	sp_answer_networks_free(a->networks);
	if (!a->error)
		return TRUE;
	g_propagate_error(error, a->error);
	return FALSE;
}

static gboolean answer(const struct sp_face *face, GDBusConnection *bus, GError **error)
{
	struct sp_answer a = { .face = face };
	gboolean ok;

	a.dialog = sp_dialog_new();
	a.face_data = g_malloc0(face->size);
	a.loop = g_main_loop_new(NULL, FALSE);
	ok = run(&a, bus, error);
	g_main_loop_unref(a.loop);
	g_free(a.face_data);
	sp_dialog_free(a.dialog);
	if (a.signal) {
		sp_password_stop();
		die_of(a.signal);
	}
	return ok;
}

gboolean sp_answer(int argc, char **argv, GError **error)
{
	const struct sp_face *face = &sp_face_lines;
	g_autoptr(GDBusConnection) bus = NULL;

	if (!sp_command_parse(&usage, &argc, &argv, error))
		return FALSE;
	if (!lines && sp_terminal_open()) {
		sp_answer_block_signals();
		face = &sp_face_terminal;
	}
	bus = sp_bus_connect(error);
	if (!bus)
		return FALSE;
	sp_password_start();
	return answer(face, bus, error);
}
