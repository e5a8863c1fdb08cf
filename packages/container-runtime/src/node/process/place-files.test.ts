import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { FileIn, FilesIn } from "../../files-in.ts";
import { makeAccounts, whyNoAccounts } from "./accounts.fixture.ts";
import { folderBelow } from "./place-files-as.ts";
import { placeFiles } from "./place-files.ts";
import { makeInstallation } from "./process-runtime.fixture.ts";

/** A folder for files, of the host's account or of another one. */
type PlacedFolder = { readonly folder: string; readonly account: string | null; readonly elsewhere: string };

const ownAccount = (): PlacedFolder => {
  const { folder, session } = makeInstallation();
  return { folder: join(session, "own"), account: null, elsewhere: folder };
};

const otherAccount = (): PlacedFolder => {
  const { ada } = makeAccounts();
  return { folder: folderBelow(`/home/${ada}`, "s-1"), account: ada, elsewhere: makeInstallation().folder };
};

const file = (path: string, content: string, mode = 0o600): FileIn => ({ kind: "file", path, mode, content });

const place = (
  { folder, account }: PlacedFolder,
  entries: readonly FileIn[],
  whole: readonly string[] = [],
): ReturnType<typeof placeFiles> => placeFiles({ folder, whole, entries }, account);

/** The paths, modes, and texts or link targets of everything in a folder. */
const tree = (folder: string): readonly string[] =>
  (readdirSync(folder, { recursive: true }) as string[]).toSorted().map((path) => {
    const stat = lstatSync(join(folder, path));
    if (stat.isSymbolicLink()) return `${path} -> ${readlinkSync(join(folder, path))}`;
    const mode = (stat.mode & 0o7777).toString(8);
    return stat.isDirectory()
      ? `${path}/ ${mode}`
      : `${path} ${mode} ${readFileSync(join(folder, path), "utf8")}`;
  });

const sourceOf = (path: string): FilesIn["entries"][number] & { readonly kind: "file" } => {
  const { size, mtimeMs } = statSync(path);
  return { kind: "file", path: "in/source", mode: 0o600, content: { source: path, size, mtimeMs } };
};

