/*
 * overlay_rootfs.h: step 6's piece. Many containers, one image, nothing copied.
 *
 * overlayfs lays directories over one another. Those below are read and never
 * written; what a container changes lands in the directory on top, its own. A file that
 * is written is copied up first, a file that is deleted gets a whiteout: a
 * mark on top that says "not there", with the file below untouched.
 */
#ifndef OVERLAY_ROOTFS_H /* tcc does not see that a header has two paths */
#define OVERLAY_ROOTFS_H

#include <stdbool.h>

struct overlay {
	const char *const *layers; /* the read-only directories, the *lowest first*, as an image
				      lists them; ends with NULL */
	const char *upper; /* takes what is written; NULL (and work NULL): a read-only union of two
			      layers or more */
	const char *work; /* a directory on upper's file system, of this mount alone: files are made
			   * whole there, then renamed into upper. Two mounts that share one destroy
			   * each other's. */
	bool userxattr;	  /* keep the marks as user.overlay.*: a user namespace may not write
			     trusted.* */
};

/* What an entry of upper says about the image below. */
enum overlay_change {
	OVERLAY_ADDED,	 /* it is new */
	OVERLAY_CHANGED, /* it covers what is below: copied up and changed (a directory: something
			    in it has changed) */
	OVERLAY_DELETED, /* a whiteout: what is below is gone */
	OVERLAY_OPAQUE,	 /* a directory, deleted and made anew: nothing of what is below shows
			    through */
};

/* Mounts the overlay at merged, a directory that exists. Redirects are neither made nor followed
 * (redirect_dir=nofollow): what a layer holds stands under its own name, and no layer leads
 * elsewhere. A colon, a comma or a backslash in a path is escaped by a backslash. Options longer
 * than a page go to overlay_mount_many() (many_layers.h).
 *
 * Returns 0, or -1 with errno: ENOENT, ENOTDIR (a layer is missing, or a file), EXDEV (upper and
 * work on two file systems), EINVAL (one inside another; a file system that cannot be upper; no
 * layers), EPERM (no CAP_SYS_ADMIN over this mount namespace), ENODEV (no overlayfs in this
 * kernel), ENAMETOOLONG.
 *
 * Source: mount(2); the kernel's Documentation/filesystems/overlayfs.rst, "Upper and Lower",
 * "Multiple lower layers". */
int overlay_mount(const struct overlay *overlay, const char *merged);

/* Says what upper's entry path (relative to the descriptor upper; its last part is not followed)
 * does. below: is there anything under that name in the layers beneath? (layer_diff.h knows.)
 * userxattr: as the overlay was mounted. A whiteout is a character device 0:0, and only 0:0
 * (another device is a device that somebody made), or an empty file with the attribute
 * overlay.whiteout (6.7 and later). A directory is opaque by the attribute overlay.opaque = "y";
 * some mount options set that on new directories too, so with nothing below it is simply added.
 *
 * Returns enum overlay_change, or -1 with errno: ENOENT, ENOTDIR, EACCES.
 *
 * Source: overlayfs.rst, "whiteouts and opaque directories"; getxattr(2). */
int overlay_classify(int upper, const char *path, bool below, bool userxattr);

/* Unmounts the overlay at merged; anything else that may be mounted there is left alone. upper
 * keeps what was written.
 *
 * Returns 0, or -1 with errno: EINVAL (no overlay there), EBUSY (open files, a working directory in
 * it), EPERM.
 *
 * Source: umount2(2), UMOUNT_NOFOLLOW; statfs(2), OVERLAYFS_SUPER_MAGIC. */
int overlay_unmount(const char *merged);
#endif
