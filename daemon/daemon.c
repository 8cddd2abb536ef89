/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See daemon.h. Order: store and rules, then the kernel, then "ready", then
 * the bus. Without a module it stays, says so, and tries again.
 */
#include "daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>
#include "bus/bus.h"
#include "database.h"
#include "history/rule_log.h"
#include "history/rule_use.h"
#include "log.h"
#include "names/monitor.h"
#include "names/resolvers.h"
#include "quits.h"
#include "sessions.h"
#include "watchdog.h"
#include "workers.h"

struct daemon {
	struct sp_parts parts;
	struct sp_store_thread *store;
	struct sp_bus *bus;
	struct sp_watchdog *watchdog;
	struct sp_index *index;
	struct sp_workers *workers;
	struct sp_database *database;
	struct sp_resolvers *resolvers;
	struct sp_monitor *monitor;
	struct sp_rule_log *rule_log;
	struct sp_runners *runners;
	struct sp_sessions *sessions;
	struct sp_quits *quits;
	GMainLoop *loop;
	char *damaged;
	char *names;	/* the file in which names of hosts are kept, or NULL */
	int lock;
};

static void on_ask(struct sp_waiting *waiting, uint64_t rule, void *data)
{
	sp_questions_ask(((struct daemon *)data)->parts.questions, waiting, rule);
}

static void on_late(const struct sp_late *late, void *data)
{
	sp_questions_late(((struct daemon *)data)->parts.questions, late);
}

static void on_gone(uint64_t pending, enum sp_gone_reason reason, void *data)
{
	sp_questions_gone(((struct daemon *)data)->parts.questions, pending, reason);
}

static void on_record(const struct sp_record *record, void *data)
{
	struct daemon *daemon = data;
	struct sp_record hostless;

	if (!daemon->parts.config->record_hosts) {
		hostless = *record;
		hostless.host = (struct sp_host){ 0 };
		record = &hostless;
	}
	sp_history_add(daemon->parts.history, record);
	sp_tally_add(daemon->parts.tally, record);
	sp_rule_log_add(daemon->rule_log, record);
	sp_rule_use_add(daemon->parts.use, record);
}

static void on_lost(uint32_t reports, void *data)
{
	static struct sp_log_limit limit = SP_LOG_LIMIT(3, 60);

	if (sp_log_may(&limit))
		sp_log_warn("%u reports of the verdict thread were lost: the history and what "
			    "rules log are not complete", reports);
}

static void on_link_changed(void *data)
{
	struct daemon *daemon = data;

	if (daemon->bus)
		sp_bus_state_changed(daemon->bus);
	if (sp_link_state(daemon->parts.link) == SP_LINK_RUNNING) {
		sp_watchdog_status("protecting");
		return;
	}
	sp_watchdog_status(sp_link_message(daemon->parts.link));
	if (daemon->parts.questions)
		sp_questions_reset(daemon->parts.questions);
}

static void on_rules_changed(void *data)
{
	struct daemon *daemon = data;

	if (daemon->bus)
		sp_bus_rules_changed(daemon->bus);
	if (daemon->quits)
		sp_quits_rules_changed(daemon->quits);
	if (daemon->sessions)
		sp_sessions_rules_changed(daemon->sessions);
}

static void on_widened(const struct sp_widened *widened, void *data)
{
	sp_face_widened(&((struct daemon *)data)->parts, widened);
}

static void on_mode_changed(void *data)
{
	struct daemon *daemon = data;

	if (daemon->bus)
		sp_bus_state_changed(daemon->bus);
}

static void on_networks_changed(void *data)
{
	struct daemon *daemon = data;

	if (daemon->bus)
		sp_bus_networks_changed(daemon->bus);
}

static void on_files_changed(const struct sp_file_policy *files, void *data)
{
	struct daemon *daemon = data;

	if (files) {
		sp_log_info("the files of rules or lists changed: %u rules, %u lists",
			    files->rules->len, files->lists->len);
		sp_policy_set_files(daemon->parts.policy, files);
	}
	if (daemon->bus)
		sp_bus_state_changed(daemon->bus);
}

static void on_packages_changed(void *data)
{
	sp_workers_packages_changed(((struct daemon *)data)->workers);
}

