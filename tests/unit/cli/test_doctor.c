/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The doctor, on machines made of a few files. */
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "doctor.h"
#include "unit.h"

static char *root;

static void put_bytes(const char *path, const char *bytes, gsize length)
{
	g_autofree char *whole = g_strconcat(root, path, NULL);
	g_autofree char *folder = g_path_get_dirname(whole);

	ck_assert_int_eq(g_mkdir_with_parents(folder, 0700), 0);
	ck_assert(g_file_set_contents(whole, bytes, length, NULL));
}

static void put(const char *path, const char *text)
{
	put_bytes(path, text, strlen(text));
}

static void put_module(const char *kernel, const char *version, gboolean is_signed)
{
	g_autofree char *path = g_strdup_printf("/lib/modules/%s/updates/dkms/sallyport.ko", kernel);
	g_autoptr(GString) bytes = g_string_new("ELF");

	g_string_append_len(bytes, "\0version=", 9);
	g_string_append(bytes, version);
	g_string_append_len(bytes, "\0", 1);
	if (is_signed)
		g_string_append(bytes, "~Module signature appended~\n");
	put_bytes(path, bytes->str, bytes->len);
}

static void put_secure_boot(void)
{
	put_bytes("/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c",
		  "\6\0\0\0\1", 5);
}

/* A process with a socket of netlink that has bound a packet queue. */
static void put_queue(const char *name, guint pid, guint queue, guint port, guint inode)
{
	static GString *queues, *sockets;
	g_autofree char *comm = g_strdup_printf("/proc/%u/comm", pid);
	g_autofree char *folder = g_strdup_printf("%s/proc/%u/fd", root, pid);
	g_autofree char *fd = g_strconcat(folder, "/7", NULL);
	g_autofree char *target = g_strdup_printf("socket:[%u]", inode);

	if (!name) {
		g_string_free(g_steal_pointer(&queues), TRUE);
		g_string_free(g_steal_pointer(&sockets), TRUE);
		return;
	}
	queues = queues ? queues : g_string_new(NULL);
	sockets = sockets ? sockets : g_string_new("sk Eth Pid Groups\n");
	g_string_append_printf(queues, "%5u %6u 0 2 65531 0 0 12 1\n", queue, port);
	g_string_append_printf(sockets, "0000000000000000 12 %u 00000000 0 0 0 2 0 %u\n", port,
			       inode);
	put(comm, name);
	ck_assert_int_eq(g_mkdir_with_parents(folder, 0700), 0);
	ck_assert_int_eq(symlink(target, fd), 0);
	put("/proc/net/netfilter/nfnetlink_queue", queues->str);
	put("/proc/net/netlink", sockets->str);
}

/* What a healthy machine has. */
static void setup(void)
{
	root = g_dir_make_tmp("doctor-XXXXXX", NULL);
	ck_assert_ptr_nonnull(root);
	put("/sys/module/sallyport/version", SALLYPORT_VERSION "\n");
	put("/lib/modules/6.1.0-1-amd64/kernel/x", "");
	put_module("6.1.0-1-amd64", SALLYPORT_VERSION, TRUE);
	put("/usr/lib/polkit-1/polkitd", "");
	put("/usr/share/polkit-1/actions/org.sallyport.firewall1.policy", "");
	put("/proc/sys/kernel/yama/ptrace_scope", "1\n");
	put("/proc/1/comm", "systemd\n");
}

static void clear(const char *path)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *inner = g_build_filename(path, name, NULL);

		clear(inner);
	}
	g_remove(path);
}

static void teardown(void)
{
	clear(root);
	g_clear_pointer(&root, g_free);
}

static GVariant *status(const char *state, guint agents, guint64 lost)
{
	g_auto(GVariantBuilder) counters = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a{st}"));
	g_auto(GVariantBuilder) dict = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE_VARDICT);
	static const char *const reasons[] = { "a probe is missing", NULL };

	g_variant_builder_add(&counters, "{st}", "flow-full", lost);
	g_variant_builder_add(&dict, "{sv}", "state", g_variant_new_string(state));
	g_variant_builder_add(&dict, "{sv}", "agents", g_variant_new_uint32(agents));
	g_variant_builder_add(&dict, "{sv}", "reasons", g_variant_new_strv(reasons, -1));
	g_variant_builder_add(&dict, "{sv}", "counters", g_variant_builder_end(&counters));
	return g_variant_ref_sink(g_variant_builder_end(&dict));
}

static const struct sp_finding *find(const GPtrArray *findings, const char *check)
{
	for (guint i = 0; i < findings->len; i++) {
		const struct sp_finding *finding = g_ptr_array_index(findings, i);

		if (!strcmp(finding->check, check) && finding->level != SP_FINDING_GOOD)
			return finding;
	}
	return NULL;
}

static GPtrArray *examine_healthy_daemon(void)
{
	g_autoptr(GVariant) answer = status("protecting", 1, 0);

	return sp_doctor_examine(root, answer, NULL);
}

