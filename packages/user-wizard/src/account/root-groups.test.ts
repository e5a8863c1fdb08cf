import { expect, test } from "vitest";
import { rootGroupsIn } from "./root-groups.ts";

test.each([
  "sudo",
  "wheel",
  "admin",
  "root",
  "docker",
  "podman",
  "lxd",
  "incus-admin",
  "libvirt",
  "disk",
  "kmem",
  "shadow",
])("rootGroupsIn names the group %s", (group) => {
  expect(rootGroupsIn(["ada", group, group])).toEqual([{ group, by: expect.any(String) as unknown }]);
});

test.each(["ada", "users", "audio", "video", "staff", "sudoers", "docker2", "Sudo", "constructor", "cdrom"])(
  "rootGroupsIn does not name the group %s",
  (group) => {
    expect(rootGroupsIn([group])).toEqual([]);
  },
);
