import { runBareScript } from "../claude/bare-script.ts";
import type { Competitor } from "./competitor.ts";

/** The floor of every measurement with the real CLI. */
export const bareScript: Competitor = {
  name: "bare script",
  trust: (cli, claudeHome, folder) => runBareScript(cli, claudeHome, folder),
};
