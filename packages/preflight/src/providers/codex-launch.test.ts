import { describe, expect, test } from "vitest";
import { asksInFolder, codexLaunch } from "./codex-launch.ts";

const context = { platform: "linux", homes: ["/home/ada"] } as const;
const facts = { version: "0.169.0", projects: new Map(), context, codexHome: null };

describe("asksInFolder", () => {
  const plain = { gitRoot: null, hasProjectConfig: false };
  const rows = [
    { what: "a plain folder before 0.161", version: "0.160.9", folder: plain, asks: true },
    { what: "a plain folder since 0.161", version: "0.161.0", folder: plain, asks: false },
    { what: "a plain folder, the version unknown", version: null, folder: plain, asks: true },
    { what: "a repository", version: "0.169.0", folder: { ...plain, gitRoot: "/w" }, asks: true },
    {
      what: "a project configuration",
      version: "0.169.0",
      folder: { ...plain, hasProjectConfig: true },
      asks: true,
    },
  ];
  test.each(rows)("returns $asks for $what", ({ version, folder, asks }) => {
    expect(asksInFolder(version, folder)).toBe(asks);
  });
});

describe("codexLaunch", () => {
  test("returns settings for a runtime, and one argument for the binary", () => {
    expect(codexLaunch(["/w/my app.v2"], facts)).toEqual({
      ok: true,
      value: {
        settings: {
          codex: {
            agent_teams_workspace_trust: {
              version: 1,
              config_overrides: ['projects."/w/my app.v2".trust_level="trusted"'],
            },
          },
        },
        args: ["-c", 'projects={"/w/my app.v2"={trust_level="trusted"}}', "--no-daemon"],
        env: {},
      },
    });
  });

  test("holds several folders in one inline table, each once", () => {
    const launch = codexLaunch(["/b", "/a", "/b"], { ...facts, version: null });
    expect(launch).toMatchObject({
      value: { args: ["-c", 'projects={"/a"={trust_level="trusted"},"/b"={trust_level="trusted"}}'] },
    });
  });

  const daemons = [
    { version: "0.155.1", flags: [] },
    { version: "0.157.0", flags: [] },
    { version: "0.157.1", flags: ["--no-daemon"] },
    { version: null, flags: [] },
  ];
  test.each(daemons)("adds $flags for version $version, which accepts no others", ({ version, flags }) => {
    const launch = codexLaunch(["/a"], { ...facts, version });
    expect(launch.ok && launch.value.args.slice(2)).toEqual(flags);
  });

  test("sets CODEX_HOME if the caller has its own", () => {
    expect(codexLaunch(["/a"], { ...facts, codexHome: "/c" })).toMatchObject({
      value: { env: { CODEX_HOME: "/c" } },
    });
  });

  const repeats = [
    { version: "0.66.0", table: '"/a"={trust_level="trusted"},"/mine"={trust_level="trusted"}' },
    { version: null, table: '"/a"={trust_level="trusted"},"/mine"={trust_level="trusted"}' },
    { version: "0.72.0", table: '"/a"={trust_level="trusted"}' },
  ];
  test.each(repeats)(
    "repeats the entries that version $version would otherwise ignore",
    ({ version, table }) => {
      const projects = new Map([["/mine", { trust_level: "trusted" }]]);
      const launch = codexLaunch(["/a"], { ...facts, version, projects });
      expect(launch.ok && launch.value.args.slice(0, 2)).toEqual(["-c", `projects={${table}}`]);
    },
  );

  test("is refused if config.toml has more entries than can be repeated", () => {
    const projects = new Map(
      Array.from({ length: 1000 }, (_, at) => [`/${at}${"x".repeat(200)}`, { trust_level: "trusted" }]),
    );
    const launch = codexLaunch(["/a"], { ...facts, version: "0.63.0", projects });
    expect(launch).toMatchObject({ ok: false, error: { code: "configured-projects-too-long" } });
    expect(codexLaunch(["/a"], { ...facts, projects }).ok).toBe(true);
  });

  const refused = [
    { what: "home", folders: ["/home/ada"], code: "home-refused" },
    { what: "a line break", folders: ["/a\nb"], code: "control-character" },
    { what: "one of the user's untrusted", folders: ["/bad"], code: "untrusted-by-user" },
    { what: "one bad folder among good ones", folders: ["/a", "/bad"], code: "untrusted-by-user" },
    {
      what: "more than one argument can hold",
      folders: Array.from({ length: 1000 }, (_, i) => `/${i}${"x".repeat(200)}`),
      code: "argument-too-long",
    },
    {
      what: "more folders than one launch accepts",
      folders: Array.from({ length: 1025 }, (_, i) => `/${i}`),
      code: "too-many-overrides",
    },
  ];
  test.each(refused)("is refused for $what", ({ folders, code }) => {
    const projects = new Map([["/bad/", { trust_level: "untrusted" }]]);
    const launch = codexLaunch(folders, { ...facts, projects });
    expect(launch.ok ? launch : launch.error.code).toMatch(new RegExp(`^(?:${code}|too-many-bytes)$`));
  });
});