static void on_resolvers(const struct sp_resolver_list *list, void *data)
{
	struct sp_verdict_resolvers resolvers = { .count = list->count };

	G_STATIC_ASSERT(sizeof(resolvers.addresses) == sizeof(list->addresses));
	memcpy(resolvers.addresses, list->addresses, sizeof(resolvers.addresses));
	sp_link_set_resolvers(((struct daemon *)data)->parts.link, &resolvers);
}

static gboolean on_told(const struct sp_dns_reply *reply, void *data)
{
	return sp_link_tell(((struct daemon *)data)->parts.link, reply);
}

static void on_missed(void *data)
{
	sp_link_tell(((struct daemon *)data)->parts.link, NULL);
}

static void on_room(void *data)
{
	sp_monitor_go_on(((struct daemon *)data)->monitor);
}

static gboolean on_signal(void *data)
{
	g_main_loop_quit(((struct daemon *)data)->loop);
	return G_SOURCE_CONTINUE;
}

/*
 * What is as large goes back when it is freed. Locked memory goes back in no other way:
 * what glibc would give back from the middle of a heap the kernel keeps.
 */
#define LARGE (128 << 10)

/* Before anything is allocated or a thread begins. */
static void shape_memory(void)
{
	mallopt(M_MMAP_THRESHOLD, LARGE);
	/* Else a stack or heap that is begun is 2 MB, which are locked. */
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
}

static void lock_memory(void)
{
	/* What is touched stays: neither decisions nor questions wait for a disk. */
	if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT))
		sp_log_info("memory is not locked: %s", g_strerror(errno));
}

/* None where nothing says which folder is in memory. */
static char *names_path(void)
{
	const char *folder = g_getenv("RUNTIME_DIRECTORY");

	return folder ? g_build_filename(folder, "names", NULL) : NULL;
}

static struct sp_link *make_link(struct daemon *daemon, const struct sp_config *config)
{
	guint count = config->queue_count ? config->queue_count :
					    CLAMP(g_get_num_processors(), 1, 64);
	const struct sp_verdict_config verdict = {
		.queue_first = config->queue_first,
		.queue_count = count,
		.queue_wait = config->queue_first + count,
		.queue_observe = config->queue_first + count + 1,
		.queue_length = 8192,	/* all that may be under way: 1024 flows of 8 */
		.receive_buffer = 4 << 20,
		.absent_out = config->absent_out,
		.absent_in = config->absent_in,
		.judge_loopback = config->judge_loopback,
		.stealth = config->stealth,
		.own_names = !config->names_of_others,
		.renumbered = sp_policy_files_renumbered(daemon->parts.files) ? SP_FILE_RULE_ID : 0,
		.names = daemon->names,
		.namespaces = config->namespaces,
		.facts = sp_workers_source(daemon->workers),
	};
	const struct sp_link_handler handler = {
		.ask = on_ask,
		.late = on_late,
		.gone = on_gone,
		.record = on_record,
		.lost = on_lost,
		.changed = on_link_changed,
		.room = on_room,
		.data = daemon,
	};

	return sp_link_new(&verdict, &handler);
}

/* One daemon a state folder; the lock goes with the process. */
static gboolean take_lock(struct daemon *daemon, const char *folder, GError **error)
{
	g_autofree char *path = g_build_filename(folder, "lock", NULL);

	daemon->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (daemon->lock >= 0 && !flock(daemon->lock, LOCK_EX | LOCK_NB))
		return TRUE;
	g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "%s: %s", path,
		    errno == EWOULDBLOCK ? "another sallyportd is running" : g_strerror(errno));
	return FALSE;
}

static gboolean take_folder(struct daemon *daemon, const struct sp_config *config,
			    GError **error)
{
	if (g_mkdir_with_parents(config->folder, 0700)) {
		g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "%s: %s",
			    config->folder, g_strerror(errno));
		return FALSE;
	}
	return take_lock(daemon, config->folder, error);
}

