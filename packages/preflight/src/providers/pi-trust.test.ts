import { describe, expect, test } from "vitest";
import { asksForResourcesOnly, defaultTrust, neverAsks, piDecidingEntry, piEntries } from "./pi-trust.ts";

describe("a version of pi", () => {
  test.each([
    { version: "0.78.1", never: true, resourcesOnly: false },
    { version: "0.79.0", never: false, resourcesOnly: false },
    { version: "0.79.1", never: false, resourcesOnly: false },
    { version: "0.79.3", never: false, resourcesOnly: true },
    { version: "1.5.2", never: false, resourcesOnly: true },
    { version: null, never: false, resourcesOnly: false },
  ])(
    "asks in no folder: $never, only for resources: $resourcesOnly ($version)",
    ({ version, never, resourcesOnly }) => {
      expect([neverAsks(version), asksForResourcesOnly(version)]).toEqual([never, resourcesOnly]);
    },
  );
});

describe("piEntries", () => {
  test.each([
    { parsed: {}, entries: [] },
    { parsed: { "/a": true, "/b": false }, entries: ["/a true", "/b false"] },
    { parsed: { "/a": null }, entries: [] },
    { parsed: { "/a": "true" }, entries: null },
    { parsed: { "/a": 1 }, entries: null },
    { parsed: ["/a"], entries: null },
    { parsed: null, entries: null },
    { parsed: "x", entries: null },
  ])("reads $parsed as $entries", ({ parsed, entries }) => {
    const read = piEntries(parsed);
    expect(read.ok ? read.value.map(({ key, isTrusted }) => `${key} ${isTrusted}`) : null).toEqual(entries);
  });
});

describe("the entry of pi's trust.json that decides about /w/a/b", () => {
  const rows: readonly {
    readonly what: string;
    readonly entries: Record<string, boolean>;
    readonly version?: string | null;
    readonly decides: string | null;
  }[] = [
    { what: "its own entry", entries: { "/w/a/b": true, "/w": false }, decides: "/w/a/b" },
    {
      what: "the entry of the nearest folder above",
      entries: { "/w": false, "/w/a": true },
      decides: "/w/a",
    },
    { what: "the entry of the root", entries: { "/": true }, decides: "/" },
    {
      what: "not the entry of a neighbour whose name begins the same",
      entries: { "/w/a/b2": true },
      decides: null,
    },
    { what: "not the entry of a folder below", entries: { "/w/a/b/c": true }, decides: null },
    { what: "not an entry with a slash at the end", entries: { "/w/a/b/": true }, decides: null },
    { what: "its own entry in 0.79.0", entries: { "/w/a/b": true }, version: "0.79.0", decides: "/w/a/b" },
    { what: "not an entry above in 0.79.0", entries: { "/w/a": true }, version: "0.79.0", decides: null },
    { what: "a refusal above in 0.79.0", entries: { "/w/a": false }, version: "0.79.0", decides: "/w/a" },
    {
      what: "not an entry above in an unknown version",
      entries: { "/w/a": true },
      version: null,
      decides: null,
    },
  ];
  test.each(rows)("is $what", ({ entries, version = "1.5.2", decides }) => {
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
])("pi's default for a folder without an entry is $is with the settings $settings", ({ settings, is }) => {
  expect(defaultTrust(settings)).toBe(is);
});
