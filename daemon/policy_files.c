/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See policy_files.h. Reading happens in a worker, one at a time, from a copy of
 * what is known; only the main loop changes what is in force. A folder that is not
 * there is waited for by watching the one above.
 */
#include "policy_files.h"

#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "files.h"
#include "log.h"
#include "store_thread.h"
#include "text.h"

#define SETTLE		200	/* ms without changes before files are read again */
#define LOOK_AGAIN	3	/* seconds, where the kernel has no watch left for us */
#define LISTS_MAX	256
#define COPY_NAME	"rules.d.last"

/* By what a list's file is known to be the same. */
struct list_stamp {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec changed;
};

struct known_list {
	struct sp_list *list;
	struct list_stamp stamp;
};

/* All that was read, immutable and counted; a worker makes the next from the last. */
struct reading {
	gatomicrefcount references;
	char *folder, *state;
	struct sp_file_policy policy;
	char *text;			/* of the rules, as the copy has it; NULL: none was read */
	GHashTable *known;		/* name → struct known_list */
	GString *trouble;
	gboolean differs, renumbered;
};

struct sp_policy_files {
	struct reading *now;
	gboolean renumbered;		/* at the start */
	GFileMonitor *monitors[3];
	guint settle, look_again;
	gboolean reading, again;
	GCancellable *cancel;
	void (*changed)(const struct sp_file_policy *policy, void *data);
	void *data;
};

void sp_file_policy_set(struct sp_file_policy *to, const struct sp_file_policy *from)
{
	GArray *rules = from->rules ? g_array_ref(from->rules) : NULL;
	GPtrArray *lists = from->lists ? g_ptr_array_ref(from->lists) : NULL;

	sp_file_policy_clear(to);
	to->rules = rules;
	to->lists = lists;
}

void sp_file_policy_clear(struct sp_file_policy *policy)
{
	g_clear_pointer(&policy->rules, g_array_unref);
	g_clear_pointer(&policy->lists, g_ptr_array_unref);
}

static void known_list_free(void *data)
{
	struct known_list *known = data;

	sp_list_unref(known->list);
	g_free(known);
}

static struct reading *reading_new(const char *folder, const char *state)
{
	struct reading *reading = g_new0(struct reading, 1);

	g_atomic_ref_count_init(&reading->references);
	reading->folder = g_strdup(folder);
	reading->state = g_strdup(state);
	reading->policy.rules = sp_rules_new();
	reading->policy.lists = g_ptr_array_new_with_free_func((GDestroyNotify)sp_list_unref);
	reading->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, known_list_free);
	reading->trouble = g_string_new(NULL);
	return reading;
}

static struct reading *reading_ref(struct reading *reading)
{
	g_atomic_ref_count_inc(&reading->references);
	return reading;
}

static void reading_unref(void *data)
{
	struct reading *reading = data;

	if (!g_atomic_ref_count_dec(&reading->references))
		return;
	g_free(reading->folder);
	g_free(reading->state);
	g_array_unref(reading->policy.rules);
	g_ptr_array_unref(reading->policy.lists);
	g_free(reading->text);
	g_hash_table_unref(reading->known);
	g_string_free(reading->trouble, TRUE);
	g_free(reading);
}

static void G_GNUC_PRINTF(2, 3) complain(struct reading *reading, const char *format, ...)
{
	va_list arguments;

	if (reading->trouble->len)
		g_string_append_c(reading->trouble, '\n');
	va_start(arguments, format);
	g_string_append_vprintf(reading->trouble, format, arguments);
	va_end(arguments);
}

static void complain_of(struct reading *reading, const char *file,
			const struct sp_text_error *error)
{
	if (error->line)
		complain(reading, "%s:%u:%u: %s", file, error->line, error->column, error->message);
	else
		complain(reading, "%s: %s", file, error->message);
}

/* The rules into @reading, numbered; the strings are taken from @set. */
static void take_rules(struct reading *reading, struct sp_rule_set *set)
{
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < set->count; i++) {
		struct sp_rule *rule = &set->rules[i].rule;
		char *line = sp_text_print(rule, NULL);

		rule->id = SP_FILE_RULE_ID + i;
		g_string_append_printf(text, "%s\n", line ? line : "");
		free(line);
	}
	for (size_t i = 0; i < set->count; i++)
		g_array_append_val(reading->policy.rules, set->rules[i].rule);
	set->count = 0;
	reading->text = g_string_free(text, FALSE);
	sp_rule_set_clear(set);
}

static gboolean read_text(struct reading *reading, const char *name, const char *text, gsize length)
{
	const struct sp_file_options options = { .context = { .owner = SP_SYSTEM } };
	struct sp_file_error error;
	struct sp_rule_set set = { 0 };

	if (!sp_file_read_text(name, text, length, &options, &set, &error)) {
		complain_of(reading, name, &error.error);
		return FALSE;
	}
	take_rules(reading, &set);
	return TRUE;
}

