// @module-tag rest
import { existsSync, readFileSync, realpathSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { makeBed, type Bed } from "@gatehouse/test-kit";
import {
  readAnswer,
  acceptFolder,
  askFolder,
  controlArgs,
  quietVariables,
  type FolderAnswer,
  type ControlRequest,
} from "../../control/claude-protocol.ts";
import { openControlChannel, type ControlChannel, type Question } from "./control-channel.ts";

const slow = { tags: ["slow"] };
const real = process.env["GATEHOUSE_TEST_CLAUDE"];
const whyNot =
  real !== undefined && existsSync(real) ? null : "GATEHOUSE_TEST_CLAUDE names no real Claude Code";

/** The fake and the real CLI must behave alike, or the other tests prove nothing. */
const clis = [
  { name: "the fake", cli: ({ cli }: Bed) => cli, whyNot: null },
  { name: "the real Claude Code", cli: () => real ?? "", whyNot },
] as const;

const repository = { ".git/HEAD": "ref: refs/heads/main\n", ".git/objects/": "", ".git/refs/": "" };

const open = (bed: Bed, file: string): ControlChannel<ControlRequest, FolderAnswer> => {
  const env = { ...bed.request([]).env, ...quietVariables, DISABLE_AUTOUPDATER: "1" };
  const program = {
    file,
    args: controlArgs,
    env,
    cwd: bed.folder("neutral"),
    redact: (text: string) => text,
    readAnswer,
  };
  const channel = openControlChannel<ControlRequest, FolderAnswer>(program, new AbortController().signal);
  onTestFinished(() => channel.kill());
  return channel;
};

/** Asks again while the CLI is busy with the question before. */
const answer = async (
  channel: ControlChannel<ControlRequest, FolderAnswer>,
  request: Question<ControlRequest>["request"],
) => {
  for (;;) {
    const asked = await channel.ask({ request, timeoutMs: 60_000 });
    if (!asked.ok || asked.value.status !== "busy") return asked;
  }
};

const trusted = (bed: Bed): readonly string[] => (existsSync(bed.stateFile) ? bed.trusted() : []);

const yes = { ok: true, value: { status: "ok" } };
const needsTrust = (directory: string, trustRoot: string | null = null) => ({
  ok: true,
  value: { status: "needs-trust", directory, trustRoot },
});

describe.each(clis)("$name, asked over the control protocol", ({ cli, whyNot: reason }) => {
  test("names the folder and records nothing, then records an accepted folder", slow, async ({ skip }) => {
    skip(reason !== null, reason ?? "");
    const bed = makeBed({ door: "open" }, null);
    const [channel, folder] = [open(bed, cli(bed)), bed.folder("project")];
    expect(await answer(channel, (id) => askFolder(id, folder))).toEqual(needsTrust(folder));
    expect(trusted(bed)).toEqual([]);
    expect(await answer(channel, (id) => acceptFolder(id, folder, folder))).toMatchObject(yes);
    expect(trusted(bed)).toEqual([folder]);
    expect(await channel.closeInput(20_000)).toBe(true);
    expect(existsSync(`${bed.stateFile}.lock`)).toBe(false);
    expect(JSON.parse(readFileSync(bed.stateFile, "utf8"))).toHaveProperty("projects");
  });

  test(
    "names the repository as the root of its sub-folder, and a link by its target",
    slow,
    async ({ skip }) => {
      skip(reason !== null, reason ?? "");
      const bed = makeBed({ door: "open" }, null);
      const channel = open(bed, cli(bed));
      const repo = realpathSync(bed.folder("repo", { ...repository, "sub/": "" }));
      const sub = join(repo, "sub");
      expect(await answer(channel, (id) => askFolder(id, sub))).toEqual(needsTrust(sub, repo));
      const [plain, link] = [bed.folder("plain"), join(bed.root, "link")];
      symlinkSync(plain, link);
      expect(await answer(channel, (id) => askFolder(id, link))).toEqual(needsTrust(plain));
      expect(await answer(channel, (id) => acceptFolder(id, sub, sub))).toMatchObject(yes);
      expect(trusted(bed)).toEqual([repo]);
    },
  );

  test("records nothing if another folder is pinned than the named one", slow, async ({ skip }) => {
    skip(reason !== null, reason ?? "");
    const bed = makeBed({ door: "open" }, null);
    const [channel, folder, other] = [open(bed, cli(bed)), bed.folder("project"), bed.folder("other")];
    expect(await answer(channel, (id) => acceptFolder(id, folder, other))).toEqual(needsTrust(folder));
    expect(trusted(bed)).toEqual([]);
  });

  test("refuses a missing folder, and keeps answering", slow, async ({ skip }) => {
    skip(reason !== null, reason ?? "");
    const bed = makeBed({ door: "open" }, null);
    const [channel, folder] = [open(bed, cli(bed)), bed.folder("project")];
    const gone = join(bed.root, "gone");
    expect(await answer(channel, (id) => askFolder(id, gone))).toMatchObject({
      value: { status: "refused" },
    });
    expect(await answer(channel, (id) => askFolder(id, folder))).toEqual(needsTrust(folder));
  });

  test("reports explicitly that it does not know a request", slow, async ({ skip }) => {
    skip(reason !== null, reason ?? "");
    const bed = makeBed({ door: "open" }, null);
    const unknown = (id: string): ControlRequest => {
      const request = { subtype: "gatehouse_unknown" as "set_cwd", path: "/" };
      return { type: "control_request", request_id: id, request };
    };
    expect(await answer(open(bed, cli(bed)), unknown)).toEqual({
      ok: true,
      value: { status: "unsupported" },
    });
  });
});