/* With one thing wrong: @check says so at @level, with advice; nothing else does. */
static void finds(GPtrArray *findings, const char *check, enum sp_finding_level level)
{
	const struct sp_finding *finding = find(findings, check);

	ck_assert_msg(finding, "%s was not found", check);
	ck_assert_int_eq(finding->level, level);
	ck_assert_ptr_nonnull(finding->advice);
	ck_assert_int_eq(sp_doctor_worst(findings), level);
	g_ptr_array_unref(findings);
}

START_TEST(a_healthy_machine)
{
	g_autoptr(GPtrArray) findings = examine_healthy_daemon();

	ck_assert_int_eq(sp_doctor_worst(findings), SP_FINDING_GOOD);
	ck_assert_uint_ge(findings->len, 5);
}
END_TEST

START_TEST(a_kernel_without_a_module)
{
	put("/lib/modules/6.1.0-2-amd64/kernel/x", "");
	finds(examine_healthy_daemon(), "module-built", SP_FINDING_BAD);
}
END_TEST

START_TEST(a_kernel_that_was_removed_says_nothing)
{
	g_autoptr(GPtrArray) findings = NULL;

	put("/lib/modules/6.1.0-2-amd64/modules.dep", "");
	findings = examine_healthy_daemon();
	ck_assert_int_eq(sp_doctor_worst(findings), SP_FINDING_GOOD);
}
END_TEST

START_TEST(a_module_of_another_version)
{
	put("/sys/module/sallyport/version", "0.0.1\n");
	finds(examine_healthy_daemon(), "module-version", SP_FINDING_NOTE);
}
END_TEST

START_TEST(no_module)
{
	g_autofree char *path = g_strconcat(root, "/sys/module", NULL);
	GPtrArray *findings;

	clear(path);
	findings = examine_healthy_daemon();
	ck_assert_ptr_null(strstr(find(findings, "module-loaded")->advice, "mokutil"));
	finds(findings, "module-loaded", SP_FINDING_BAD);
	put_secure_boot();
	findings = examine_healthy_daemon();
	ck_assert_ptr_nonnull(strstr(find(findings, "module-loaded")->advice, "mokutil"));
	finds(findings, "module-loaded", SP_FINDING_BAD);
}
END_TEST

START_TEST(a_module_that_was_not_built_anew)
{
	put_module("6.1.0-1-amd64", "0.0.9", TRUE);
	finds(examine_healthy_daemon(), "module-file-version", SP_FINDING_BAD);
}
END_TEST

/* That matters where the kernel wants it to be. */
START_TEST(a_module_that_is_not_signed)
{
	g_autoptr(GPtrArray) findings = NULL;

	put_module("6.1.0-1-amd64", SALLYPORT_VERSION, FALSE);
	findings = examine_healthy_daemon();
	ck_assert_int_eq(sp_doctor_worst(findings), SP_FINDING_GOOD);
	put_secure_boot();
	finds(examine_healthy_daemon(), "module-signed", SP_FINDING_BAD);
}
END_TEST

START_TEST(queues_of_others)
{
	GPtrArray *findings;

	put_queue("sallyportd", 400, 5200, 400, 71);
	ck_assert_ptr_null(find(examine_healthy_daemon(), "queues"));
	put_queue("snort", 401, 0, 4294967001u, 72);
	findings = examine_healthy_daemon();
	ck_assert_ptr_nonnull(strstr(find(findings, "queues-others")->what, "snort"));
	finds(findings, "queues-others", SP_FINDING_NOTE);
	put_queue(NULL, 0, 0, 0, 0);
}
END_TEST

START_TEST(no_queue_of_ours)
{
	put("/proc/net/netfilter/nfnetlink_queue", "");
	put("/proc/net/netlink", "sk Eth Pid\n");
	finds(examine_healthy_daemon(), "queues", SP_FINDING_BAD);
}
END_TEST

START_TEST(no_polkit)
{
	g_autofree char *path = g_strconcat(root, "/usr/share/polkit-1", NULL);

	clear(path);
	finds(examine_healthy_daemon(), "polkit", SP_FINDING_BAD);
}
END_TEST

/* By a rule that is for nobody in particular. */
START_TEST(everybody_may_ask_name_servers)
{
	g_autoptr(GPtrArray) findings = examine_healthy_daemon();
	g_autoptr(GVariant) some = g_variant_ref_sink(g_variant_new_parsed(
		"[{'id': <uint64 7>, 'enabled': <true>, 'text': "
		"<'allow out program /usr/bin/dig protocol udp to resolver port 53'>}]"));
	g_autoptr(GVariant) all = g_variant_ref_sink(g_variant_new_parsed(
		"[{'id': <uint64 8>, 'enabled': <true>, 'text': "
		"<'allow out protocol udp to resolver port 53'>}]"));

	sp_doctor_rules(findings, some);
	ck_assert_ptr_null(find(findings, "resolver"));
	sp_doctor_rules(findings, all);
	ck_assert_ptr_nonnull(strstr(find(findings, "resolver")->advice, "disable 8"));
}
END_TEST

