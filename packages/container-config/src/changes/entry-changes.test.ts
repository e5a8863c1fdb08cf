import { describe, expect, test } from "vitest";
import {
  withMcpServer,
  withMount,
  withoutMcpServer,
  withoutMount,
  withoutPackage,
  withPackage,
  withPackages,
} from "./entry-changes.ts";

const there = { command: "x" };
const mount = { hostPath: "/srv/a", containerPath: "/workspace/extra/a" };

describe("adding", () => {
  test("adds a server, or replaces the server of that name", () => {
    expect(withMcpServer("b", { url: "https://b.example" })({ a: there })).toEqual({
      ok: true,
      value: { a: there, b: { url: "https://b.example" } },
    });
    expect(withMcpServer("a", { command: "y" })({ a: there })).toEqual({
      ok: true,
      value: { a: { command: "y" } },
    });
  });

  test("adds a package only once", () => {
    expect(withPackage("jq")(["rg"])).toEqual({ ok: true, value: ["rg", "jq"] });
    expect(withPackage("jq")(["jq"])).toEqual({ ok: true, value: ["jq"] });
    expect(withPackage("jq@2")(["jq@1"])).toEqual({ ok: true, value: ["jq@2"] });
  });

  test("ignores the same mount again, and refuses another mount at its place", () => {
    expect(withMount(mount)([])).toEqual({ ok: true, value: [mount] });
    expect(withMount({ ...mount, readonly: true })([mount])).toEqual({ ok: true, value: [mount] });
    expect(withMount({ ...mount, readonly: false })([mount])).toEqual({
      ok: false,
      error: { code: "entry-exists", field: "additional_mounts", entry: "/workspace/extra/a" },
    });
  });
});

describe("removing", () => {
  test("removes the named entry and keeps the rest", () => {
    expect(withoutMcpServer("a")({ a: there, b: there })).toEqual({ ok: true, value: { b: there } });
    expect(withoutPackage("packages_apt", "jq")(["jq", "rg"])).toEqual({ ok: true, value: ["rg"] });
    expect(withoutMount(mount.containerPath)([mount])).toEqual({ ok: true, value: [] });
  });

  test.each(["a", "a/", "/workspace/extra//a"])(
    "finds the mount at %s by the same path as adding does",
    (path) => {
      expect(withoutMount(path)([mount])).toEqual({ ok: true, value: [] });
      expect(withMount({ ...mount, containerPath: path, hostPath: "/srv/b" })([mount])).toMatchObject({
        error: { code: "entry-exists" },
      });
    },
  );

  test.each([
    { what: "a server", run: () => withoutMcpServer("toString")({ a: there }), known: ["a"] },
    { what: "a package", run: () => withoutPackage("packages_npm", "jq")(["rg"]), known: ["rg"] },
    { what: "a mount", run: () => withoutMount("/workspace/extra/b")([mount]), known: [mount.containerPath] },
  ])("refuses $what that does not exist, and names the existing ones", ({ run, known }) => {
    expect(run()).toMatchObject({ ok: false, error: { code: "no-such-entry", known } });
  });
});

test.each([
  { current: ["rg"], names: ["jq", "rg"], list: ["rg", "jq"] },
  { current: ["prettier@3.5.0", "x"], names: ["prettier@3.6.0"], list: ["x", "prettier@3.6.0"] },
  { current: ["prettier@3.5.0"], names: ["prettier"], list: ["prettier"] },
  { current: ["@a/b@1", "@a/c@1"], names: ["@a/b@2"], list: ["@a/c@1", "@a/b@2"] },
  { current: ["g++"], names: ["g++-12"], list: ["g++", "g++-12"] },
])("$current with $names is $list", ({ current, names, list }) => {
  expect(withPackages(current, names)).toEqual(list);
});
