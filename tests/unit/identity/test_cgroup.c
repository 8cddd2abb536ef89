/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What paths of cgroups say. */
#include <string.h>
#include "cgroup.h"
#include "identity.h"

#define MANAGER "/user.slice/user-1000.slice/user@1000.service"
#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct {
	const char *path, *unit, *app, *container;
	bool claimed;
} cases[] = {
	{ "/", "", "", "", false },
	{ "/init.scope", "init.scope", "", "", false },
	{ "/system.slice/sshd.service", "sshd.service", "", "", false },
	{ "/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service", "", "",
	  false },
	/* What a service makes beneath itself is still the service. */
	{ "/system.slice/foo.service/sshd.service", "foo.service", "", "", false },
	{ "/user.slice/user-1000.slice/session-3.scope", "session-3.scope", "", "", false },
	{ MANAGER, "user@1000.service", "", "", false },
	{ MANAGER "/init.scope", "user:init.scope", "", "", true },
	{ MANAGER "/app.slice/gpg-agent.service", "user:gpg-agent.service", "", "", true },
	/* Names of the system's units, made by a user. */
	{ MANAGER "/app.slice/sshd.service", "user:sshd.service", "", "", true },
	{ MANAGER "/system.slice/sshd.service", "user:sshd.service", "", "", true },
	{ MANAGER "/user@1001.service/sshd.service", "user:user@1001.service", "", "", true },
	{ MANAGER "/odd/sshd.service", "user@1000.service", "", "", false },
	{ MANAGER "/app.slice/app-gnome-firefox-1234.scope",
	  "user:app-gnome-firefox-1234.scope", "", "", true },
	{ MANAGER "/app.slice/app-flatpak-org.mozilla.firefox-1234.scope",
	  "user:app-flatpak-org.mozilla.firefox-1234.scope", "flatpak:org.mozilla.firefox", "",
	  true },
	{ MANAGER "/app.slice/app-flatpak-org.example.two\\x2dwords-9.scope",
	  "user:app-flatpak-org.example.two\\x2dwords-9.scope",
	  "flatpak:org.example.two-words", "", true },
	{ MANAGER "/app.slice/app-flatpak-org.example.App@77.service",
	  "user:app-flatpak-org.example.App@77.service", "flatpak:org.example.App", "", true },
	{ MANAGER "/app.slice/app-flatpak-.scope", "user:app-flatpak-.scope", "", "", true },
	{ MANAGER "/app.slice/snap.firefox.firefox-0e2c.scope",
	  "user:snap.firefox.firefox-0e2c.scope", "snap:firefox", "", true },
	{ "/system.slice/snap.lxd.daemon.service", "snap.lxd.daemon.service", "snap:lxd", "",
	  false },
	{ "/system.slice/docker-" ID ".scope", "docker-" ID ".scope", "",
	  "docker 0123456789ab", false },
	{ "/machine.slice/libpod-" ID ".scope/container", "libpod-" ID ".scope", "",
	  "podman 0123456789ab", false },
	{ MANAGER "/user.slice/libpod-" ID ".scope", "user:libpod-" ID ".scope", "",
	  "podman 0123456789ab", true },
	{ "/system.slice/docker-proxy.scope", "docker-proxy.scope", "", "", false },
	{ "/docker/" ID, "", "", "", false },
	{ "/system.slice/_cgroup.odd.service", "cgroup.odd.service", "", "", false },
	{ "/system.slice", "", "", "", false },
	{ "/system.slice//sshd.service", "", "", "", false },
	{ "/user.slice/user@4294967296.service/sshd.service", "user@4294967296.service", "", "",
	  false },
};

START_TEST(paths)
{
	struct sp_cgroup cgroup;

	ck_assert_msg(sp_cgroup_parse(cases[_i].path, &cgroup), "%s", cases[_i].path);
	ck_assert_str_eq(cgroup.unit, cases[_i].unit);
	ck_assert_str_eq(cgroup.app, cases[_i].app);
	ck_assert_str_eq(cgroup.container, cases[_i].container);
	ck_assert_int_eq(cgroup.claimed, cases[_i].claimed);
	if (cgroup.claimed)
		ck_assert_uint_eq(cgroup.user, 1000);
}
END_TEST

START_TEST(names_that_are_too_long)
{
	char path[600] = "/system.slice/";
	struct sp_cgroup cgroup;

	memset(path + strlen(path), 'a', 300);
	strcat(path, ".service");
	ck_assert(!sp_cgroup_parse(path, &cgroup));
	ck_assert_str_eq(cgroup.unit, "");
	ck_assert(!sp_cgroup_parse("", &cgroup));
	ck_assert(!sp_cgroup_parse("system.slice/a.service", &cgroup));
}
END_TEST

Suite *suite_cgroup(void)
{
	Suite *suite = suite_create("cgroup");
	TCase *tests = tcase_create("cgroup");

	tcase_add_loop_test(tests, paths, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tests, names_that_are_too_long);
	suite_add_tcase(suite, tests);
	return suite;
}