/* Store and rules. Changes that were to be confirmed are taken back first. */
static gboolean start_store(struct daemon *daemon, const struct sp_config *config,
			    GArray **rules, GError **error)
{
	g_autofree char *damaged = NULL;

	daemon->store = sp_store_thread_start(config->folder, g_getenv("RUNTIME_DIRECTORY"),
					      sp_guard_left_over(daemon->parts.guard), rules,
					      &damaged, error);
	if (!daemon->store)
		return FALSE;
	if (damaged) {
		daemon->damaged = g_steal_pointer(&damaged);
		sp_log_error("%s", daemon->damaged);
	}
	return TRUE;
}

/* Without them questions say less. */
static struct sp_runners *load_runners(const char *path)
{
	struct sp_text_error error;
	struct sp_runners *runners = sp_runners_load(path, &error);

	if (!runners && error.line)
		sp_log_error("%s:%u:%u: %s", path, error.line, error.column, error.message);
	else if (!runners)
		sp_log_error("%s: %s", path, error.message);
	return runners;
}

static gboolean start(struct daemon *daemon, const struct sp_daemon_options *options,
		      GError **error)
{
	struct sp_parts *parts = &daemon->parts;
	GArray *rules = NULL;

	parts->config = options->config;
	parts->since = g_get_real_time();
	if (!take_folder(daemon, options->config, error))
		return FALSE;
	parts->guard = sp_guard_new(options->config->folder, on_mode_changed, daemon);
	if (!start_store(daemon, options->config, &rules, error))
		return FALSE;
	parts->damaged = daemon->damaged;
	parts->store = daemon->store;
	parts->modes = sp_modes_new(options->config->folder, on_mode_changed, daemon);
	if (sp_guard_mode(parts->guard))
		sp_modes_revert(parts->modes, sp_guard_mode(parts->guard));
	parts->history = sp_history_new();
	parts->tally = sp_tally_new(daemon->store, options->config->record_hosts);
	parts->watch = sp_watch_new(parts->history);
	parts->agents = sp_agents_new();
	sp_agents_on_packaged_gone(parts->agents, on_mode_changed, daemon);
	daemon->index = sp_index_new("");
	daemon->workers = sp_workers_new(daemon->index);
	daemon->database = sp_database_watch("", on_packages_changed, daemon);
	daemon->names = names_path();
	parts->files = sp_policy_files_new(options->policy_folder, options->config->folder);
	parts->link = make_link(daemon, options->config);
	parts->flows = sp_flows_new(parts->link);
	parts->networks = sp_networks_new(options->config->folder, parts->link,
					  strcmp(options->bus, "none") != 0,
					  sp_guard_names(parts->guard), on_networks_changed,
					  daemon);
	parts->policy = sp_policy_new(daemon->store, parts->link, rules,
				      sp_policy_files_get(parts->files),
				      &options->config->defaults,
				      sp_modes_get(parts->modes)->mode == SP_MODE_LOCKDOWN);
	daemon->rule_log = sp_rule_log_new(parts->policy);
	parts->use = sp_rule_use_new(options->config->folder, daemon->store,
				     parts->policy);
	sp_policy_on_changed(parts->policy, on_rules_changed, daemon);
	sp_policy_on_widened(parts->policy, on_widened, daemon);
	sp_policy_files_on_changed(parts->files, on_files_changed, daemon);
	daemon->runners = load_runners(options->runners);
	parts->questions = sp_questions_new(options->config, parts->link, parts->policy,
					    parts->agents, parts->history, daemon->index,
					    daemon->runners, parts->modes);
	daemon->sessions = sp_sessions_new(parts->policy);
	daemon->quits = sp_quits_new(parts->policy, parts->link);
	sp_modes_start(parts->modes, parts->policy, parts->link);
	sp_guard_start(parts->guard, parts->policy, parts->store, parts->modes, parts->networks);
	daemon->resolvers = sp_resolvers_new(sp_resolver_paths, on_resolvers, daemon);
	daemon->monitor = sp_monitor_new(SP_MONITOR_SOCKET, &(struct sp_monitor_handler){
		.told = on_told, .missed = on_missed, .data = daemon });
	daemon->watchdog = sp_watchdog_new(parts->link);
	return TRUE;
}

