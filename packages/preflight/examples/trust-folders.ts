import { exitCodeOf, parseConsents } from "@trust/preflight";
import { dataFolder, runPreflight } from "@trust/preflight/node";

const consents = parseConsents(["api-key=use"]);
if (!consents.ok) throw new TypeError(consents.error.message);

const report = await runPreflight(
  {
    folders: process.argv.slice(2),
    env: process.env,
    dataDir: dataFolder(process.env),
    consents: consents.value,
  },
  {
    onProgress: (event) => {
      if (event.type === "step") console.error(`${event.workspace} ${event.text}`);
      else console.error(`${event.result.workspace} ends as ${event.result.code}`);
    },
    onQuestion: async ({ answers }) => answers.find((text) => text === "skip") ?? null,
  },
);
for (const { workspace, code, fix = "" } of report.results) console.log(`${code} ${workspace} ${fix}`.trim());
process.exitCode = exitCodeOf(report);
