/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dpkg's files, and the index made of them. */
#include <glib.h>
#include <string.h>
#include <unistd.h>
#include "dpkg.h"
#include "folder.h"
#include "identity.h"
#include "packages.h"

static char *root;
static struct sp_packages *packages;

static void put(const char *name, const char *text)
{
	folder_put(root, name, text);
}

static void setup(void)
{
	root = g_dir_make_tmp("sallyport-packages-XXXXXX", NULL);
	ck_assert_ptr_nonnull(root);
}

static void load(void)
{
	packages = sp_packages_load(root);
	ck_assert_ptr_nonnull(packages);
}

static void teardown(void)
{
	g_clear_pointer(&packages, sp_packages_free);
	folder_remove(root);
	g_free(root);
}

static void link_to(const char *name, const char *target)
{
	g_autofree char *link = g_build_filename(root, name, NULL);

	ck_assert_int_eq(symlink(target, link), 0);
}

static void link_usr(const char *name)
{
	g_autofree char *target = g_strconcat("usr/", name, NULL);

	link_to(name, target);
}

START_TEST(files_and_folders)
{
	put("var/lib/dpkg/info/curl.list", "/.\n/usr\n/usr/bin\n/usr/bin/curl\n");
	put("var/lib/dpkg/info/libc6:amd64.list", "/.\n/lib64\n/lib64/ld-linux-x86-64.so.2");
	put("var/lib/dpkg/info/curl.md5sums", "");
	load();
	ck_assert_str_eq(sp_packages_find(packages, "/usr/bin/curl"), "curl");
	ck_assert_str_eq(sp_packages_find(packages, "/lib64/ld-linux-x86-64.so.2"), "libc6");
	ck_assert_ptr_null(sp_packages_find(packages, "/usr/bin"));
	ck_assert_ptr_null(sp_packages_find(packages, "/usr/bin/wget"));
	ck_assert_ptr_null(sp_packages_find(packages, "/usr/bin/curl2"));
	ck_assert_ptr_null(sp_packages_find(packages, ""));
}
END_TEST

START_TEST(merged_usr)
{
	link_usr("bin");
	put("var/lib/dpkg/info/bash.list", "/bin/bash\n/usr/bin/bashbug\n");
	put("var/lib/dpkg/info/nano.list", "/usr/bin/nano\n");
	put("var/lib/dpkg/info/kmod.list", "/sbin/modprobe\n");
	load();
	ck_assert_str_eq(sp_packages_find(packages, "/usr/bin/bash"), "bash");
	ck_assert_str_eq(sp_packages_find(packages, "/usr/bin/nano"), "nano");
	/* /sbin is no link here. */
	ck_assert_ptr_null(sp_packages_find(packages, "/usr/sbin/modprobe"));
	ck_assert_str_eq(sp_packages_find(packages, "/sbin/modprobe"), "kmod");
}
END_TEST

START_TEST(merged_sbin)
{
	link_to("sbin", "usr/sbin");
	put("usr/bin/tc", "");
	link_to("usr/sbin", "bin");
	link_to("lib", "elsewhere");
	put("var/lib/dpkg/info/kmod.list", "/sbin/modprobe\n/lib/kmod\n");
	put("var/lib/dpkg/info/iproute2.list", "/usr/sbin/tc\n");
	load();
	ck_assert_str_eq(sp_packages_find(packages, "/usr/bin/modprobe"), "kmod");
	ck_assert_str_eq(sp_packages_find(packages, "/usr/bin/tc"), "iproute2");
	ck_assert_str_eq(sp_packages_find(packages, "/lib/kmod"), "kmod");
}
END_TEST

START_TEST(diversions)
{
	link_usr("bin");
	put("var/lib/dpkg/diversions",
	      "/usr/bin/perf\n/usr/bin/perf.wrapped\nwrapper\n"
	      "/bin/which\n/usr/bin/which.real\n:\n");
	put("var/lib/dpkg/info/perf.list", "/usr/bin/perf\n");
	put("var/lib/dpkg/info/wrapper.list", "/usr/bin/perf\n");
	put("var/lib/dpkg/info/debianutils.list", "/usr/bin/which\n");
	load();
	ck_assert_str_eq(sp_packages_find(packages, "/usr/bin/perf"), "wrapper");
	ck_assert_str_eq(sp_packages_find(packages, "/usr/bin/perf.wrapped"), "perf");
	/* Diverted by the administrator: what lies there now is nobody's. */
	ck_assert_ptr_null(sp_packages_find(packages, "/usr/bin/which"));
	ck_assert_str_eq(sp_packages_find(packages, "/usr/bin/which.real"), "debianutils");
}
END_TEST

START_TEST(sums)
{
	struct sp_file_sum sum;

	link_usr("bin");
	put("var/lib/dpkg/info/bash.list", "/bin/bash\n/usr/bin/bashbug\n");
	put("var/lib/dpkg/info/bash.md5sums",
	      "00112233445566778899aabbccddeeff  bin/bash\n"
	      "ffeeddccbbaa99887766554433221100  usr/bin/bashbug\n");
	load();
	ck_assert(sp_packages_sum(packages, "/usr/bin/bash", &sum));
	ck_assert_str_eq(sum.digits, "00112233445566778899aabbccddeeff");
	ck_assert(sp_packages_sum(packages, "/usr/bin/bashbug", &sum));
	ck_assert_str_eq(sum.digits, "ffeeddccbbaa99887766554433221100");
	ck_assert(!sp_packages_sum(packages, "/usr/bin/other", &sum));
}
END_TEST

START_TEST(no_dpkg)
{
	load();
	ck_assert_uint_eq(sp_packages_count(packages), 0);
	ck_assert_ptr_null(sp_packages_find(packages, "/usr/bin/curl"));
}
END_TEST

START_TEST(odd_lists)
{
	put("var/lib/dpkg/info/odd.list", "\n\n/\nnot absolute\n/a\n/a/b\n//\n");
	put("var/lib/dpkg/info/.list", "/nobody\n");
	put("var/lib/dpkg/info/format", "1\n");
	put("var/lib/dpkg/diversions", "/one\n/two\n");
	load();
	ck_assert_str_eq(sp_packages_find(packages, "/a/b"), "odd");
	ck_assert_ptr_null(sp_packages_find(packages, "/a"));
	ck_assert_ptr_null(sp_packages_find(packages, "/nobody"));
}
END_TEST

Suite *suite_packages(void)
{
	Suite *suite = suite_create("packages");
	TCase *tests = tcase_create("packages");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, files_and_folders);
	tcase_add_test(tests, merged_usr);
	tcase_add_test(tests, merged_sbin);
	tcase_add_test(tests, diversions);
	tcase_add_test(tests, sums);
	tcase_add_test(tests, no_dpkg);
	tcase_add_test(tests, odd_lists);
	suite_add_tcase(suite, tests);
	return suite;
}