const accounts = [
  { whose: "the host's own", make: ownAccount, why: null, tags: ["slow" as const] },
  { whose: "another", make: otherAccount, why: whyNoAccounts, tags: ["rest" as const] },
];
for (const { whose, make, why, tags } of accounts)
  describe(`placeFiles, for ${whose} account,`, { tags }, () => {
    test("writes files that only the account can read, and replaces older ones", async ({ skip }) => {
      if (why !== null) skip(why);
      const at = make();
      const long = `${"deep/".repeat(30)}ünd "odd" $(id) name`;
      const first = [
        file("in/a", "one\0two\n"),
        file("in/bin/run", "#!/bin/sh\n", 0o700),
        file(`in/skills/x/${long}`, "far"),
        file("in/skills/gone", "soon"),
        { kind: "link", path: "home/.claude/skills", target: "../../in/skills" },
        { kind: "folder", path: "work" },
      ] as const;
      expect(await place(at, first, ["in/skills", "in/bin"])).toEqual({ ok: true, value: null });
      expect(readFileSync(join(at.folder, "in/skills/x", long), "utf8")).toBe("far");
      writeFileSync(join(at.folder, "work/mine"), "of the agent", { mode: 0o600 });
      const next = [
        file("in/a", "three"),
        file("in/skills/new", "now"),
        { kind: "folder", path: "work" },
      ] as const;
      expect(await place(at, next, ["in/skills"])).toEqual({ ok: true, value: null });
      const [uid, mode] = [lstatSync(at.folder).uid, lstatSync(at.folder).mode & 0o7777];
      expect(mode).toBe(0o700);
      expect(tree(at.folder)).toEqual([
        "home/ 700",
        "home/.claude/ 700",
        "home/.claude/skills -> ../../in/skills",
        "home/.claude/skills/new 600 now",
        "in/ 700",
        "in/a 600 three",
        "in/bin/ 700",
        "in/bin/run 700 #!/bin/sh\n",
        "in/skills/ 700",
        "in/skills/new 600 now",
        "work/ 700",
        "work/mine 600 of the agent",
      ]);
      expect(uid).toBe(at.account === null ? process.geteuid?.() : statSync(`/home/${at.account}`).uid);
      for (const path of readdirSync(at.folder, { recursive: true }) as string[])
        if (path !== "work/mine") expect(lstatSync(join(at.folder, path)).uid).toBe(uid);
    });

    test("keeps files that the agent put at the path of a link, and follows no link of the agent", async ({
      skip,
    }) => {
      if (why !== null) skip(why);
      const at = make();
      expect(await place(at, [file("in/a", "one")])).toMatchObject({ ok: true });
      chmodSync(at.elsewhere, 0o777);
      mkdirSync(join(at.elsewhere, "kept"), { mode: 0o777 });
      for (const name of ["in/skills", ".claude", "b"])
        symlinkSync(join(at.elsewhere, "kept"), join(at.folder, name));
      const entries = [
        file("b", "two"),
        file("in/skills/x", "three"),
        { kind: "link", path: ".claude/skills", target: "../in" },
      ] as const;
      expect(await place(at, entries, ["in/skills"])).toEqual({ ok: true, value: null });
      expect(readdirSync(join(at.elsewhere, "kept"))).toEqual([]);
      expect([readFileSync(join(at.folder, "b"), "utf8"), readdirSync(join(at.folder, "in/skills"))]).toEqual(
        ["two", ["x"]],
      );
    });

    const inTheWay: readonly {
      readonly what: string;
      readonly make: (path: string, elsewhere: string) => unknown;
    }[] = [
      { what: "a link to another folder", make: (path, elsewhere) => symlinkSync(elsewhere, path) },
      { what: "a link to nothing", make: (path) => symlinkSync("nothing", path) },
      { what: "a file", make: (path) => writeFileSync(path, "") },
      { what: "a pipe", make: (path) => spawnSync("mkfifo", [path]) },
    ];
    const wanted: readonly { readonly at: string; readonly entry: FileIn }[] = [
      { at: "in", entry: file("in/a", "now") },
      { at: "in/deep", entry: file("in/deep/a", "now") },
      { at: "out", entry: { kind: "folder", path: "out" } },
      { at: "work/sub", entry: { kind: "folder", path: "work/sub/inner" } },
    ];

    test.for(wanted.flatMap((one) => inTheWay.map((way) => ({ ...one, ...way }))))(
      "renames $what at $at, where a folder is needed, and reports it",
      async ({ at: name, entry, make: block }, { skip }) => {
        if (why !== null) skip(why);
        const at = make();
        expect(await place(at, [file("in/x", "one"), { kind: "folder", path: "work" }])).toMatchObject({
          ok: true,
        });
        const elsewhere = join(at.elsewhere, "kept");
        mkdirSync(elsewhere, { mode: 0o777 });
        chmodSync(elsewhere, 0o777);
        rmSync(join(at.folder, name), { recursive: true, force: true });
        block(join(at.folder, name), elsewhere);
        const reports: string[] = [];
        const files = { folder: at.folder, whole: [], entries: [entry] };
        expect(await placeFiles(files, at.account, (text) => reports.push(text))).toEqual({
          ok: true,
          value: null,
        });
        expect(reports).toEqual([expect.stringContaining("was in the way of the host's file")]);
        const folder = join(at.folder, name);
        expect(lstatSync(folder).isDirectory()).toBe(true);
        const kept = readdirSync(dirname(folder)).filter((one) => one.startsWith(`${basename(name)}.`));
        expect(kept).toEqual([expect.stringMatching(/\.aside$/)]);
        expect(readdirSync(elsewhere)).toEqual([]);
        if (entry.kind === "file") expect(readFileSync(join(at.folder, entry.path), "utf8")).toBe("now");
      },
    );

    test("renames a folder at the path of a file, and replaces a link or a pipe there", async ({ skip }) => {
      if (why !== null) skip(why);
      const at = make();
      expect(await place(at, [{ kind: "folder", path: "work" }])).toMatchObject({ ok: true });
      const names = ["CLAUDE.md", "AGENTS.md", ".input"];
      mkdirSync(join(at.folder, "work/CLAUDE.md/deep"), { recursive: true });
      symlinkSync("/etc/hostname", join(at.folder, "work/AGENTS.md"));
      spawnSync("mkfifo", [join(at.folder, "work/.input")]);
      const entries = names.map((name) => file(`work/${name}`, "of the host"));
      expect(await place(at, entries)).toEqual({ ok: true, value: null });
      for (const name of names) {
        expect(lstatSync(join(at.folder, "work", name)).isFile()).toBe(true);
        expect(readFileSync(join(at.folder, "work", name), "utf8")).toBe("of the host");
      }
      expect(readdirSync(join(at.folder, "work")).filter((name) => name.endsWith(".aside"))).toHaveLength(1);
    });

    test("writes no file if a source has changed or was replaced by a link", async ({ skip }) => {
      if (why !== null) skip(why);
      const at = make();
      expect(await place(at, [file("in/a", "one")])).toMatchObject({ ok: true });
      const source = join(at.elsewhere, "source");
      writeFileSync(source, "0123456789");
      const seen = sourceOf(source);
      expect(await place(at, [seen])).toEqual({ ok: true, value: null });
      rmSync(join(at.folder, "in/source"));
      writeFileSync(source, "012345678");
      const refused = {
        ok: false,
        error: { code: "files-refused", message: expect.stringContaining("ESTALE") as unknown },
      };
      expect(await place(at, [file("in/a", "two"), seen])).toMatchObject(refused);
      rmSync(source);
      symlinkSync("/etc/passwd", source);
      const leads = {
        ok: false,
        error: { code: "files-refused", message: expect.stringContaining("ELOOP") as unknown },
      };
      expect(await place(at, [file("in/a", "two"), seen])).toMatchObject(leads);
      expect(tree(at.folder)).toEqual(["in/ 700", "in/a 600 one"]);
    });

    test("refuses a folder that is a link", async ({ skip }) => {
      if (why !== null) skip(why);
      const at = make();
      expect(await place(at, [file("a", "one")])).toMatchObject({ ok: true });
      rmSync(at.folder, { recursive: true });
      symlinkSync(at.elsewhere, at.folder);
      expect(await place(at, [file("a", "two")])).toMatchObject({
        ok: false,
        error: { code: "files-refused" },
      });
      expect(readdirSync(at.elsewhere)).not.toContain("a");
    });
  });

