import {
  chmodSync,
  chownSync,
  linkSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, onTestFinished, test } from "vitest";
import { explain } from "../../user-messages.ts";
import { journalsIn } from "./journals.ts";

const withFolder = () => {
  const parent = mkdtempSync(join(realpathSync(tmpdir()), "journals-"));
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
  const folder = join(parent, "runs");
  return { folder, journals: journalsIn(folder) };
};

const opened = async (journals: ReturnType<typeof journalsIn>, usersFile: string) => {
  const journal = await journals.open(usersFile);
  if (!journal.ok) throw new Error(journal.error.code);
  return journal.value;
};

describe("journalsIn", () => {
  test("makes its folder, and a journal for each users.yaml that only this account can read", async () => {
    const { folder, journals } = withFolder();
    const [one, two] = [await opened(journals, "/a/users.yaml"), await opened(journals, "/b/users.yaml")];
    expect(statSync(folder).mode & 0o777).toBe(0o755);
    expect(statSync(journals.pathOf("/a/users.yaml")).mode & 0o777).toBe(0o600);
    for (const journal of [one, two]) expect(await journal.close("remove")).toMatchObject({ ok: true });
  });

  test("opens a journal of which a kill cut the last line", async () => {
    const { journals } = withFolder();
    const journal = await opened(journals, "/users.yaml");
    await journal.append({ record: "begin", step: 0 });
    await journal.close("keep");
    const path = journals.pathOf("/users.yaml");
    truncateSync(path, statSync(path).size - 3);
    const again = await opened(journals, "/users.yaml");
    expect(again.records).toEqual([]);
    await again.append({ record: "undo" });
    await again.close("keep");
    const last = await opened(journals, "/users.yaml");
    expect(last.records).toEqual([{ record: "undo" }]);
    await last.close("remove");
  });

  test.for<{ what: string; spoil: (folder: string, path: string) => void }>([
    { what: "a folder that others may write", spoil: (folder) => chmodSync(folder, 0o777) },
    { what: "a folder of another account", spoil: (folder) => chownSync(folder, 65534, 65534) },
    { what: "a journal of another account", spoil: (_, path) => chownSync(path, 65534, 65534) },
    { what: "a journal with a second name", spoil: (folder, path) => linkSync(path, join(folder, "copy")) },
    {
      what: "a link in place of the journal",
      spoil: (_, path) => {
        rmSync(path);
        symlinkSync("/etc/hostname", path);
      },
    },
  ])("refuses $what", async ({ spoil }, { skip }) => {
    if (process.getuid?.() !== 0) skip("needs root: it gives files away");
    const { folder, journals } = withFolder();
    await (await opened(journals, "/users.yaml")).close("keep");
    const path = journals.pathOf("/users.yaml");
    spoil(folder, path);
    const refused = await journals.open("/users.yaml");
    expect(refused).toMatchObject({ ok: false, error: { code: "journal-unusable", path } });
    expect(refused.ok ? "" : explain(refused.error)).toContain(
      `The journal ${path} cannot be used: ${folder}`,
    );
  });
});
