import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

// The one test of what is published: it needs the build, and makes it if it is not there.
test(
  "the packed packages pass publint and attw, and work in an empty project",
  { tags: ["slow"] },
  async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ["scripts/pack-check.mjs"], {
      cwd: import.meta.dirname,
    });
    expect(stdout).toMatch(/^ok: /m);
  },
);
