import { execFileSync } from "node:child_process";
import {
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { tempFolder } from "@gatehouse/socket-server/testing";
import { describe, expect, test } from "vitest";
import type { FileSource, OutsideFile } from "./loop/with-files.ts";
import { outboxIn } from "./outbox.ts";

const place = () => {
  const base = realpathSync(tempFolder());
  const [session, cwd, outbox] = [
    join(base, "sessions/s-1"),
    join(base, "groups/home"),
    join(base, "outbox"),
  ];
  for (const folder of [
    `${session}/in`,
    `${session}/out/inbox/m-1`,
    `${session}/out/tmp`,
    `${session}/out/claude`,
  ])
    mkdirSync(folder, { recursive: true });
  for (const folder of [`${cwd}/sub`, `${base}/groups/home-of-ana`, outbox])
    mkdirSync(folder, { recursive: true });
  const files = {
    own: `${cwd}/own.txt`,
    nested: `${cwd}/sub/nested.txt`,
    received: `${session}/out/inbox/m-1/a.png`,
    temporary: `${session}/out/tmp/plot.txt`,
    secrets: `${base}/secrets.json`,
    sibling: `${base}/groups/home-of-ana/diary.txt`,
    token: `${session}/out/gateway-token`,
    settings: `${session}/in/container.json`,
    transcript: `${session}/out/claude/settings.json`,
  };
  for (const path of Object.values(files)) writeFileSync(path, `text of ${path}`);
  const asked: OutsideFile[][] = [];
  const send = (paths: readonly FileSource[], answer: string | null = "a person said no") =>
    outboxIn(outbox, { folder: session, cwd })("m-1", paths, (outside) => {
      asked.push([...outside]);
      return Promise.resolve(answer);
    });
  return { ...files, base, cwd, session, outbox, asked, send };
};

type OutboxFixture = ReturnType<typeof place>;

test("a text goes out unasked as a file of its name, beside a file of the folder", async () => {
  const { outbox, asked, own, send } = place();
  const sent = await send([{ name: "answer.md", text: "größer" }, own]);
  expect(sent).toMatchObject({ files: [{ name: "answer.md", size: 8 }, { name: "own.txt" }], problems: [] });
  expect(readFileSync(join(outbox, "m-1", "answer.md"), "utf8")).toBe("größer");
  expect(asked).toEqual([]);
});

describe("files of a message", () => {
  test.each<[string, (of: OutboxFixture) => string]>([
    ["in the group's folder", ({ own }) => own],
    ["below it", ({ nested }) => nested],
    ["with a relative path", () => "own.txt"],
    ["with a path that goes up and comes back", () => "sub/../own.txt"],
    ["that came with a message", ({ received }) => received],
    ["in the session's folder for temporary files", ({ temporary }) => temporary],
    [
      "by a link within the group's folder",
      ({ cwd, nested }) => (symlinkSync(nested, `${cwd}/l`), `${cwd}/l`),
    ],
    ["by a link from elsewhere", ({ base, own }) => (symlinkSync(own, `${base}/l`), `${base}/l`)],
    ["by a name with a line break", ({ cwd }) => (writeFileSync(`${cwd}/a\nb`, "x"), `${cwd}/a\nb`)],
    ["by /proc/self/root", ({ own }) => `/proc/self/root${own}`],
  ])("go out unasked: one %s", async (_, path) => {
    const of = place();
    const sent = await of.send([path(of)]);
    expect(of.asked).toEqual([]);
    expect(sent).toMatchObject({ files: [{}], problems: [] });
  });

  // Each of them went out unasked before.
  test.each<[string, (of: OutboxFixture) => string, ((of: OutboxFixture) => string)?]>([
    ["elsewhere on the machine", ({ secrets }) => secrets],
    ["by ..", () => "../../secrets.json"],
    ["in another group's folder of a like name", ({ sibling }) => sibling],
    ["with the gateway's token", ({ token }) => token],
    ["with the session's settings", ({ settings }) => settings],
    ["of the CLI's own folder", ({ transcript }) => transcript],
    ["by a link", ({ cwd, secrets }) => (symlinkSync(secrets, `${cwd}/LICENSE`), "LICENSE")],
    ["by a folder link", ({ cwd, base }) => (symlinkSync(base, `${cwd}/docs`), "docs/secrets.json")],
    [
      "by a chain of links",
      ({ cwd }) => {
        symlinkSync("../../..", `${cwd}/sub/up`);
        symlinkSync("sub/up/secrets.json", `${cwd}/f`);
        return "f";
      },
    ],
    [
      "by .. after a link",
      ({ cwd, session }) => (symlinkSync(`${session}/in`, `${cwd}/in`), "in/../../../secrets.json"),
    ],
    ["by /proc/self/root", ({ secrets }) => `/proc/self/root${secrets}`],
    ["by /proc/self/cwd", ({ secrets }) => `/proc/self/cwd/${"../".repeat(30)}${secrets}`],
    [
      "by a hard link",
      ({ cwd, secrets }) => (linkSync(secrets, `${cwd}/same`), "same"),
      ({ cwd }) => `${cwd}/same`,
    ],
    [
      "by a link with a line break in its name",
      ({ cwd, secrets }) => (symlinkSync(secrets, `${cwd}/a\nb`), "a\nb"),
    ],
  ])("wait for a person: one %s", async (title, path, realPath) => {
    const of = place();
    const given = path(of);
    const real = realPath?.(of) ?? realpathSync(given.startsWith("/") ? given : `${of.cwd}/${given}`);
    expect((await of.send([of.own, given])).files, title).toEqual([
      { name: "own.txt", size: expect.any(Number) },
    ]);
    expect(of.asked).toEqual([[{ index: 1, path: given, realPath: real }]]);
    expect((await of.send([given])).problems).toEqual([expect.stringContaining("a person said no")]);
    expect(readdirSync(join(of.outbox, "m-1"))).toEqual([]);
    expect((await of.send([given], null)).files).toHaveLength(1);
  });

  test("goes out as it was opened, also if the link is changed while a person decides", async () => {
    const { cwd, own, secrets, session, outbox } = place();
    const link = join(cwd, "report");
    symlinkSync(join(session, "in/container.json"), link);
    const sent = await outboxIn(outbox, { folder: session, cwd })("m-1", [link, own], () => {
      execFileSync("ln", ["-sfn", secrets, link]);
      return Promise.resolve(null);
    });
    expect(sent.problems).toEqual([]);
    expect(readFileSync(join(outbox, "m-1", "report"), "utf8")).toBe(`text of ${session}/in/container.json`);
  });

  test.each<[string, (of: OutboxFixture) => string]>([
    ["a folder", ({ cwd }) => cwd],
    ["a pipe", ({ cwd }) => (execFileSync("mkfifo", [`${cwd}/pipe`]), `${cwd}/pipe`)],
    ["a device", () => "/dev/zero"],
    ["a missing file", () => "nothing"],
    ["a loop of links", ({ cwd }) => (symlinkSync("loop", `${cwd}/loop`), "loop")],
  ])("are left out unasked: %s", async (_, path) => {
    const of = place();
    const sent = await of.send([path(of)]);
    expect(sent).toMatchObject({ files: [], problems: [expect.stringContaining("was not sent")] });
    expect(of.asked).toEqual([]);
  });
});
