/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor_private.h"

#include <string.h>

#include <gio/gio.h>

#define READ_MAX 4096

static void finding_free(void *data)
{
	struct sp_finding *finding = data;

	g_free(finding->what);
	g_free(finding->advice);
	g_free(finding);
}

void sp_doctor_tell(struct sp_examination *on, enum sp_finding_level level,
		    const char *check, char *what, char *advice)
{
	struct sp_finding *finding = g_new0(struct sp_finding, 1);

	finding->level = level;
	finding->check = check;
	finding->what = what;
	finding->advice = advice;
	g_ptr_array_add(on->findings, finding);
}

char *sp_doctor_path(const struct sp_examination *on, const char *path)
{
	return g_strconcat(on->root, path, NULL);
}

/* Files of /proc and /sys have no size: read, not mapped. */
char *sp_doctor_read(const struct sp_examination *on, const char *path)
{
	g_autofree char *whole = sp_doctor_path(on, path);
	g_autoptr(GFile) file = g_file_new_for_path(whole);
	g_autoptr(GFileInputStream) stream = g_file_read(file, NULL, NULL);
	g_autofree char *text = g_malloc0(READ_MAX + 1);
	gsize length;

	if (!stream || !g_input_stream_read_all(G_INPUT_STREAM(stream), text, READ_MAX,
						&length, NULL, NULL))
		return NULL;
	if (length && text[length - 1] == '\n')
		text[length - 1] = 0;
	return g_steal_pointer(&text);
}

GPtrArray *sp_doctor_examine(const char *root, GVariant *status, const char *problem)
{
	struct sp_examination on = {
		.root = root,
		.status = status,
		.problem = problem,
		.findings = g_ptr_array_new_with_free_func(finding_free),
	};

	sp_doctor_module(&on);
	sp_doctor_daemon(&on);
	sp_doctor_machine(&on);
	return on.findings;
}

enum sp_finding_level sp_doctor_worst(const GPtrArray *findings)
{
	enum sp_finding_level worst = SP_FINDING_GOOD;

	for (guint i = 0; i < findings->len; i++) {
		const struct sp_finding *finding = g_ptr_array_index(findings, i);

		worst = MAX(worst, finding->level);
	}
	return worst;
}
