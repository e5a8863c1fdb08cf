import { describe, expect, test } from "vitest";
import { isKimiEntry, kimiRoot } from "./kimi-store.ts";

describe("isKimiEntry", () => {
  test.each([
    { name: "wd_plain_d8ab2dd2a702", is: true },
    { name: "wd_a-b.c_d8ab2dd2a702", is: true },
    { name: "wd_x.tmp.1.ab12cd34_d8ab2dd2a702", is: true },
    { name: "wd_plain_d8ab2dd2a702.tmp.22077.0812978d", is: false },
    { name: "wd_plain_d8ab2dd2a702.bak", is: false },
    { name: "wd_plain_d8ab2dd2a70", is: false },
    { name: "plain_d8ab2dd2a702", is: false },
  ])("returns $is for $name", ({ name, is }) => {
    expect(isKimiEntry(name)).toBe(is);
  });
});

describe("kimiRoot", () => {
  test.each([
    { parsed: { root: "/w/a", trustedAt: 1 }, root: "/w/a" },
    { parsed: { root: 7 }, root: null },
    { parsed: {}, root: null },
    { parsed: "/w/a", root: null },
    { parsed: null, root: null },
  ])("returns $root for $parsed", ({ parsed, root }) => {
    expect(kimiRoot(parsed)).toBe(root);
  });
});