/* What was in force when the daemon ran last, or else nothing at all. */
static void read_copy(struct reading *reading)
{
	static const char nothing[] = "floor deny out # the files of rules can't be read\n"
				      "floor deny in # the files of rules can't be read\n";
	g_autofree char *path = g_build_filename(reading->state, COPY_NAME, NULL), *text = NULL;
	gsize length;

	if (g_file_get_contents(path, &text, &length, NULL) &&
	    read_text(reading, path, text, length))
		return;
	complain(reading, "there is no copy of the files of rules that can be read: all is denied");
	read_text(reading, "", nothing, strlen(nothing));
}

static void write_copy(struct reading *reading)
{
	g_autofree char *path = g_build_filename(reading->state, COPY_NAME, NULL);
	g_autoptr(GError) error = NULL;

	if (!g_file_set_contents_full(path, reading->text, -1, G_FILE_SET_CONTENTS_CONSISTENT,
				      0600, &error))
		complain(reading, "%s", error->message);
}

/* Is there one of what was read? */
static gboolean has_copy(const struct reading *reading)
{
	g_autofree char *path = g_build_filename(reading->state, COPY_NAME, NULL), *text = NULL;

	return g_file_get_contents(path, &text, NULL, NULL) && !strcmp(text, reading->text);
}

static void keep_rules(struct reading *reading, const struct reading *last)
{
	g_array_unref(reading->policy.rules);
	reading->policy.rules = g_array_ref(last->policy.rules);
	reading->text = g_strdup(last->text);
}

static void read_rules(struct reading *reading, const struct reading *last)
{
	const struct sp_file_options options = {
		.context = { .owner = SP_SYSTEM }, .trusted = true,
	};
	g_autofree char *folder = g_build_filename(reading->folder, "rules.d", NULL);
	struct sp_rule_set set = { 0 };
	struct sp_file_error error;

	if (!sp_file_read_folder(folder, &options, &set, &error)) {
		complain_of(reading, error.file, &error.error);
		if (last)
			keep_rules(reading, last);
		else
			read_copy(reading);
		return;
	}
	take_rules(reading, &set);
	if (last && !g_strcmp0(last->text, reading->text))
		return;
	reading->differs = TRUE;
	reading->renumbered = !has_copy(reading);
	write_copy(reading);
}

static struct known_list *list_again(const struct known_list *known)
{
	struct known_list *again = g_memdup2(known, sizeof(*known));

	sp_list_ref(again->list);
	return again;
}

/* The list of this file; what was known before if it can't be read. */
static struct known_list *read_list(struct reading *reading, const struct known_list *before,
				    const char *name, const char *path)
{
	struct known_list *known;
	struct sp_text_error error;
	struct list_stamp stamp;
	struct stat status;
	struct sp_list *list;

	if (stat(path, &status) || !S_ISREG(status.st_mode))
		return NULL;
	memset(&stamp, 0, sizeof(stamp));
	stamp.device = status.st_dev;
	stamp.inode = status.st_ino;
	stamp.size = status.st_size;
	stamp.changed = status.st_ctim;
	if (before && !memcmp(&before->stamp, &stamp, sizeof(stamp)))
		return list_again(before);
	list = sp_list_load(name, path, &error);
	if (!list) {
		complain_of(reading, path, &error);
		return before ? list_again(before) : NULL;
	}
	reading->differs = TRUE;
	known = g_new0(struct known_list, 1);
	known->list = list;
	known->stamp = stamp;
	return known;
}

static void read_lists(struct reading *reading, const struct reading *last)
{
	g_autofree char *folder = g_build_filename(reading->folder, "lists", NULL);
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(folder, name, NULL);
		struct known_list *known;

		if (*name == '.' || g_str_has_suffix(name, "~"))
			continue;
		if (g_hash_table_size(reading->known) == LISTS_MAX) {
			complain(reading, "%s: there are more than %d lists", folder, LISTS_MAX);
			break;
		}
		known = read_list(reading, last ? g_hash_table_lookup(last->known, name) : NULL,
				  name, path);
		if (!known)
			continue;
		g_hash_table_insert(reading->known, g_strdup(name), known);
		g_ptr_array_add(reading->policy.lists, sp_list_ref(known->list));
	}
	if (last && g_hash_table_size(last->known) != g_hash_table_size(reading->known))
		reading->differs = TRUE;
}

static struct reading *read_all(const char *folder, const char *state, const struct reading *last)
{
	struct reading *reading = reading_new(folder, state);

	read_rules(reading, last);
	read_lists(reading, last);
	return reading;
}

static void report(const struct reading *reading, const struct reading *last)
{
	if (!reading->trouble->len || (last && g_string_equal(reading->trouble, last->trouble)))
		return;
	sp_log_error("%s", reading->trouble->str);
	sp_log_error("the rules and lists that were read last stay in force");
}

