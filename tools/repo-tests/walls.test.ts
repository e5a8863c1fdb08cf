import { fileURLToPath } from "node:url";
import { ESLint } from "eslint";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const eslint = new ESLint({ cwd: root });

// A rule of the linter that was never seen to refuse an import may refuse none.
test.for([
  { what: "a core that reads files", file: "packages/preflight/src/plan.ts", code: `import "node:fs";` },
  {
    what: "an app in a room of the host",
    file: "internal/host/sessions/src/index.ts",
    code: `import "../../../../apps/host/src/main.ts";`,
  },
  {
    what: "a room of the host in a room of trust",
    file: "internal/trust/trust-cli/src/index.ts",
    code: `import "../../../host/wire/src/index.ts";`,
  },
])("the walls refuse $what", async ({ file, code }) => {
  const [result] = await eslint.lintText(code, { filePath: `${root}${file}` });
  expect(result?.messages.map(({ ruleId }) => ruleId)).toContain("boundaries/dependencies");
});
