/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is the kernel module there: now, and for the kernels that may be booted next? */
#include <string.h>
#include <sys/utsname.h>

#include <gio/gio.h>
#include <glib/gi18n.h>

#include "doctor_private.h"

#define MODULES		"/lib/modules"
/* UEFI's global variable; four bytes of attributes, then 1 where it is on. */
#define SECURE_BOOT	"/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"

static gboolean exists(const struct sp_examination *on, const char *path)
{
	g_autofree char *whole = sp_doctor_path(on, path);

	return g_file_test(whole, G_FILE_TEST_EXISTS);
}

/* NULL: it is not built. */
static char *find_module(const struct sp_examination *on, const char *kernel)
{
	static const char *const folders[] = { "updates/dkms", "updates", "extra" };
	static const char *const ends[] = { "", ".xz", ".zst", ".gz" };

	for (gsize i = 0; i < G_N_ELEMENTS(folders); i++)
		for (gsize j = 0; j < G_N_ELEMENTS(ends); j++) {
			g_autofree char *path = g_strdup_printf(
				MODULES "/%s/%s/sallyport.ko%s", kernel, folders[i], ends[j]);

			if (exists(on, path))
				return g_steal_pointer(&path);
		}
	return NULL;
}

static gboolean is_secure_boot(const struct sp_examination *on)
{
	g_autofree char *path = sp_doctor_path(on, SECURE_BOOT), *bytes = NULL;
	gsize length;

	return g_file_get_contents(path, &bytes, &length, NULL) && length >= 5 &&
	       bytes[4] == 1;
}

#define SIGNATURE	"~Module signature appended~\n"
#define VERSION		"version=" SALLYPORT_VERSION

static gboolean has_bytes(const char *text, gsize length, const char *bytes, gsize size)
{
	return memmem(text, length, bytes, size) != NULL;
}

/* Of a file that is not compressed; else nothing is said. */
static void examine_file(struct sp_examination *on, const char *kernel, const char *path)
{
	g_autofree char *whole = sp_doctor_path(on, path), *text = NULL;
	gsize length;

	if (!g_str_has_suffix(path, ".ko") || !g_file_get_contents(whole, &text, &length, NULL))
		return;
	if (!has_bytes(text, length, "\0" VERSION, sizeof("\0" VERSION))) {
		sp_doctor_tell(on, SP_FINDING_BAD, "module-file-version", g_strdup_printf(
			_("The module that is built for kernel %s is of another version."), kernel),
			g_strdup_printf(_("Build it anew: dkms autoinstall -k %s"), kernel));
		sp_doctor_command(on, "dkms autoinstall -k %s", kernel);
	}
	if (is_secure_boot(on) && !has_bytes(text, length, SIGNATURE, strlen(SIGNATURE))) {
		sp_doctor_tell(on, SP_FINDING_BAD, "module-signed", g_strdup_printf(
			_("The module for kernel %s is not signed, and Secure Boot is on: it can't be "
			  "loaded."), kernel),
			g_strdup_printf(_("Build it anew, which signs it: dkms build --force -k %s "
					  "sallyport/%s, then: dkms install --force -k %s sallyport/%s"),
					kernel, SALLYPORT_VERSION, kernel, SALLYPORT_VERSION));
		sp_doctor_command(on, "dkms build --force -k %s sallyport/%s && "
				      "dkms install --force -k %s sallyport/%s",
				  kernel, SALLYPORT_VERSION, kernel, SALLYPORT_VERSION);
	}
}

/* A folder without this is what a removed kernel left behind. */
static gboolean is_kernel(const struct sp_examination *on, const char *name)
{
	g_autofree char *path = g_strdup_printf(MODULES "/%s/kernel", name);

	return exists(on, path);
}

static void examine_kernel(struct sp_examination *on, const char *kernel)
{
	g_autofree char *path = find_module(on, kernel);

	if (path) {
		sp_doctor_tell(on, SP_FINDING_GOOD, "module-built", g_strdup_printf(
			_("The module is built for kernel %s."), kernel), NULL);
		examine_file(on, kernel, path);
		return;
	}
	sp_doctor_tell(on, SP_FINDING_BAD, "module-built", g_strdup_printf(
		_("The module is not built for kernel %s: booted, it protects nothing."), kernel),
		g_strdup_printf(_("Install linux-headers-%s, then: dkms autoinstall -k %s. To have nearly "
				  "everything refused wherever the module is missing: systemctl enable "
				  "--now sallyport-lockdown"), kernel, kernel));
	sp_doctor_command(on, "apt install linux-headers-%s && dkms autoinstall -k %s", kernel, kernel);
}

static void examine_kernels(struct sp_examination *on)
{
	g_autofree char *folder = sp_doctor_path(on, MODULES);
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		if (is_kernel(on, name))
			examine_kernel(on, name);
}

static void examine_absent(struct sp_examination *on)
{
	sp_doctor_tell(on, SP_FINDING_BAD, "module-loaded",
		g_strdup(_("The kernel module is not loaded: nothing is protected.")),
		is_secure_boot(on) ?
		g_strdup(_("Secure Boot is on, so the key that DKMS signs with must be enrolled: "
			   "mokutil --import /var/lib/dkms/mok.pub, reboot, then: modprobe sallyport")) :
		g_strdup(_("Load it: modprobe sallyport. To have nearly everything refused wherever it "
			   "is missing: systemctl enable --now sallyport-lockdown")));
	sp_doctor_command(on, is_secure_boot(on) ? "mokutil --import /var/lib/dkms/mok.pub" :
						   "modprobe sallyport");
}

/* The kernel marks a module without a signature, or with one by a key that it does not know. */
static gboolean is_signed(const struct sp_examination *on)
{
	g_autofree char *taint = sp_doctor_read(on, "/sys/module/sallyport/taint");

	return taint && !strchr(taint, 'E');
}

static void examine_loaded(struct sp_examination *on)
{
	g_autofree char *version = sp_doctor_read(on, "/sys/module/sallyport/version");

	if (!exists(on, "/sys/module/sallyport")) {
		examine_absent(on);
		return;
	}
	if (version && strcmp(version, SALLYPORT_VERSION)) {
		sp_doctor_tell(on, SP_FINDING_NOTE, "module-version", g_strdup_printf(
			_("The module that is loaded is version %s, this program is %s."),
			version, SALLYPORT_VERSION),
			g_strdup(_("Reboot, or: rmmod sallyport && modprobe sallyport")));
		sp_doctor_command(on, "rmmod sallyport && modprobe sallyport");
		return;
	}
	sp_doctor_tell(on, SP_FINDING_GOOD, "module-loaded",
		       is_signed(on) ? g_strdup(_("The kernel module is loaded, and signed.")) :
		       g_strdup(_("The kernel module is loaded. The kernel knows no key that it is signed "
				  "with, which it need not here.")), NULL);
}

void sp_doctor_module(struct sp_examination *on)
{
	examine_loaded(on);
	examine_kernels(on);
}