test("placeFiles refuses a folder without an absolute path", async () => {
  const refused = await placeFiles({ folder: "", whole: [], entries: [file("a", "one")] }, null);
  expect(refused).toMatchObject({ ok: false, error: { code: "files-refused" } });
});

test.for(["../../x", "a/b", "a b", "", ".ssh", "-r", "x".repeat(200)])(
  'folderBelow hashes the session id "%s"',
  (id) => expect(folderBelow("/home/ada/", id)).toMatch(/^\/home\/ada\/\.gatehouse\/agents\/[0-9a-f]{64}$/),
);

describe("placeFiles, in a HOME that other accounts may write to,", () => {
  test("refuses a folder of another account", { tags: ["rest"] }, async ({ skip }) => {
    if (whyNoAccounts !== null) skip(whyNoAccounts);
    const { service, ada } = makeAccounts();
    const home = `/home/${ada}`;
    chmodSync(home, 0o777);
    mkdirSync(join(home, ".gatehouse"), { mode: 0o777 });
    execFileSync("chown", ["-R", service, join(home, ".gatehouse")]);
    chmodSync(join(home, ".gatehouse"), 0o777);
    const refused = await placeFiles(
      { folder: folderBelow(home, "s-1"), whole: [], entries: [file("a", "secret")] },
      ada,
    );
    expect(refused).toMatchObject({
      ok: false,
      error: {
        code: "files-refused",
        message: expect.stringContaining("is not a folder of this account") as unknown,
      },
    });
    expect(readdirSync(join(home, ".gatehouse"))).toEqual([]);
  });

  test("removes the access of other accounts to a session's folder", { tags: ["rest"] }, async ({ skip }) => {
    if (whyNoAccounts !== null) skip(whyNoAccounts);
    const at = otherAccount();
    expect(await place(at, [file("a", "one")])).toMatchObject({ ok: true });
    chmodSync(at.folder, 0o777);
    expect(await place(at, [file("a", "two")])).toMatchObject({ ok: true });
    expect(statSync(at.folder).mode & 0o777).toBe(0o700);
  });
});
