// SPDX-License-Identifier: GPL-2.0
/* Arming and disarming of probes. Called from module init and exit alone. */
#include <linux/moduleparam.h>
#include <linux/string.h>

#include "probe.h"

/* As if this kernel did not have them: what is told and judged then can be seen. */
static char *without_probes = "";
module_param(without_probes, charp, 0444);
MODULE_PARM_DESC(without_probes, "names of probes that are not armed, with commas between them: for tests");

struct search {
	const char *name;
	struct tracepoint *found;
};

static void compare_name(struct tracepoint *tracepoint, void *data)
{
	struct search *search = data;

	if (!strcmp(tracepoint->name, search->name))
		search->found = tracepoint;
}

static int arm_tracepoint(struct sp_probe *probe)
{
	struct search search = { .name = probe->tracepoint };

	for_each_kernel_tracepoint(compare_name, &search);
	if (!search.found)
		return -ENOENT;
	probe->found = search.found;
	return tracepoint_probe_register(probe->found, probe->function, NULL);
}

static struct ftrace_hash *filter_of(const struct ftrace_ops *ops)
{
	return rcu_access_pointer(ops->func_hash->filter_hash);
}

/*
 * Of a filter that it had no memory to fill, ftrace says that it is set; it is empty
 * then, and an empty one is every function of the kernel. All empty ones are the same.
 */
static int set_filter(struct ftrace_ops *ops, const char *symbol)
{
	int error = ftrace_set_filter(ops, NULL, 0, 1);
	struct ftrace_hash *empty;

	if (error)
		return error;
	empty = filter_of(ops);
	error = ftrace_set_filter(ops, (unsigned char *)symbol, strlen(symbol), 1);
	if (!error && filter_of(ops) == empty)
		error = -ENOMEM;
	return error;
}

/*
 * PERMANENT: kernel.ftrace_enabled can't silence it, and says so to who tries. Without
 * RECURSION: no probe calls what is probed, so ftrace need not look each time whether
 * it does, nor leave one out where it can't tell.
 */
static int arm_function(struct sp_probe *probe)
{
	struct ftrace_ops *ops = &probe->ops;
	int error;

	ops->flags = FTRACE_OPS_FL_PERMANENT;
	error = set_filter(ops, probe->symbol);
	if (!error)
		error = register_ftrace_function(ops);
	if (error)
		ftrace_free_filter(ops);
	return error;
}

static void disarm_function(struct sp_probe *probe)
{
	unregister_ftrace_function(&probe->ops);
	ftrace_free_filter(&probe->ops);
}

static bool is_left_out(const char *name)
{
	size_t length = strlen(name);
	const char *at = without_probes, *end;

	for (; *at; at = end + !!*end) {
		end = strchrnul(at, ',');
		if (end - at == length && !memcmp(at, name, length))
			return true;
	}
	return false;
}

static int arm(struct sp_probe *probe)
{
	int error;

	if (is_left_out(probe->tracepoint ?: probe->symbol))
		error = -ENOENT;
	else if (probe->tracepoint)
		error = arm_tracepoint(probe);
	else
		error = arm_function(probe);
	if (error)
		pr_warn("%s can't be watched (error %d)\n",
			probe->tracepoint ?: probe->symbol, error);
	return error;
}

u32 sp_probes_arm(struct sp_probe *probes, u32 count)
{
	u32 failed = 0, i;

	for (i = 0; i < count; i++) {
		probes[i].armed = !arm(&probes[i]);
		failed += !probes[i].armed;
	}
	return failed;
}

void sp_probes_disarm(struct sp_probe *probes, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++) {
		struct sp_probe *probe = &probes[i];

		if (!probe->armed)
			continue;
		if (probe->tracepoint)
			tracepoint_probe_unregister(probe->found,
						    probe->function, NULL);
		else
			disarm_function(probe);
		probe->armed = false;
	}
	tracepoint_synchronize_unregister();
}
