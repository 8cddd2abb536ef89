/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What it costs to know who a program is: "what TAB value TAB unit", medians of five
 * rounds. "cold": nothing is known of a program, but the index is read; "warm": it is
 * known. By this machine's own database of packages.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "cgroup.h"
#include "engine.h"
#include "index.h"

#define ROUNDS	5
#define FOLDER	"/usr/bin"
#define FILES	1000
#define WARM	1000000

static char *paths[FILES];
static unsigned count;

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void measure(const char *what, double (*round)(void), double scale, const char *unit)
{
	double times[ROUNDS];

	for (int i = 0; i < ROUNDS; i++)
		times[i] = round();
	qsort(times, ROUNDS, sizeof(*times), compare);
	printf("%s\t%.3g\t%s\n", what, times[ROUNDS / 2] * scale, unit);
}

static void list_files(void)
{
	DIR *folder = opendir(FOLDER);
	struct dirent *file;

	while (folder && count < FILES && (file = readdir(folder)))
		if (file->d_type == DT_REG && asprintf(&paths[count], FOLDER "/%s", file->d_name) > 0)
			count++;
	if (folder)
		closedir(folder);
}

static double load(void)
{
	double begin = now();

	sp_packages_free(sp_packages_load(""));
	return now() - begin;
}

static struct sp_index *index_;

static double cold_package(void)
{
	struct sallyport_image image = { .id = SALLYPORT_IMAGE_FIRST };
	double begin = now();
	char *name;

	for (unsigned i = 0; i < count; i++) {
		sp_index_package(index_, &image, paths[i], &name);
		free(name);
	}
	return (now() - begin) / count;
}

static double cold_cgroup(void)
{
	static const char path[] = "/user.slice/user-1000.slice/user@1000.service/app.slice/"
				   "app-flatpak-org.mozilla.firefox-1234.scope";
	double begin = now();
	struct sp_cgroup cgroup;

	for (unsigned i = 0; i < WARM; i++)
		sp_cgroup_parse(path, &cgroup);
	return (now() - begin) / WARM;
}

static struct sp_needs needs;

static double warm(void)
{
	struct sallyport_image image = { .id = SALLYPORT_IMAGE_FIRST };
	struct sp_flow flow = { .image = SALLYPORT_IMAGE_FIRST, .process = 1, .cgroup = 1 };
	struct sp_now clocks = { 1, 1 };
	double begin = now();
	struct sp_facts facts;

	for (unsigned i = 0; i < WARM; i++)
		sp_need_fill(&needs, &flow, &image, &clocks, &facts);
	return (now() - begin) / WARM;
}

static void know(void)
{
	sp_known_init(&needs.known);
	sp_known_put(&needs.known, sp_known_new(SP_KNOWN_PACKAGE, SALLYPORT_IMAGE_FIRST, "curl",
						NULL), 1);
	sp_known_put(&needs.known, sp_known_new(SP_KNOWN_CGROUP, 1, "curl.service", NULL), 1);
	sp_ancestry_fail(&needs.ancestries, 1, 2);
}

int main(void)
{
	struct sp_packages *packages = sp_packages_load("");

	list_files();
	printf("files in the index\t%zu\t\n", packages ? sp_packages_count(packages) : 0);
	sp_packages_free(packages);
	measure("index read", load, 1e3, "ms");
	index_ = sp_index_new("");
	sp_index_read(index_);
	measure("package, cold", cold_package, 1e6, "us");
	measure("unit and application, cold", cold_cgroup, 1e6, "us");
	know();
	measure("all facts, warm", warm, 1e6, "us");
	sp_index_unref(index_);
	return 0;
}
