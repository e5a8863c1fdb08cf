import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

// The one test of what is published: it needs the build, and makes it if it is not there. `npm run
// pack:check` tries all Nodes.
test(
  "the packed packages pass publint and attw, and work in an empty project",
  { tags: ["slow"], timeout: 900_000 },
  async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["tools/scripts/pack-check.mjs", "--this-node"],
      {
        cwd: join(import.meta.dirname, "../.."),
      },
    );
    expect(stdout).toMatch(/^ok: /m);
  },
);
