/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See fake_verdict.h: words of the test's lines. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "fake_verdict.h"

const char *fake_action_name(int action)
{
	static const char *const names[] = { "?", "allow", "deny", "drop", "ask" };

	return names[action >= 0 && action <= SP_ASK ? action : 0];
}

const char *fake_by_name(enum sp_record_by by)
{
	static const char *const names[] = { "rule", "default", "answer", "deadline",
					     "nobody", "kernel", "limit", "learning" };

	return names[by];
}

static bool set_value(struct sp_waiting *w, const char *key, const char *value)
{
	struct sallyport_flow *f = &w->flow;
	unsigned long number = strtoul(value, NULL, 0);

	if (!strcmp(key, "uid")) {
		f->uid = number;
	} else if (!strcmp(key, "image")) {
		f->image = w->image.id = number;
	} else if (!strcmp(key, "process")) {
		f->process = number;
	} else if (!strcmp(key, "bundle")) {
		snprintf(w->bundle, sizeof(w->bundle), "%s", value);
	} else if (!strcmp(key, "unit")) {
		snprintf(w->cgroup.unit, sizeof(w->cgroup.unit), "%s", value);
	} else if (!strcmp(key, "container")) {
		snprintf(w->cgroup.container, sizeof(w->cgroup.container), "docker %s", value);
	} else if (!strcmp(key, "flags")) {
		w->image.flags = number;
	} else if (!strcmp(key, "traced")) {
		w->process_flags = number ? SALLYPORT_PROCESS_TRACED : 0;
	} else if (!strcmp(key, "pid")) {
		f->pid = number;
	} else if (!strcmp(key, "port")) {
		f->remote_port = htons(number);
	} else if (!strcmp(key, "interface")) {
		f->ifindex = number;
	} else if (!strcmp(key, "local")) {
		f->local_port = htons(number);
	} else if (!strcmp(key, "protocol")) {
		f->protocol = number;
	} else if (!strcmp(key, "direction")) {
		f->direction = !strcmp(value, "in");
	} else if (!strcmp(key, "path")) {
		w->path_length = strlen(value);
		strcpy(w->path, value);
	} else if (!strcmp(key, "own")) {
		w->host.origin = SP_HOST_BY_ITSELF;
		snprintf(w->host.name, sizeof(w->host.name), "%s", value);
	} else if (!strcmp(key, "remote")) {
		if (strchr(value, ':'))
			return inet_pton(AF_INET6, value, f->remote) == 1;
		memset(f->remote, 0, 10);
		memset(f->remote + 10, 0xff, 2);
		return inet_pton(AF_INET, value, f->remote + 12) == 1;
	} else {
		return false;
	}
	return true;
}

/* Bytes as %XX. */
static void unescape(char *text)
{
	char *to = text;
	unsigned int byte;

	for (; *text; text++, to++) {
		*to = *text;
		if (*text == '%' && sscanf(text + 1, "%2x", &byte) == 1) {
			*to = byte;
			text += 2;
		}
	}
	*to = 0;
}

struct sp_waiting *fake_parse(char **save, unsigned long *count)
{
	struct sp_waiting *w = calloc(1, sizeof(*w));
	char *word;

	w->flow.image = w->image.id = 100;
	w->flow.protocol = 6;
	w->flow.family = 2;
	set_value(w, "remote", "192.0.2.1");
	while ((word = strtok_r(NULL, " ", save))) {
		char *value = strchr(word, '=');

		if (!value)
			continue;
		*value++ = 0;
		unescape(value);
		if (!strcmp(word, "out") || !strcmp(word, "in") || !strcmp(word, "rule") ||
		    !strcmp(word, "action") || !strcmp(word, "by"))
			continue;	/* of whoever wants it */
		if (!strcmp(word, "count"))
			*count = strtoul(value, NULL, 10);
		else if (!set_value(w, word, value))
			printf("error %s\n", word);
	}
	return w;
}

enum sp_action fake_action_of(const char *line)
{
	const char *word = strstr(line, "action=");

	for (int action = SP_ALLOW; word && action <= SP_ASK; action++)
		if (!strncmp(word + 7, fake_action_name(action), strlen(fake_action_name(action))))
			return action;
	return SP_ALLOW;
}

int fake_by_of(const char *line)
{
	const char *by = strstr(line, "by=");

	for (int i = SP_BY_RULE; by && i <= SP_BY_LEARNING; i++)
		if (!strncmp(by + 3, fake_by_name(i), strlen(fake_by_name(i))))
			return i;
	return -1;
}
