// SPDX-License-Identifier: GPL-2.0
/* Loading and unloading the module, with an allocation that fails. */
#include "law.h"
#include "support.h"

#define LOADING 92	/* allocations and registrations at least */

/* The @_i-th allocation of loading the module fails: nothing is left of it. */
START_TEST(loading_without_memory)
{
	shim_init();
	*shim_param_flows = 1024;
	law_world_begin();
	shim_fail_nth(_i);
	if (!shim_module_init())
		shim_module_exit();	/* enough, or a probe less: degraded */
	if (_i > LOADING)
		ck_assert(!shim_failed());	/* all were tried */
	law_world_end();
	shim_exit();
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("load");

	tcase_add_loop_test(tcase, loading_without_memory, 1, LOADING + 2);
	return support_run(tcase);
}
