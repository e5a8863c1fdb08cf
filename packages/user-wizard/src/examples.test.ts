import { execFile } from "node:child_process";
import { chmod, mkdtemp, realpath, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);
const example = fileURLToPath(new URL("../examples/add-a-user.ts", import.meta.url));

const show = (folder: string) => {
  const words = [folder, "telegram_id=7", "name=a: b", "os_user=daemon"];
  return run(process.execPath, ["--conditions=@nc/source", "--import", "tsx", example, ...words]);
};

// `daemon` is an account of every Linux and macOS; nothing is written without --apply.
test(
  "examples/add-a-user.ts shows what it would do, and why it would not",
  { tags: ["slow"] },
  async ({ skip }) => {
    if (process.platform === "win32") skip("needs accounts as Linux and macOS have them");
    const folder = await realpath(await mkdtemp(join(tmpdir(), "example-")));
    await writeFile(join(folder, "users.yaml"), "users:\n- telegram_id: 1\n  name: Bob\n");
    await expect(show(folder)).rejects.toThrow(`daemon may not pass ${folder}: it lacks x there.`);
    await chmod(folder, 0o711);
    const { stdout } = await show(folder);
    const files = await readdir(folder);
    await rm(folder, { recursive: true });
    expect(files).toEqual(["users.yaml"]);
    expect(stdout).toContain('+- telegram_id: 7\n+  name: "a: b"\n+  role: user\n+  os_user: daemon\n');
    expect(stdout).toContain(`gives ${folder}/users/memory/7 to daemon`);
  },
);
