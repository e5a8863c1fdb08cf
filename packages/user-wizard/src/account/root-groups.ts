/** The groups whose members can become root, or read and write all of the machine, by the usual settings of Linux and macOS. */
const rootGroups: Readonly<Record<string, string>> = {
  sudo: "sudo",
  wheel: "sudo, or su",
  admin: "sudo",
  root: "files of root's group",
  docker: "Docker's socket",
  podman: "the socket of root's Podman",
  lxd: "LXD's socket",
  "incus-admin": "Incus' socket",
  libvirt: "libvirt's socket",
  disk: "the disks themselves",
  kmem: "the kernel's memory",
  shadow: "the hashes of passwords",
};

/** A group that makes its members root, and by what. */
export type RootGroup = { readonly group: string; readonly by: string };

/** Those of these groups that make their members root. */
export const rootGroupsIn = (groups: readonly string[]): readonly RootGroup[] =>
  [...new Set(groups)].flatMap((group) =>
    Object.hasOwn(rootGroups, group) ? [{ group, by: rootGroups[group] ?? "" }] : [],
  );
