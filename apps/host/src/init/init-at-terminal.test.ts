import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openTerminal } from "../users/terminal.fixture.ts";
import { folderOf } from "./ask-init.ts";

const slow = { tags: ["slow"] };
const enter = "\r";
const clear = "\x15";

const newFolder = (name: string): string => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "init-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return join(root, name);
};

describe("gatehouse init, at a terminal", () => {
  test("asks for what no flag said, and ends with lines that can be pasted", slow, async () => {
    const data = newFolder("my data");
    const terminal = await openTerminal(["init", "--data", data]);
    await terminal.answers("Name of the group", `${clear}Ana's agent${enter}`);
    await terminal.answers("Folder of the group", `${clear}../x${enter}`);
    await terminal.answers("cannot be the name of a group's folder", `${clear}ana${enter}`);
    await terminal.answers("The owner, as channel:name", enter);
    await terminal.answers("What answers", enter);
    await terminal.sees("local:ana is an owner.");
    await terminal.sees(`Next: gatehouse up --data '${data}'`);
    await terminal.sees(`gatehouse chat --group ana --data '${data}'`);
    expect(await terminal.ended).toMatchObject({ exitCode: 0 });
  });

  test("makes nothing where the questions are cancelled", slow, async () => {
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
