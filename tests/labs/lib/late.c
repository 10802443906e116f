/*
 * late.c: a parent that is late, in the program of `order`.
 *
 * Whether a child that does not wait for its id maps goes on without them depends on who is faster.
 * So build links the program with --wrap=id_maps_write: the maps come a tenth of a second late, and
 * such a child is always without.
 */
#include "step04_net_user/net_user.h"

#include <unistd.h>

int __real_id_maps_write(int procfd, pid_t pid, const struct id_maps *maps);
int __wrap_id_maps_write(int procfd, pid_t pid, const struct id_maps *maps);

int __wrap_id_maps_write(int procfd, pid_t pid, const struct id_maps *maps)
{
	usleep(100000);
	return __real_id_maps_write(procfd, pid, maps);
}
