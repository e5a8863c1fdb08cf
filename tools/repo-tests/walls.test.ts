import { fileURLToPath } from "node:url";
import { ESLint } from "eslint";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const eslint = new ESLint({ cwd: root });

// A rule of the linter that was never seen to refuse an import may refuse none.
test.for([
  { what: "a core that reads files", file: "packages/preflight/src/plan.ts", code: `import "node:fs";` },
  {
    what: "an edge between packages that is not listed",
    file: "packages/dialog-engine/src/screen/screen.ts",
    code: `import "@trust/preflight";`,
  },
  {
    what: "an app in a package",
    file: "packages/dialog-engine/src/node/pty.ts",
    code: `import "../../../../apps/host/src/main.ts";`,
  },
])("the walls refuse $what", async ({ file, code }) => {
  const [result] = await eslint.lintText(code, { filePath: `${root}${file}` });
  expect(result?.messages.map(({ ruleId }) => ruleId)).toContain("boundaries/dependencies");
});
