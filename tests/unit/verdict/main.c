/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include "fake.h"

int main(void)
{
	SRunner *runner = srunner_create(suite_packet());
	int failed;

	srunner_add_suite(runner, suite_queued());
	srunner_add_suite(runner, suite_mailbox());
	srunner_add_suite(runner, suite_message());
	srunner_add_suite(runner, suite_waiting());
	srunner_add_suite(runner, suite_installed());
	srunner_add_suite(runner, suite_once());
	srunner_add_suite(runner, suite_cover());
	srunner_add_suite(runner, suite_facts());
	srunner_add_suite(runner, suite_interfaces());
	srunner_add_suite(runner, suite_known());
	srunner_add_suite(runner, suite_record());
	srunner_add_suite(runner, suite_reports());
	srunner_add_suite(runner, suite_release());
	srunner_add_suite(runner, suite_answer());
	srunner_add_suite(runner, suite_command());
	srunner_add_suite(runner, suite_links());
	srunner_add_suite(runner, suite_sweep());
	srunner_add_suite(runner, suite_news());
	srunner_add_suite(runner, suite_need());
	srunner_add_suite(runner, suite_networks());
	srunner_add_suite(runner, suite_places());
	srunner_add_suite(runner, suite_learn());
	srunner_add_suite(runner, suite_law());
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
