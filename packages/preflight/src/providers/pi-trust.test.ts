import { describe, expect, test } from "vitest";
import { asksForResourcesOnly, defaultTrust, neverAsks, piDecidingEntry, piEntries } from "./pi-trust.ts";

describe("the folders that a version of pi asks about", () => {
  test.each([
    { version: "0.78.1", never: true, resourcesOnly: false },
    { version: "0.79.0", never: false, resourcesOnly: false },
    { version: "0.79.1", never: false, resourcesOnly: false },
    { version: "0.79.3", never: false, resourcesOnly: true },
    { version: "1.5.2", never: false, resourcesOnly: true },
    { version: null, never: false, resourcesOnly: false },
  ])("$version", ({ version, never, resourcesOnly }) => {
    expect([neverAsks(version), asksForResourcesOnly(version)]).toEqual([never, resourcesOnly]);
  });
});

describe("the entries of trust.json", () => {
  test.each([
    { parsed: {}, entries: [] },
    { parsed: { "/a": true, "/b": false }, entries: ["/a true", "/b false"] },
    { parsed: { "/a": null }, entries: [] },
    { parsed: { "/a": "true" }, entries: null },
    { parsed: { "/a": 1 }, entries: null },
    { parsed: ["/a"], entries: null },
    { parsed: null, entries: null },
    { parsed: "x", entries: null },
  ])("$parsed", ({ parsed, entries }) => {
    const read = piEntries(parsed);
    expect(read.ok ? read.value.map(({ key, isTrusted }) => `${key} ${isTrusted}`) : null).toEqual(entries);
  });
});

describe("the entry that decides about /w/a/b", () => {
  const rows: readonly {
    readonly what: string;
    readonly entries: Record<string, boolean>;
    readonly version?: string | null;
    readonly decides: string | null;
  }[] = [
    { what: "its own", entries: { "/w/a/b": true, "/w": false }, decides: "/w/a/b" },
    { what: "the nearest above it", entries: { "/w": false, "/w/a": true }, decides: "/w/a" },
    { what: "the root", entries: { "/": true }, decides: "/" },
    { what: "near miss: a neighbour with the same beginning", entries: { "/w/a/b2": true }, decides: null },
    { what: "near miss: a folder below it", entries: { "/w/a/b/c": true }, decides: null },
    { what: "near miss: a slash at the end", entries: { "/w/a/b/": true }, decides: null },
    { what: "0.79.0: its own", entries: { "/w/a/b": true }, version: "0.79.0", decides: "/w/a/b" },
    { what: "0.79.0: none above it", entries: { "/w/a": true }, version: "0.79.0", decides: null },
    { what: "0.79.0: a refusal above it", entries: { "/w/a": false }, version: "0.79.0", decides: "/w/a" },
    { what: "an unknown version: none above it", entries: { "/w/a": true }, version: null, decides: null },
  ];
  test.each(rows)("$what", ({ entries, version = "1.5.2", decides }) => {
    const read = piEntries(entries);
    if (!read.ok) throw new Error(read.error);
    expect(piDecidingEntry(read.value, "/w/a/b", { version, platform: "linux" })?.key ?? null).toBe(decides);
  });
});

test.each([
  { settings: { defaultProjectTrust: "always" }, is: "always" },
  { settings: { defaultProjectTrust: "never" }, is: "never" },
  { settings: { defaultProjectTrust: "ask" }, is: "ask" },
  { settings: { defaultProjectTrust: true }, is: "ask" },
  { settings: {}, is: "ask" },
  { settings: null, is: "ask" },
])("without an entry $settings says: $is", ({ settings, is }) => {
  expect(defaultTrust(settings)).toBe(is);
});
