// @module-tag rest
import { existsSync, mkdtempSync, realpathSync, rmSync, statSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openTerminal } from "../users/terminal.fixture.ts";
import { folderOf, ownerOf } from "@gatehouse/first-run/ask";

const slow = { tags: ["slow"] };
const enter = "\r";
const clear = "\x15";

const newFolder = (name: string): string => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "init-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return join(root, name);
};

describe("gatehouse init, at a terminal", () => {
  test("asks for all values without flags, and ends with commands to paste", slow, async () => {
    const data = newFolder("my data");
    const terminal = await openTerminal(["init", "--data", data], { USER: "ada" });
    await terminal.answers("Name of the group", `${clear}Ana's agent${enter}`);
    await terminal.answers("Folder of the group", `${clear}../x${enter}`);
    await terminal.answers("cannot be the name of a group's folder", `${clear}ana${enter}`);
    await terminal.answers("The owner, as channel:name", enter);
    await terminal.answers("What answers", enter);
    await terminal.sees("local:ada is an owner.");
    await terminal.sees(`Next: gatehouse up --data '${data}'`);
    await terminal.sees(`gatehouse chat --group ana --data '${data}'`);
    expect(await terminal.ended).toMatchObject({ exitCode: 0 });
  });

  test(
    "asks for the CLI and the key of Claude Code, and a second time only for what is missing",
    slow,
    async () => {
      const data = newFolder("data");
      const args = ["init", "--data", data];
      const flags = ["--name", "Ana", "--folder", "ana", "--owner", "local:ana"];
      const first = await openTerminal([...args, ...flags, "--provider", "claude"], {
        PATH: "/proc/nowhere",
      });
      // At a terminal a group with all flags is made without questions about it.
      await first.answers("Claude Code is not installed. Fetch 2.1.", "n");
      await first.answers("The key of anthropic", `sk-ant-secret${enter}`);
      await first.sees("The key of anthropic is set, for all groups.");
      await first.sees("gatehouse init --fetch claude");
      await first.sees(/Agents run (?:in sandboxes|in containers|neither in)/);
      expect(first.screen()).not.toContain("sk-ant-secret");
      expect(await first.ended).toMatchObject({ exitCode: 0 });
      const second = await openTerminal(args, { PATH: "/proc/nowhere" });
      await second.answers("Claude Code is not installed. Fetch 2.1.", "n");
      await second.sees('There is "Ana", the owner');
      await second.sees("There is a key of anthropic.");
      expect(second.screen()).not.toMatch(/Name of the group|The key of anthropic,/);
      expect(await second.ended).toMatchObject({ exitCode: 0 });
      expect(statSync(join(data, "secrets.json")).mode & 0o777).toBe(0o600);
    },
  );

  test("goes on without a key if none is typed", slow, async () => {
    const data = newFolder("data");
    const flags = ["--name", "Ana", "--folder", "ana", "--provider", "claude", "--data", data];
    const terminal = await openTerminal(["init", ...flags], { PATH: "/proc/nowhere" });
    await terminal.answers("Fetch 2.1.", "n");
    await terminal.answers("The key of anthropic", enter);
    await terminal.sees(`gatehouse secrets set anthropic --data ${data}`);
    expect(await terminal.ended).toMatchObject({ exitCode: 0 });
    expect(existsSync(join(data, "secrets.json"))).toBe(false);
  });

  test("makes nothing if the questions are cancelled", slow, async () => {
    const data = newFolder("data");
    const terminal = await openTerminal(["init", "--data", data]);
    await terminal.answers("Name of the group", "\x03");
    await terminal.sees("Nothing was made");
    expect(await terminal.ended).toMatchObject({ exitCode: 130 });
    expect(existsSync(data)).toBe(false);
  });
});

test.for([
  { name: "Ana's agent", folder: "ana-s-agent" },
  { name: "Änne", folder: "nne" },
  { name: "日本", folder: "agent" },
])("proposes the folder $folder for $name", ({ name, folder }) => expect(folderOf(name)).toBe(folder));

test.for([
  { USER: "ada", owner: "local:ada" },
  { USER: "ada.lovelace", owner: "local:ada.lovelace" },
  { USER: "CORP\\ada", owner: "local:CORP\\ada" },
  { USER: "ada lovelace", owner: "local:home" },
  { USER: "a/da", owner: "local:home" },
  { USER: "a:da", owner: "local:home" },
])("proposes $owner as the owner to the account $USER", ({ USER, owner }) =>
  expect(ownerOf({ USER }, "home")).toBe(owner),
);

test.for([{ env: {} }, { env: { USER: "" } }])("proposes the account as the owner for $env", ({ env }) =>
  expect(ownerOf(env, "home")).toBe(`local:${userInfo().username}`),
);
