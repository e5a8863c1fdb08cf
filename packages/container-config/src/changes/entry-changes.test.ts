import { describe, expect, test } from "vitest";
import {
  withMcpServer,
  withMount,
  withoutMcpServer,
  withoutMount,
  withoutPackage,
  withPackage,
} from "./entry-changes.ts";

const there = { command: "x" };
const mount = { hostPath: "/srv/a", containerPath: "/workspace/extra/a" };

describe("adding", () => {
  test("a server stands beside the others, or in the place of one of its name", () => {
    expect(withMcpServer("b", { url: "https://b.example" })({ a: there })).toEqual({
      ok: true,
      value: { a: there, b: { url: "https://b.example" } },
    });
    expect(withMcpServer("a", { command: "y" })({ a: there })).toEqual({
      ok: true,
      value: { a: { command: "y" } },
    });
  });

  test("a package is there once", () => {
    expect(withPackage("jq")(["rg"])).toEqual({ ok: true, value: ["rg", "jq"] });
    expect(withPackage("jq")(["jq"])).toEqual({ ok: true, value: ["jq"] });
  });

  test("the same mount again changes nothing, another one at its place is refused", () => {
    expect(withMount(mount)([])).toEqual({ ok: true, value: [mount] });
    expect(withMount({ ...mount, readonly: true })([mount])).toEqual({ ok: true, value: [mount] });
    expect(withMount({ ...mount, readonly: false })([mount])).toEqual({
      ok: false,
      error: { code: "entry-exists", field: "additional_mounts", entry: "/workspace/extra/a" },
    });
  });
});

describe("removing", () => {
  test("takes what is named and leaves the rest", () => {
    expect(withoutMcpServer("a")({ a: there, b: there })).toEqual({ ok: true, value: { b: there } });
    expect(withoutPackage("packages_apt", "jq")(["jq", "rg"])).toEqual({ ok: true, value: ["rg"] });
    expect(withoutMount(mount.containerPath)([mount])).toEqual({ ok: true, value: [] });
  });

  test.each(["a", "a/", "/workspace/extra//a"])("takes the mount that %s names, as adding would", (path) => {
    expect(withoutMount(path)([mount])).toEqual({ ok: true, value: [] });
    expect(withMount({ ...mount, containerPath: path, hostPath: "/srv/b" })([mount])).toMatchObject({
      error: { code: "entry-exists" },
    });
  });

  test.each([
    { what: "a server", run: () => withoutMcpServer("toString")({ a: there }), known: ["a"] },
    { what: "a package", run: () => withoutPackage("packages_npm", "jq")(["rg"]), known: ["rg"] },
    { what: "a mount", run: () => withoutMount("/workspace/extra/b")([mount]), known: [mount.containerPath] },
  ])("$what that is not there is refused, and what is there is named", ({ run, known }) => {
    expect(run()).toMatchObject({ ok: false, error: { code: "no-such-entry", known } });
  });
});
