import { parse } from "toml";
import { expect, test } from "vitest";
import { untrustedOverride } from "./untrusted-override.ts";

test.each(["/srv/a", "/srv/my app.v2", '/srv/a"b', "/srv/a\\b", "/srv/\u007f", "/srv/ä\u{1f600}"])(
  "marks %j untrusted, in a form that TOML reads back",
  (folder) =>
    expect(parse(untrustedOverride([folder]))).toEqual({
      projects: { [folder]: { trust_level: "untrusted" } },
    }),
);

test("puts all folders in one table, sorted", () =>
  expect(untrustedOverride(["/b", "/a"])).toBe(
    'projects={"/a"={trust_level="untrusted"},"/b"={trust_level="untrusted"}}',
  ));