static void watch(struct sp_policy_files *files);
static void begin(struct sp_policy_files *files);

static void on_read(GObject *source, GAsyncResult *result, void *data)
{
	g_autoptr(GError) error = NULL;
	struct reading *reading = g_task_propagate_pointer(G_TASK(result), &error), *last;
	struct sp_policy_files *files = data;
	gboolean trouble;

	if (error)		/* cancelled: the files are gone */
		return;
	last = files->now;
	files->now = reading;
	files->reading = FALSE;
	report(reading, last);
	trouble = !g_string_equal(reading->trouble, last->trouble);
	reading_unref(last);
	watch(files);
	if (files->changed && (reading->differs || trouble))
		files->changed(reading->differs ? &reading->policy : NULL, files->data);
	if (files->again)
		begin(files);
}

static void read_worker(GTask *task, void *source, void *data, GCancellable *cancel)
{
	const struct reading *last = data;

	g_task_return_pointer(task, read_all(last->folder, last->state, last), reading_unref);
}

static void begin(struct sp_policy_files *files)
{
	g_autoptr(GTask) task = NULL;

	files->again = files->reading;
	if (files->reading)
		return;
	files->reading = TRUE;
	task = g_task_new(NULL, files->cancel, on_read, files);
	g_task_set_task_data(task, reading_ref(files->now), reading_unref);
	g_task_run_in_thread(task, read_worker);
}

static gboolean on_settled(void *data)
{
	struct sp_policy_files *files = data;

	files->settle = 0;
	begin(files);
	return G_SOURCE_REMOVE;
}

static void on_event(GFileMonitor *monitor, GFile *file, GFile *other,
		     GFileMonitorEvent event, void *data)
{
	struct sp_policy_files *files = data;

	if (files->settle)
		g_source_remove(files->settle);
	files->settle = g_timeout_add(SETTLE, on_settled, files);
}

static GFileMonitor *watch_folder(struct sp_policy_files *files, const char *path)
{
	g_autoptr(GFile) file = g_file_new_for_path(path);
	GFileMonitor *monitor = g_file_monitor_directory(file, G_FILE_MONITOR_NONE, NULL, NULL);

	if (monitor)
		g_signal_connect(monitor, "changed", G_CALLBACK(on_event), files);
	return monitor;
}

static gboolean on_look_again(void *data)
{
	struct sp_policy_files *files = data;

	files->look_again = 0;
	begin(files);
	return G_SOURCE_REMOVE;
}

/* The folders that are there. Where one can't be watched they are read every so often. */
static void watch(struct sp_policy_files *files)
{
	const char *folder = files->now->folder;
	g_autofree char *rules = g_build_filename(folder, "rules.d", NULL);
	g_autofree char *lists = g_build_filename(folder, "lists", NULL);
	const char *const paths[] = { folder, rules, lists };
	gboolean blind = FALSE;

	for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
		gboolean there = g_file_test(paths[i], G_FILE_TEST_IS_DIR);

		if (!there)
			g_clear_object(&files->monitors[i]);
		else if (!files->monitors[i])
			files->monitors[i] = watch_folder(files, paths[i]);
		blind |= there && !files->monitors[i];
	}
	if (blind && !files->look_again)
		files->look_again = g_timeout_add_seconds(LOOK_AGAIN, on_look_again, files);
}

struct sp_policy_files *sp_policy_files_new(const char *folder, const char *state)
{
	struct sp_policy_files *files = g_new0(struct sp_policy_files, 1);

	files->cancel = g_cancellable_new();
	files->now = read_all(folder, state, NULL);
	files->renumbered = files->now->renumbered;
	report(files->now, NULL);
	watch(files);
	return files;
}

void sp_policy_files_on_changed(struct sp_policy_files *files,
				void (*changed)(const struct sp_file_policy *policy, void *data),
				void *data)
{
	files->changed = changed;
	files->data = data;
}

void sp_policy_files_free(struct sp_policy_files *files)
{
	if (!files)
		return;
	g_cancellable_cancel(files->cancel);
	if (files->settle)
		g_source_remove(files->settle);
	if (files->look_again)
		g_source_remove(files->look_again);
	for (gsize i = 0; i < G_N_ELEMENTS(files->monitors); i++)
		g_clear_object(&files->monitors[i]);
	g_object_unref(files->cancel);
	reading_unref(files->now);
	g_free(files);
}

const struct sp_file_policy *sp_policy_files_get(const struct sp_policy_files *files)
{
	return &files->now->policy;
}

gboolean sp_policy_files_renumbered(const struct sp_policy_files *files)
{
	return files->renumbered;
}

const char *sp_policy_files_trouble(const struct sp_policy_files *files)
{
	return files->now->trouble->len ? files->now->trouble->str : NULL;
}
