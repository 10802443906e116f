/*
 * why_net_user.c: why maps of a user namespace are refused, and requests to rtnetlink.
 */
#define _GNU_SOURCE
#include "why_net_user.h"
#include "step01_clone_pid/floor/call/why_when.h"

#include <linux/capability.h>
#include <string.h>

/* ---- maps ---- */

static WHEN(map_file)
{
	return userns_file(h, f) && strcmp(base_name(f->subject), "setgroups") != 0;
}

/* What AppArmor refuses is the floor's to say. */
static WHEN(map_refused)
{
	return map_file(h, f) && !map_by_apparmor(h, f);
}

static WHEN(others_map)
{
	return userns_file(h, f) && !map_by_apparmor(h, f);
}

/* Only of our own maps do we know what they hold. */
static bool own_file(const struct failure *f, const char *name)
{
	const char *path = below_proc(f->subject);

	return starts(path, "self/") && strcmp(path + 5, name) == 0;
}

static WHEN(map_again)
{
	return !map_by_apparmor(h, f) && ((own_file(f, "uid_map") && h->uid_map_ids > 0) ||
					  (own_file(f, "gid_map") && h->gid_map_ids > 0));
}

static WHEN(gid_map_setgroups)
{
	if (map_by_apparmor(h, f))
		return false;
	if (own_file(f, "gid_map"))
		return h->setgroups == 1;
	return strcmp(base_name(f->subject), "gid_map") == 0 && !facts_cap(h, CAP_SETGID);
}

static WHEN(setgroups_late)
{
	return own_file(f, "setgroups") && h->gid_map_ids > 0 && !map_by_apparmor(h, f);
}

/* ---- networks ---- */

static WHEN(sysfs_in_userns)
{
	return h->in_user_ns && has_type(f, "sysfs") && !apparmor_in_userns(h, f);
}

/* Rows are read as a table. */
/* clang-format off */
static const struct why_row rows[] = {
/* ---- maps of a user namespace ---- */
{ WRITE, EPERM, map_again, "%s is written already, and a map can be written only once.",
  "Write all its lines with one write, once per user namespace." },
{ WRITE, EPERM, gid_map_setgroups, "Without CAP_SETGID outside, gid_map can be written only after setgroups is denied.",
  "Write \"deny\" to /proc/PID/setgroups first, then gid_map." },
{ WRITE, EPERM, setgroups_late, "setgroups cannot be changed once gid_map is written.", "Write \"deny\" before gid_map." },
{ WRITE, EPERM, map_refused,
  "Without privilege a map holds one line of one id, the writer's own outside; or the map is written already.",
  "Write \"0 UID 1\" with the uid (gid) that you have outside; for more ids use newuidmap and newgidmap." },
{ WRITE, EINVAL, map_file,
  "The map's text is not what the kernel wants: \"INSIDE OUTSIDE COUNT\" per line, no overlaps, at most 340 lines.",
  "Write lines like \"0 1000 1\", all with one write." },
{ OPEN, EACCES, others_map, "%s belongs to another user: that process is not ours, or it is not dumpable after an exec.",
  "Write the maps as the user who made the namespace, before the child calls execve." },
/* ---- mounting ---- */
{ "mount", EPERM, sysfs_in_userns, "sysfs can be mounted only by who has rights over the network namespace that it shows.",
  "Add CLONE_NEWNET beside CLONE_NEWUSER, or bind the host's /sys with MS_REC." },
/* ---- network links ---- */
{ "RTM_NEWLINK", EOPNOTSUPP, NULL, "This kernel has no network links of type %s.", "sudo modprobe %s" },
{ "RTM_NEWLINK", EPERM, NULL, "Making a network link needs CAP_NET_ADMIN over the network namespace.",
  "Make a network namespace first (and a user namespace, without root)." },
{ "RTM_NEWLINK", EEXIST, NULL, "A link of this name exists already.", "ip link" },
{ "rtnl_ask", EPERM, NULL, "Changing %s needs CAP_NET_ADMIN over the user namespace that this network belongs to.",
  "Do it in a network namespace of your own: unshare -Urn." },
{ "rtnl_ask", EEXIST, NULL, "%s is there already in this network namespace, or in the one that the other end goes to.",
  "ip link; ip address; ip route" },
{ "rtnl_ask|rtnl_list", ENODEV, NULL, "There is no link %s in this network namespace.", "ip link shows those that are." },
{ "rtnl_ask", EOPNOTSUPP, NULL, "This kernel does not know the kind of link that %s should be, or refuses that for this link.",
  "sudo modprobe veth bridge" },
{ "rtnl_ask", ENETUNREACH, NULL, "No link that is up leads to %s.", "Set the link up and give it an address of that network first." },
};
/* clang-format on */

struct why_table why_net_user = { .rows = rows, .count = sizeof(rows) / sizeof(rows[0]) };
