import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

// The one test of what is published: it needs the build, and makes it if it is not there. `npm run
// pack:check` tries all Nodes.
test(
  "the packed packages pass publint and attw, and work in an empty project",
  { tags: ["slow"], timeout: 900_000 },
  async ({ signal }) => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["tools/scripts/pack-check.mjs", "--this-node"],
      // Where its time is over it ends too, and does not go on beside the other tests.
      { cwd: join(import.meta.dirname, "../.."), signal },
    );
    expect(stdout).toMatch(/^ok: /m);
  },
);
