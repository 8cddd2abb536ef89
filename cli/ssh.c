/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See ssh.h. */
#include "ssh.h"

#include <ifaddrs.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "counting.h"
#include "explain.h"
#include "rule_context.h"

#define VARIABLE	"SSH_CONNECTION="
#define PARENTS_MAX	32

static pid_t parent_of(pid_t pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/stat", (int)pid);
	g_autofree char *text = NULL;
	const char *rest;
	int parent;

	/* The name is in brackets, and may have any characters. */
	if (!g_file_get_contents(path, &text, NULL, NULL))
		return 0;
	rest = strrchr(text, ')');
	return rest && sscanf(rest, ") %*c %d", &parent) == 1 ? parent : 0;
}

static char *variable_of(pid_t pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/environ", (int)pid);
	g_autofree char *text = NULL;
	gsize length;

	if (!g_file_get_contents(path, &text, &length, NULL))
		return NULL;
	for (const char *at = text; at < text + length; at += strlen(at) + 1)
		if (g_str_has_prefix(at, VARIABLE))
			return g_strdup(at + strlen(VARIABLE));
	return NULL;
}

char *sp_ssh_connection(void)
{
	const char *own = g_getenv("SSH_CONNECTION");
	pid_t pid = getppid();

	if (own)
		return g_strdup(own);
	for (int i = 0; i < PARENTS_MAX && pid > 1; i++) {
		char *found = variable_of(pid);

		if (found)
			return found;
		pid = parent_of(pid);
	}
	return NULL;
}

/* "fe80::1%eth0" without what follows the percent sign. */
static void cut_zone(char *address)
{
	address[strcspn(address, "%")] = '\0';
}

gboolean sp_ssh_flow(const char *connection, struct sp_flow_line *flow)
{
	g_auto(GStrv) words = g_strsplit(connection, " ", 5);
	g_autofree char *line = NULL;
	struct sp_text_error cause;

	if (g_strv_length(words) != 4)
		return FALSE;
	cut_zone(words[0]);
	line = g_strdup_printf("ask in program /usr/sbin/sshd user 0 protocol tcp from %s "
			       "remote-port %s port %s", words[0], words[1], words[3]);
	return sp_flow_line_read(line, strlen(line), sp_rule_text_context(SP_SYSTEM), flow,
				 &cause) > 0;
}

static gboolean has_address(const struct ifaddrs *device, const char *text)
{
	char own[NI_MAXHOST];
	socklen_t size = 0;

	if (device->ifa_addr && device->ifa_addr->sa_family == AF_INET)
		size = sizeof(struct sockaddr_in);
	else if (device->ifa_addr && device->ifa_addr->sa_family == AF_INET6)
		size = sizeof(struct sockaddr_in6);
	if (!size || getnameinfo(device->ifa_addr, size, own, sizeof(own), NULL, 0, NI_NUMERICHOST))
		return FALSE;
	cut_zone(own);
	return !strcmp(own, text);
}

char *sp_ssh_device(const char *connection)
{
	g_auto(GStrv) words = g_strsplit(connection, " ", 5);
	struct ifaddrs *all = NULL, *device;
	char *name = NULL;

	if (g_strv_length(words) != 4 || getifaddrs(&all))
		return NULL;
	cut_zone(words[2]);
	for (device = all; device && !name; device = device->ifa_next)
		if (has_address(device, words[2]))
			name = g_strdup(device->ifa_name);
	freeifaddrs(all);
	return name;
}

struct outcome {
	enum sp_action action;
	guint64 rule;
	unsigned need;
};

static struct outcome judge(const struct sp_flow_line *flow, const struct sp_stance *stance)
{
	g_autofree struct sp_rule *rules =
		g_memdup2(stance->rules, stance->count * sizeof(*stance->rules));
	struct sp_explanation explanation;
	struct outcome outcome = { .action = SP_ALLOW };
	struct sp_defaults defaults = stance->defaults;
	struct sp_facts facts = flow->facts;
	gsize count;

	if (stance->network)
		facts.network = (struct sp_text_fact){
			.state = *stance->network ? SP_FACT_KNOWN : SP_FACT_FAILED,
			.text = stance->network,
		};
	if (!strcmp(stance->mode, "off"))
		return outcome;
	count = sp_counting_rules(rules, stance->count, stance->mode, &defaults);
	if (!sp_explain(rules, count, &defaults, &flow->flow, &facts, g_get_real_time() * 1000,
			&explanation))
		g_error("no memory");
	outcome.action = explanation.decision.action;
	outcome.rule = explanation.decision.rule;
	outcome.need = explanation.decision.need;
	sp_explanation_clear(&explanation);
	return outcome;
}

static gboolean locks_down(const struct sp_stance *before, const struct sp_stance *after)
{
	return strcmp(before->mode, "lockdown") && !strcmp(after->mode, "lockdown");
}

gboolean sp_ssh_cut_off(const struct sp_flow_line *flow, const struct sp_stance *before,
			const struct sp_stance *after)
{
	struct outcome was = judge(flow, before), is = judge(flow, after);

	if (before->partial && locks_down(before, after))
		return TRUE;
	if (is.action == was.action && is.rule == was.rule && is.need == was.need)
		return FALSE;
	return is.need || (is.action != SP_ALLOW &&
			   (before->partial || was.action != is.action));
}
