import { realpathSync } from "node:fs";
import process from "node:process";
import { claudePack } from "../src/rules/claude.ts";
import { driveDialogs } from "../src/drive-dialogs.ts";
import { impliedConsents } from "../src/consents.ts";
import { openPty } from "../src/node/open-pty.ts";
import { systemClock } from "../src/node/system-clock.ts";

const [file = "claude", folder = process.cwd()] = process.argv.slice(2);
const cwd = realpathSync(folder);

const pty = await openPty({ file, args: [], cwd, env: process.env });
if (!pty.ok) throw new Error(`${pty.error.code}: ${pty.error.message}`);

const result = await driveDialogs({
  terminal: pty.value,
  clock: systemClock,
  pack: claudePack,
  consents: { ...impliedConsents, "api-key": "use" },
  folder: { path: cwd },
  until: "ready",
});

console.log(result.outcome, result.dialogs.join(" "));
pty.value.kill();