/* NULL with FALSE: no bus. */
static gboolean bus_address(const char *bus, char **address, GError **error)
{
	*address = NULL;
	if (!strcmp(bus, "none"))
		return TRUE;
	if (!strcmp(bus, "system"))
		*address = g_strdup(g_getenv("DBUS_SYSTEM_BUS_ADDRESS") ?:
				    "unix:path=/run/dbus/system_bus_socket");
	else if (!strcmp(bus, "session"))
		*address = g_dbus_address_get_for_bus_sync(G_BUS_TYPE_SESSION, NULL, error);
	else if (g_dbus_is_supported_address(bus, error))
		*address = g_strdup(bus);
	return *address != NULL;
}

static void stop(struct daemon *daemon)
{
	struct sp_parts *parts = &daemon->parts;

	sp_watchdog_stopping();
	sp_bus_close(daemon->bus);
	sp_log_stop();
	sp_watchdog_free(daemon->watchdog);
	sp_resolvers_free(daemon->resolvers);
	sp_monitor_free(g_steal_pointer(&daemon->monitor));
	sp_sessions_free(g_steal_pointer(&daemon->sessions));
	/* From now on nothing is done; whoever waits is told so. */
	sp_guard_stop(parts->guard);
	sp_policy_stop(parts->policy);
	if (parts->link)
		sp_link_stop(parts->link);
	sp_quits_free(g_steal_pointer(&daemon->quits));
	sp_tally_free(g_steal_pointer(&parts->tally));
	sp_rule_use_free(g_steal_pointer(&parts->use));
	sp_store_thread_stop(daemon->store);
	sp_rule_log_free(g_steal_pointer(&daemon->rule_log));
	while (g_main_context_iteration(NULL, FALSE))
		;	/* calls that were granted before end, and may read all this */
	sp_questions_free(parts->questions);
	parts->questions = NULL;
	sp_runners_free(daemon->runners);
	sp_bus_free(g_steal_pointer(&daemon->bus));
	while (g_main_context_iteration(NULL, FALSE))
		;
	sp_policy_files_free(parts->files);
	sp_policy_free(parts->policy);
	sp_store_thread_free(daemon->store);
	sp_agents_free(parts->agents);
	sp_watch_free(parts->watch);
	sp_history_free(parts->history);
	sp_guard_free(parts->guard);
	sp_modes_free(parts->modes);
	sp_flows_free(parts->flows);
	sp_networks_free(parts->networks);
	sp_link_free(parts->link);
	sp_database_free(daemon->database);
	sp_workers_free(daemon->workers);
	sp_index_unref(daemon->index);
	g_free(daemon->damaged);
	g_free(daemon->names);
}

static void bring_in_starter(struct daemon *daemon, const struct sp_daemon_options *options)
{
	struct sp_starter_places places = options->starter;

	places.folder = options->config->folder;
	sp_starter_bring_in(daemon->parts.policy, &places);
}

gboolean sp_daemon_run(const struct sp_daemon_options *options, GError **error)
{
	struct daemon daemon = { 0 };
	g_autofree char *address = NULL;

	shape_memory();
	/*
	 * Ours while no loop runs, too: else a thread that hands something over to the main
	 * loop would do it itself then (g_main_context_invoke).
	 */
	if (!g_main_context_acquire(NULL))
		g_error("another thread has the main context");
	if (!bus_address(options->bus, &address, error) ||
	    !start(&daemon, options, error))
		return FALSE;
	bring_in_starter(&daemon, options);
	daemon.loop = g_main_loop_new(NULL, FALSE);
	/* To the end: who tells it twice does not interrupt what it has to finish. */
	g_unix_signal_add(SIGTERM, on_signal, &daemon);
	g_unix_signal_add(SIGINT, on_signal, &daemon);
	lock_memory();
	sp_link_start(daemon.parts.link, sp_policy_snapshot(daemon.parts.policy));
	sp_watchdog_ready(sp_link_state(daemon.parts.link) == SP_LINK_RUNNING ?
			  "protecting" : sp_link_message(daemon.parts.link));
	if (address)
		daemon.bus = sp_bus_new(address, &daemon.parts);
	g_main_loop_run(daemon.loop);
	sp_log_info("stopping");
	stop(&daemon);
	g_main_loop_unref(daemon.loop);
	return TRUE;
}
