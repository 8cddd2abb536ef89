/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include "identity.h"

int main(void)
{
	SRunner *runner = srunner_create(suite_cgroup());
	int failed;

	srunner_add_suite(runner, suite_packages());
	srunner_add_suite(runner, suite_rpm());
	srunner_add_suite(runner, suite_workers());
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
