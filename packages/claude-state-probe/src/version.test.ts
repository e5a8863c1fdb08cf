import { expect, test } from "vitest";
import { versionAtLeast } from "./version.ts";

test.each([
  { version: "2.1.232", wanted: "2.1.232", atLeast: true },
  { version: "2.1.231", wanted: "2.1.232", atLeast: false },
  { version: "2.1.328 (Claude Code)", wanted: "2.1.232", atLeast: true },
  { version: "2.1.99", wanted: "2.1.232", atLeast: false },
  { version: "2.0.300", wanted: "2.1.2", atLeast: false },
  { version: "10.0.0", wanted: "2.1.232", atLeast: true },
  { version: "1.0.128", wanted: "2.1.63", atLeast: false },
  { version: "v2.1.232-beta.1", wanted: "2.1.232", atLeast: true },
  { version: "a local build", wanted: "2.1.232", atLeast: true },
])("$version is at least $wanted: $atLeast", ({ version, wanted, atLeast }) => {
  expect(versionAtLeast(version, wanted)).toBe(atLeast);
});