START_TEST(a_probe_that_does_not_fire)
{
	g_autoptr(GVariant) answer = g_variant_ref_sink(g_variant_new_parsed(
		"{'state': <'degraded'>, 'agents': <uint32 1>, "
		"'reasons': <['the kernel does not tell when programs are executed', 'disk full']>, "
		"'store-trouble': <'disk full'>}"));
	g_autoptr(GPtrArray) findings = sp_doctor_examine(root, answer, NULL);

	ck_assert_ptr_nonnull(strstr(find(findings, "probes")->what, "executed"));
	ck_assert_ptr_nonnull(find(findings, "probes")->advice);
	ck_assert_ptr_nonnull(strstr(find(findings, "store")->what, "disk full"));
	ck_assert_ptr_null(find(findings, "daemon-reason"));
}
END_TEST

START_TEST(no_daemon)
{
	GPtrArray *findings = sp_doctor_examine(root, NULL, "it is not running");

	ck_assert_ptr_nonnull(strstr(find(findings, "daemon")->what, "it is not running"));
	finds(findings, "daemon", SP_FINDING_BAD);
}
END_TEST

START_TEST(a_degraded_daemon)
{
	g_autoptr(GVariant) answer = status("degraded", 1, 0);
	GPtrArray *findings = sp_doctor_examine(root, answer, NULL);

	ck_assert_str_eq(find(findings, "daemon-reason")->what, "a probe is missing");
	finds(findings, "daemon", SP_FINDING_NOTE);
}
END_TEST

START_TEST(a_daemon_that_is_off)
{
	g_autoptr(GVariant) answer = status("off", 1, 0);

	finds(sp_doctor_examine(root, answer, NULL), "daemon", SP_FINDING_BAD);
}
END_TEST

START_TEST(nobody_to_ask)
{
	g_autoptr(GVariant) answer = status("protecting", 0, 0);

	finds(sp_doctor_examine(root, answer, NULL), "agents", SP_FINDING_NOTE);
}
END_TEST

START_TEST(a_full_table)
{
	g_autoptr(GVariant) answer = status("protecting", 1, 7);
	GPtrArray *findings = sp_doctor_examine(root, answer, NULL);

	ck_assert_ptr_nonnull(strstr(find(findings, "counters")->what, "flow-full: 7"));
	finds(findings, "counters", SP_FINDING_NOTE);
}
END_TEST

START_TEST(programs_that_trace)
{
	put("/proc/sys/kernel/yama/ptrace_scope", "0\n");
	finds(examine_healthy_daemon(), "tracing", SP_FINDING_NOTE);
}
END_TEST

START_TEST(another_firewall)
{
	put("/proc/77/comm", "opensnitchd\n");
	finds(examine_healthy_daemon(), "others", SP_FINDING_NOTE);
}
END_TEST

static void check_command(const char *check, const char *command)
{
	g_autoptr(GPtrArray) findings = examine_healthy_daemon();

	ck_assert_str_eq(find(findings, check)->command, command);
}

/* Not the last of what an advice says, which may be another matter. */
START_TEST(a_command_does_what_is_advised)
{
	put("/lib/modules/6.1.0-2-amd64/kernel/x", "");
	check_command("module-built", "apt install linux-headers-6.1.0-2-amd64 && "
		      "dkms autoinstall -k 6.1.0-2-amd64");
	put("/proc/sys/kernel/yama/ptrace_scope", "0\n");
	check_command("tracing", "echo 'kernel.yama.ptrace_scope = 1' "
		      ">/etc/sysctl.d/10-ptrace.conf && sysctl --system");
	clear(root);
	check_command("module-loaded", "modprobe sallyport");
	check_command("polkit", "apt install polkitd");
	put_secure_boot();
	check_command("module-loaded", "mokutil --import /var/lib/dkms/mok.pub");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("doctor");
	TCase *tests = tcase_create("doctor");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, a_healthy_machine);
	tcase_add_test(tests, a_kernel_without_a_module);
	tcase_add_test(tests, a_kernel_that_was_removed_says_nothing);
	tcase_add_test(tests, a_module_of_another_version);
	tcase_add_test(tests, no_module);
	tcase_add_test(tests, a_module_that_was_not_built_anew);
	tcase_add_test(tests, a_module_that_is_not_signed);
	tcase_add_test(tests, queues_of_others);
	tcase_add_test(tests, no_queue_of_ours);
	tcase_add_test(tests, no_polkit);
	tcase_add_test(tests, everybody_may_ask_name_servers);
	tcase_add_test(tests, a_probe_that_does_not_fire);
	tcase_add_test(tests, no_daemon);
	tcase_add_test(tests, a_degraded_daemon);
	tcase_add_test(tests, a_daemon_that_is_off);
	tcase_add_test(tests, nobody_to_ask);
	tcase_add_test(tests, a_full_table);
	tcase_add_test(tests, programs_that_trace);
	tcase_add_test(tests, another_firewall);
	tcase_add_test(tests, a_command_does_what_is_advised);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
