/*
 * overlay_rootfs.h: step 6's piece. Many containers, one image, and no copy of it.
 *
 * overlayfs shows several directories as one. The lower directories (layers) are only read. All
 * changes go to one upper directory, which belongs to one container:
 *
 *	a new file         is made in upper
 *	a changed file     is copied up first: from its layer to upper, then it is changed there
 *	a deleted file     gets a whiteout in upper: an entry that says "this name is not there"
 *	a deleted and      is made in upper and marked opaque: nothing of the layers below shows
 *	remade directory   through it
 *
 * Each system call is made by SYS() (floor/call/sys.h): the first that fails is recorded, with the
 * path, process or name that it was about.
 */
#ifndef OVERLAY_ROOTFS_H /* tcc does not see that a header has two paths */
#define OVERLAY_ROOTFS_H

#include <stdbool.h>

struct overlay {
	const char *const *layers; /* paths of the lower directories, the *lowest first*, as an
				      image lists them; the list ends with NULL */
	const char *upper; /* path of the directory that takes changes. NULL (and work NULL):
			      read-only, with two layers or more */
	const char *work;  /* path of an empty directory on upper's file system. The kernel makes
			      files there and renames them into upper. No two mounts may share one:
			      each would remove the other's files. */
	bool userxattr;	   /* marks are attributes user.overlay.*, not trusted.overlay.*, which a
			      user namespace may not write */
};

/* Mounts the overlay on merged, the path of an existing directory. The options of mount(2) are
 *
 *	lowerdir=HIGHEST:...:LOWEST,upperdir=UPPER,workdir=WORK,redirect_dir=nofollow,
 *	metacopy=off,index=off[,userxattr]
 *
 * Note the order: lowerdir= names the layer first that covers the others. A colon, a comma and a
 * backslash in a path are escaped by a backslash. With redirect_dir=nofollow each file of a layer
 * has its own name there, and no layer can lead to another directory. mount(2) takes 4096 bytes of
 * options, the NUL included, and ignores the rest silently, so longer ones go to
 * overlay_mount_many() (many_layers.h, given).
 *
 * Returns 0, or -1 with errno: ENOENT (a directory is missing), ENOTDIR, EXDEV (upper and work are
 * on two file systems), EINVAL (one directory inside another; a file system that cannot hold upper;
 * no layer), EPERM (no CAP_SYS_ADMIN over the mount namespace), ENODEV (the kernel has no
 * overlayfs), E2BIG (too many layers for this kernel).
 * Source: mount(2); Documentation/filesystems/overlayfs.rst of the kernel, "Upper and Lower",
 * "Multiple lower layers". */
int overlay_mount(const struct overlay *overlay, const char *merged);

/* What an entry of upper means for the image below it. */
enum overlay_change {
	OVERLAY_ADDED,	 /* the name is new */
	OVERLAY_CHANGED, /* the entry covers one below: a changed file, or a directory in which
			    something was changed */
	OVERLAY_DELETED, /* a whiteout: what is below is deleted */
	OVERLAY_OPAQUE,	 /* a directory that was deleted and made anew */
};

/* Says what one entry of upper means. dir is a descriptor of upper, or of a directory in it; name
 * is the entry's name there, without a '/'. A symbolic link is not followed. below: does a layer
 * have something under this name? (The caller knows, layer_diff.h.) userxattr: as for the mount.
 *
 *	a character device 0:0		a whiteout (any other device is a device)
 *	an empty regular file with an attribute overlay.whiteout, of any value
 *					a whiteout too, since Linux 6.7
 *	a directory with the attribute overlay.opaque = "y", and something below
 *					opaque
 *	the same, and nothing below	added: some mount options mark all new directories
 *
 * An attribute is read through a descriptor of the entry itself (O_PATH | O_NOFOLLOW, fd_path()),
 * which needs no right to read the file. The attributes' full names begin with "user." or
 * "trusted.". The second kind can be read only with CAP_SYS_ADMIN in the initial user namespace;
 * without, such an entry counts as unmarked. An entry that cannot be opened is a failure: whether
 * it has a mark is not known.
 *
 * Returns an enum overlay_change, or -1 with errno: ENOENT, ENOTDIR, EACCES, EMFILE.
 * Source: overlayfs.rst, "whiteouts and opaque directories"; getxattr(2). */
int overlay_classify(int dir, const char *name, bool below, bool userxattr);

/* Unmounts the overlay on merged. Another kind of mount there is left alone. upper keeps what was
 * written.
 * Returns 0, or -1 with errno: EINVAL (the mount on merged is no overlay), EBUSY (a process has an
 * open file or its working directory in it), EPERM.
 * Source: umount2(2), UMOUNT_NOFOLLOW; statfs(2), OVERLAYFS_SUPER_MAGIC. */
int overlay_unmount(const char *merged);
#endif
