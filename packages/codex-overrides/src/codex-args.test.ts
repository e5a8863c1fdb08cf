import { describe, expect, test } from "vitest";
import { renderCodexArgs } from "./codex-args.ts";
import { buildOverrides } from "./config-override.ts";
import type { FolderContext } from "./folder-rules.ts";

const context: FolderContext = { platform: "linux", homes: ["/home/ada"] };
const trust = (...folders: string[]) => ({
  overrides: buildOverrides(folders, context).overrides,
  untrusted: [],
  configured: new Map(),
  context,
});
const rendered = (args: readonly string[], ...folders: string[]) => {
  const result = renderCodexArgs(args, trust(...folders));
  return result.ok ? result.value.args : result.error.code;
};
const a = 'projects={"/a"={trust_level="trusted"}}';
const ab = 'projects={"/a"={trust_level="trusted"},"/b"={trust_level="trusted"}}';
const entry = '{trust_level="untrusted"}';
const theirs = `projects={'/c'={trust_level="untrusted"}}`;
const merged = `projects={"/a"={trust_level="trusted"},"/c"=${entry}}`;

describe("renderCodexArgs puts its -c", () => {
  test.each([
    { what: "alone", args: [], result: ["-c", a] },
    { what: "before a prompt", args: ["fix it"], result: ["-c", a, "fix it"] },
    { what: "before a subcommand", args: ["exec", "--json", "x"], result: ["-c", a, "exec", "--json", "x"] },
    { what: "before --", args: ["--", "-c", "x=1"], result: ["-c", a, "--", "-c", "x=1"] },
    { what: "after -c", args: ["-c", "x=1", "p"], result: ["-c", "x=1", "-c", a, "p"] },
    { what: "after --config", args: ["--config", "x=1", "p"], result: ["--config", "x=1", "-c", a, "p"] },
    { what: "after --config=", args: ["--config=x=1", "p"], result: ["--config=x=1", "-c", a, "p"] },
    { what: "after -cx", args: ["-cx=1", "p"], result: ["-cx=1", "-c", a, "p"] },
    { what: "after -c=x", args: ["-c=x=1", "p"], result: ["-c=x=1", "-c", a, "p"] },
    {
      what: "after the last of several, with its subcommand",
      args: ["-c", "x=1", "exec", "-c", "y=2", "p"],
      result: ["-c", "x=1", "exec", "-c", "y=2", "-c", a, "p"],
    },
    { what: "before a -c without a value", args: ["p", "-c"], result: ["-c", a, "p", "-c"] },
    { what: "before a -c that is not an override", args: ["-c", "x"], result: ["-c", a, "-c", "x"] },
    {
      what: "and does not read --cd as -c",
      args: ["--cd", "x=1", "-C", "y=2"],
      result: ["-c", a, "--cd", "x=1", "-C", "y=2"],
    },
  ])("$what", ({ args, result }) => expect(rendered(args, "/a")).toEqual(result));

  test.each([
    { form: "-c projects=", args: ["-c", theirs] },
    { form: "-cprojects=", args: [`-c${theirs}`] },
    { form: "-c=projects=", args: [`-c=${theirs}`] },
    { form: "--config projects=", args: ["--config", theirs] },
    { form: "--config=projects=", args: [`--config=${theirs}`] },
  ])("after the caller's $form, and repeats its projects", ({ args }) => {
    expect(rendered([...args, "p"], "/a")).toEqual([...args, "-c", merged, "p"]);
  });
});

describe("renderCodexArgs, applied", () => {
  test("again does not change the argv", () => {
    const once = rendered(["-c", "x=1", "p"], "/a") as string[];
    expect(rendered(once, "/a")).toBe(once);
  });

  test("for more folders changes only its own argument", () => {
    expect(rendered(rendered(["p"], "/a") as string[], "/a", "/b")).toEqual(["-c", ab, "p"]);
    expect(rendered(rendered(["p"], "/b") as string[], "/a")).toEqual(["-c", ab, "p"]);
  });

  test("to no folders leaves the argv unchanged", () => {
    const args = ["-c", "x=1"];
    expect(rendered(args)).toBe(args);
  });

  test("never removes an argument", () => {
    const args = ["-c", theirs, "-c", "x=1", `--config=${a}`, "exec", "--", "-c"];
    const result = rendered(args, "/b") as string[];
    const kept = result.filter((arg) => args.includes(arg));
    expect(kept.join(" ")).toContain(args.slice(0, 4).join(" "));
    for (const arg of args) expect(result).toContain(arg);
  });
});

describe("renderCodexArgs refuses", () => {
  test("to merge with a value that is not a table", () => {
    expect(rendered(["-c", "projects=x"], "/a")).toBe("caller-projects-unreadable");
  });

  test("entries of config.toml that make a command line too long for Windows, although the folders fit", () => {
    const windows: FolderContext = { platform: "win32", homes: [] };
    const { overrides } = buildOverrides(["C:\\work"], windows);
    const configured = new Map(
      Array.from({ length: 400 }, (_, index) => [
        `C:\\${index}${"x".repeat(60)}`,
        { trust_level: "trusted" },
      ]),
    );
    expect(renderCodexArgs([], { overrides, untrusted: [], configured, context: windows })).toMatchObject({
      ok: false,
      error: { code: "configured-projects-too-long", limit: 32_506 },
    });
  });

  test("a command line that is too long for Windows, although the argument is not too long for Linux", () => {
    const windows: FolderContext = { platform: "win32", homes: [] };
    const folders = Array.from({ length: 400 }, (_, index) => `C:\\work\\${index}\\${"x".repeat(40)}`);
    const { overrides } = buildOverrides(folders, windows);
    const configured = new Map();
    expect(renderCodexArgs([], { overrides, untrusted: [], configured, context: windows })).toMatchObject({
      ok: false,
      error: { code: "argument-too-long", limit: 32_506 },
    });
    expect(
      renderCodexArgs([], {
        overrides: overrides.slice(0, 100),
        untrusted: [],
        configured,
        context: windows,
      }).ok,
    ).toBe(true);
  });
});
