import { expect, test } from "vitest";
import { volumeName } from "./volume-name.ts";

const ids = [
  ...["ag-1", "AG-1", "ag_1", "ag.1", "ag:1", "ag@1", "ag--1", "ag-1-", "ag-", "ag"],
  ...["a".repeat(200), `${"a".repeat(199)}b`, "ag-5e06f4c2-8d92-4bb8-9425-27304346a243"],
];
const names = ids.map((groupId) => volumeName({ install: "ours", groupId }));

test.for(ids)("the volume of the group %s has a name that the cluster takes, also as a label", (groupId) =>
  expect(volumeName({ install: "ours", groupId })).toMatch(/^gh-[a-z\d-]{0,59}[a-z\d]$/),
);

test("no two groups have one volume", () => expect(new Set(names).size).toBe(ids.length));

test("groups of two installations with one id have two volumes", () =>
  expect(volumeName({ install: "theirs", groupId: "ag-1" })).not.toBe(names[0]));

test("a group has the same volume each time", () =>
  expect(volumeName({ install: "ours", groupId: "ag-1" })).toBe(names[0]));
