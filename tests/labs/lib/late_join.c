/*
 * late_join.c: a parent that is late, in the program of `order`, lab 5.
 *
 * A child that makes its cgroup namespace while the parent moves it into the group is sometimes in
 * there in time. So build links the program with --wrap=run_join: the child is moved a tenth of a
 * second late, and a cgroup namespace that does not wait for it begins at the parent's group.
 */
#include "step05_cgroup_cpu/given/run_limits.h"

#include <unistd.h>

int __real_run_join(struct run *run);
int __wrap_run_join(struct run *run);

int __wrap_run_join(struct run *run)
{
	usleep(100000);
	return __real_run_join(run);
}
